/*
 * line_ends.h - makes every line end of a body in chunks CRLF, and adds one at its end.
 *
 * A bare LF counts as a line end, since mail servers send it on as CRLF. A bare CR does not (RFC
 * 6376 3.4): mail servers pass it on unchanged.
 */
#ifndef ASSAY_LINE_ENDS_H
#define ASSAY_LINE_ENDS_H

#include <stdbool.h>
#include <stddef.h>

/* The caller sets `give` and `context`; the rest is 0 at first. */
struct line_ends {
	void (*give)(void *context, const unsigned char *bytes, size_t length);
	void *context;
	bool held;    /* the last chunk ended in a CR that was not passed on yet */
	bool unended; /* the last octet that was passed on was not the LF of a CRLF */
};

/* Passes a chunk on to `give`, in pieces that never end between CR and LF and mostly point into
 * `bytes`. Time is linear in `length`. */
void line_ends_pass(struct line_ends *ends, const unsigned char *bytes, size_t length);

/* Once, after the last chunk: a body that does not end with a line end gets one (RFC
 * 6376 3.4.3, 3.4.4). */
void line_ends_finish(struct line_ends *ends);

#endif
