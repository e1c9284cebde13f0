/*
 * field_text.h - the text of a header field that we write: lines folded, everything from outside
 * cleaned.
 *
 * Whatever the arguments hold, the text stays one field: no line end but a fold (LF and a tab, as
 * milter wants it), no control character, no octet beyond ASCII, no open quote or comment.
 */
#ifndef ASSAY_FIELD_TEXT_H
#define ASSAY_FIELD_TEXT_H

#include "base/text.h"

struct field_text {
	struct text text;
	size_t column; /* of the line that is being written */
};

/* `name` is that of the field, which stands on its first line. */
void field_text_begin(struct field_text *field, struct arena *arena, const char *name);

/* A word of its own, to be filled with the functions below and then added. */
void field_text_word(const struct field_text *field, struct text *word);

/* After a blank on this line where it fits, else on the next one. The first word stands by itself.
 */
void field_text_add(struct field_text *field, const struct text *word, bool new_line);

/* Right behind what is there, on the same line. */
void field_text_append(struct field_text *field, const char *text);

/* RFC 2045 5.1: may stand without quotes as a value of RFC 8601. */
bool field_text_is_token(const char *value);

/* RFC 5322 3.2.3: atoms with dots between, from `at` to before `end`. */
bool field_text_is_dot_atom(const char *at, const char *end);

/* Can it be said without an escape: printable ASCII without quotes and backslashes, not empty and
 * no longer than an address can be? "=" may stand only in the local part of an address, and there
 * not behind the name of a method or property (imitation.h). */
bool field_text_is_plain(const char *value);

void field_text_quote(struct text *word, const char *value);

/* A text for people, between `open` and `close`: a few characters are replaced, among them each "="
 * but that of a tag ("t=y"); a long text is cut. */
void field_text_text(struct text *word, const char *open, const char *text, const char *close);

#endif
