/*
 * version.h - the version of the programs, and of the libraries that they run with.
 */
#ifndef ASSAY_VERSION_H
#define ASSAY_VERSION_H

#include <stdio.h>

/* "assayd 0.1.0", then a line "  NAME VERSION" a library (all but libmilter, which only assayd
 * has, and jansson, which only assay has). */
void version_print(const char *program, FILE *to);

#endif
