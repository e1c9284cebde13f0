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

/* `published` NULL: nobody asked the DNS. Memory is `arena`'s, and printed at once. */
void key_print_file(struct key_print *print, const struct key_file *file,
                    const struct key_published *published, struct arena *arena);

/* `domain` was asked for; NULL: all. */
void key_print_end(struct key_print *print, const char *domain);

/* How assayd learns of changed files, after each change. */
void key_print_reload(void);

#endif
