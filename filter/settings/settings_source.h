/*
 * settings_source.h - the text of a settings file and of all that it includes, as one, with the
 * place that each line came from.
 */
#ifndef ASSAY_SETTINGS_SOURCE_H
#define ASSAY_SETTINGS_SOURCE_H

#include "base/arena.h"
#include "base/problem.h"

struct settings_place {
	const char *file;
	unsigned line;
};

struct settings_source {
	const char *text; /* NUL-terminated, holds no other NUL and no @include any more */
	size_t line_count;
	const struct settings_place *places; /* of each line of `text` */
};

/*
 * Reads a file; a relative path in @include starts at the folder of the file named here. NULL and a
 * problem where a file cannot be read, is no regular file, or holds what libconfig would misread
 * without a word.
 */
const struct settings_source *settings_source_read(struct arena *arena, const char *path,
                                                   struct problem *problem);

/* The place of line 1, 2, ... of the text; the last one for a line beyond. */
const struct settings_place *settings_source_place(const struct settings_source *source,
                                                   unsigned line);

/* That line of the text for an error message: without its indentation and control bytes, cut where
 * long. */
const char *settings_source_line(const struct settings_source *source, unsigned line,
                                 struct arena *arena);

#endif
