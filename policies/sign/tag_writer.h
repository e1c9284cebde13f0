/*
 * tag_writer.h - writes the value of a field that is a list of tags (RFC 6376 3.2): one word after
 * the other, folded with LF and a tab as milter wants it.
 */
#ifndef ASSAY_TAG_WRITER_H
#define ASSAY_TAG_WRITER_H

#include "base/text.h"

struct tag_writer {
	struct text text; /* without the space that stands after the colon */
	size_t column;
};

/* `name` is that of the field, which stands on its first line; a value of more than `limit` octets
 * is cut. */
void tag_writer_begin(struct tag_writer *writer, struct arena *arena, const char *name,
                      size_t limit);

/* "d=example.org;", after a blank where it fits on the line. */
void tag_writer_add(struct tag_writer *writer, const char *tag);

/* "h=" and names with colons between, which may be folded there (RFC 6376 3.5). */
void tag_writer_names(struct tag_writer *writer, const char *names);

/* The value of b= or bh=, which may be folded anywhere; `end` follows it at once. */
void tag_writer_base64(struct tag_writer *writer, const char *text, const char *end);

#endif
