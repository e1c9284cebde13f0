/*
 * whole_file.h - a file in memory, for programs that scripts drive.
 */
#ifndef ASSAY_WHOLE_FILE_H
#define ASSAY_WHOLE_FILE_H

#include "base/arena.h"

/* Its octets, in the arena. Ends the program with status 2 and a sentence where it cannot be read.
 */
char *whole_file_read(struct arena *arena, const char *path, size_t *length);

#endif
