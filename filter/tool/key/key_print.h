/*
 * key_print.h - the lists of `assay key list` and `assay key check`, for people and as JSON.
 */
#ifndef ASSAY_KEY_PRINT_H
#define ASSAY_KEY_PRINT_H

#include "tool/key/key.h"

struct key_print {
	bool json;
	size_t lines;
	const char *domain; /* of the line before */
};

/* Prints one key; `published` is NULL without a lookup. Memory is `arena`'s. */
void key_print_file(struct key_print *print, const struct key_file *file,
                    const struct key_published *published, struct arena *arena);

/* Ends the list; `domain` is the argument, NULL without one. */
void key_print_end(struct key_print *print, const char *domain);

/* Prints how to make assayd read changed files. */
void key_print_reload(void);

#endif
