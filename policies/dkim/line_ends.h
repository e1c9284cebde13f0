/*
 * line_ends.h - a body in chunks, with every line end made CRLF on the way and one at its very end.
 *
 * A bare LF counts as a line end, since mail servers send it on as CRLF. A bare CR is an octet like
 * any other: it ends no line (RFC 6376 3.4), and it reaches the next server as it is.
 */
#ifndef ASSAY_LINE_ENDS_H
#define ASSAY_LINE_ENDS_H

#include <stdbool.h>
#include <stddef.h>

struct line_ends {
	void (*give)(void *with, const unsigned char *bytes, size_t length);
	void *with;
	bool held;    /* the last chunk ended in a CR that has not been given yet */
	bool unended; /* the last octet given was not the LF of a CRLF */
};

/* What needs no change is given as pointers into `bytes`, in pieces that never end between CR and
 * LF. Time is linear in `length`. */
void line_ends_pass(struct line_ends *ends, const unsigned char *bytes, size_t length);

/* Once, after the last chunk: a body that does not end with a line end gets one (RFC
 * 6376 3.4.3, 3.4.4). */
void line_ends_finish(struct line_ends *ends);

#endif
