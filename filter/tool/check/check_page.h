/*
 * check_page.h - how `assay check` writes for people: headings, indented lines, colours where the
 * terminal wants them, and nothing from outside that could move a cursor.
 */
#ifndef ASSAY_CHECK_PAGE_H
#define ASSAY_CHECK_PAGE_H

#include <stdbool.h>
#include <stdio.h>

#include "base/arena.h"

enum check_colour {
	COLOUR_NONE,
	COLOUR_GOOD,
	COLOUR_DOUBT,
	COLOUR_BAD
};

struct check_page {
	FILE *to;
	bool coloured;
	bool ascii;   /* nothing beyond it may be written */
	bool written; /* something stands on it */
	struct arena *arena;
};

/* Colours only on a terminal, and not with NO_COLOR set or TERM=dumb; a terminal whose locale is
 * not UTF-8 gets ASCII alone. */
void check_page_begin(struct check_page *page, FILE *to, struct arena *arena);

/* "SPF  pass", with what follows on the same line. */
void check_page_heading(struct check_page *page, const char *name, const char *result,
                        enum check_colour colour, const char *rest);

void check_page_line(struct check_page *page, unsigned indent, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * A line in which each {} stands for one of the texts, made safe for a terminal; {40} fills it up
 * with blanks, as %-40s does. What stands in [brackets] is left out where one of its texts is NULL;
 * so is the whole line for a text outside of them, but {?} and {?40} take NULL for "".
 */
#define check_page_say(page, indent, sentence, ...)                                                \
	check_page_fill(page, indent, sentence,                                                    \
	                sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *),         \
	                (const char *const[]){__VA_ARGS__})
void check_page_fill(struct check_page *page, unsigned indent, const char *sentence, size_t count,
                     const char *const *texts);

/* The text made safe for a terminal; quotes and backslashes stay. "" for NULL. */
const char *check_page_safe(struct check_page *page, const char *text);

/* The same for a text of several lines; each begins with `indent` blanks. */
void check_page_lines(struct check_page *page, unsigned indent, const char *first,
                      const char *text);

#endif
