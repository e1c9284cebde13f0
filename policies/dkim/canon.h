/*
 * canon.h - canonical forms of header fields and bodies (RFC 6376 3.4), which signatures sign.
 *
 * Everything goes to a sink piece by piece; nothing is copied as a whole.
 */
#ifndef ASSAY_CANON_H
#define ASSAY_CANON_H

#include <stdbool.h>
#include <stddef.h>

enum canonicalization {
	CANON_SIMPLE,
	CANON_RELAXED
};
extern const char *const canon_names[]; /* "simple", "relaxed" */

typedef void canon_sink(void *context, const void *bytes, size_t length);

/* One field, name and value as in struct header, without the line end that follows it (RFC
 * 6376 3.4.1, 3.4.2). */
void canon_field(enum canonicalization form, const char *name, const char *value, canon_sink *sink,
                 void *context);

/* Does the value have octets that libopendkim folds in relaxed form, against RFC 6376 2.8: a
 * vertical tab, a form feed, or a CR without LF? */
bool canon_is_disputed(const char *value);

enum {
	CANON_PIECE = 4096
};

/* A body under way (RFC 6376 3.4.3, 3.4.4). */
struct canon_body {
	enum canonicalization form;
	canon_sink *sink;
	void *context;
	size_t line_ends; /* the latest; they count only if something follows */
	bool white;       /* relaxed: the latest octets of this line are white space */
	bool any;         /* there is something in the body */
	size_t filled;
	char piece[CANON_PIECE];
};

void canon_body_begin(struct canon_body *body, enum canonicalization form, canon_sink *sink,
                      void *context);

/* Octets as line_ends.h passes them on: with CRLF line ends, never split between CR and LF, and a
 * line end at the end of the body. A CR without LF is text. */
void canon_body_add(struct canon_body *body, const unsigned char *bytes, size_t length);
void canon_body_end(struct canon_body *body);

#endif
