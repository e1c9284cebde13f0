/*
 * canon.h - canonicalisation of header fields and bodies (RFC 6376 3.4): what a signature is a
 * signature of.
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

typedef void canon_sink(void *with, const void *bytes, size_t length);

/* One field, name and value as in struct header, without the line end that follows it (RFC
 * 6376 3.4.1, 3.4.2). */
void canon_field(enum canonicalization form, const char *name, const char *value, canon_sink *sink,
                 void *with);

/* Holds a value what relaxed form folds to libopendkim, and not in RFC 6376 2.8: a vertical tab, a
 * form feed, or a CR that no LF follows? */
bool canon_is_disputed(const char *value);

enum {
	CANON_PIECE = 4096
};

/* A body under way (RFC 6376 3.4.3, 3.4.4). */
struct canon_body {
	enum canonicalization form;
	canon_sink *sink;
	void *with;
	size_t empty_lines; /* seen last; they count only if something follows */
	bool white;         /* relaxed: white space seen last on this line */
	bool on_line;       /* something of this line was given */
	bool any;           /* something was given at all */
	size_t filled;
	char piece[CANON_PIECE];
};

void canon_body_begin(struct canon_body *body, enum canonicalization form, canon_sink *sink,
                      void *with);

/* Bytes with CRLF line ends, never split between CR and LF, and one at the very end: what
 * line_ends.h gives. A CR without LF is an octet like any other. */
void canon_body_add(struct canon_body *body, const unsigned char *bytes, size_t length);
void canon_body_end(struct canon_body *body);

#endif
