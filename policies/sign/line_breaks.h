/*
 * line_breaks.h - lines longer than the mail server sends them, in the form in which it does.
 *
 * Postfix's smtp(8) puts CRLF and a space after smtp_line_length_limit octets of a line, of the
 * header as of the body, after the last milter has spoken. What it adds counts for the next piece:
 * 998 octets, then a space and 997, and so on. RFC 5321 4.5.3.1.6 has the limit.
 */
#ifndef ASSAY_LINE_BREAKS_H
#define ASSAY_LINE_BREAKS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

struct line_rule {
	size_t limit; /* octets of a line without its end; at least 2 */
	bool breaks;  /* longer lines are broken as above; otherwise they are only noted */
};

/* A text that comes in chunks; zeroed but for `rule`, `write` and `context`. */
struct line_breaks {
	struct line_rule rule;
	void (*write)(void *context, const unsigned char *bytes, size_t length);
	void *context;
	size_t column;      /* octets of the line so far */
	bool has_held_cr;   /* the last chunk ended in a CR that has not been written yet */
	bool has_long_line; /* a line was longer than the limit */
};

/* Lines end with LF; a CR before it belongs to the end, any other octet to the line. Pieces point
 * into `bytes`. */
void line_breaks_pass(struct line_breaks *lines, const unsigned char *bytes, size_t length);

/* Once, after the last chunk. */
void line_breaks_finish(struct line_breaks *lines);

/* The value of a header field (struct header) as it will be sent: itself where no line of the field
 * is longer. `*has_long_line` becomes true where one is, and is left alone otherwise. */
const char *line_breaks_field(struct arena *arena, const struct line_rule *rule, const char *name,
                              const char *value, bool *has_long_line);

#endif
