/*
 * field_cursor.h - what every reader of a structured field steps over: white space, comments and
 * quoted-strings (RFC 5322 3.2).
 */
#ifndef ASSAY_FIELD_CURSOR_H
#define ASSAY_FIELD_CURSOR_H

#include <stdbool.h>

#include "base/arena.h"

struct field_cursor {
	const char *at;
	bool broken; /* a comment or a quoted-string that does not end */
};

/* Skips white space and comments, which may nest. Time is linear in what is skipped. */
void field_cursor_skip(struct field_cursor *cursor);

/* At a double quote: the text of the quoted-string, without its quoted pairs. NULL where it does
 * not end. */
const char *field_cursor_quoted(struct arena *arena, struct field_cursor *cursor);

#endif
