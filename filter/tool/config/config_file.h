/*
 * config_file.h - the text of a settings file, and where in it one setting stands. For changing one
 * value and leaving every other octet as it is.
 */
#ifndef ASSAY_CONFIG_FILE_H
#define ASSAY_CONFIG_FILE_H

#include <stdbool.h>
#include <stddef.h>

/* Offsets into the text. */
struct config_file_place {
	bool found;        /* the setting stands there ... */
	size_t begin, end; /* ... with this value */
	bool has_group;    /* else: its group does ... */
	size_t inside;     /* ... whose members begin here */
};

/* `text` is what libconfig reads without an error. `name` is full, "dmarc.enforce", of a setting
 * outside of lists. What @include takes in is not looked at. */
struct config_file_place config_file_find(const char *text, const char *name);

#endif
