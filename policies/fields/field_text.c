/*
 * field_text.c - folds and cleans the text of a header field. Called by results_field.c and
 * received_spf.c only.
 */
#include "fields/field_text.h"

#include <string.h>

#include "base/invariant.h"
#include "fields/imitation.h"

enum {
	LINE_LENGTH_MAX = 78,
	TAB_WIDTH = 8,
	WORD_MAX = 4096,
	WORDS_MAX = 200, /* octets of a text for people; the rest is cut */
	VALUE_MAX = 320, /* of a value, as of an address (RFC 5321 4.5.3.1) */
	TEXT_MAX = 1 << 20
};

static bool is_clean(char byte)
{
	return byte >= ' ' && byte < 0x7F;
}

void field_text_begin(struct field_text *field, struct arena *arena, const char *name)
{
	text_begin(&field->text, arena, TEXT_MAX);
	field->column = strlen(name) + 1;
}

void field_text_word(const struct field_text *field, struct text *word)
{
	text_begin(word, field->text.arena, WORD_MAX);
}

void field_text_add(struct field_text *field, const struct text *word, bool new_line)
{
	invariant(field->text.bytes != NULL && word->bytes != NULL);
	if (field->text.length > 0 &&
	    (new_line || field->column + 1 + word->length > LINE_LENGTH_MAX)) {
		text_add(&field->text, "\n\t");
		field->column = TAB_WIDTH;
	} else if (field->text.length > 0) {
		text_add(&field->text, " ");
		field->column++;
	} else {
		/* the blank after the colon, which the mail server writes */
		field->column++;
	}
	text_add_bytes(&field->text, word->bytes, word->length);
	field->column += word->length;
}

void field_text_append(struct field_text *field, const char *text)
{
	text_add(&field->text, text);
	field->column += strlen(text);
}

bool field_text_is_token(const char *value)
{
	for (const char *byte = value; *byte != '\0'; byte++)
		if (!is_clean(*byte) || strchr(" ()<>@,;:\\\"/[]?=", *byte) != NULL)
			return false;
	return *value != '\0';
}

bool field_text_is_dot_atom(const char *at, const char *end)
{
	bool dot = true;

	for (; at < end; at++) {
		bool is_dot = *at == '.';

		if (!is_clean(*at) || strchr(" ()<>@,;:\\\"[]", *at) != NULL || (is_dot && dot))
			return false;
		dot = is_dot;
	}
	return !dot;
}

/* In the local part of an address "=" is common, in no other value. */
static bool has_sound_equals(const char *value)
{
	const char *at = strrchr(value, '@');

	if (strchr(value, '=') == NULL)
		return true;
	return at != NULL && field_text_is_dot_atom(value, at) && field_text_is_token(at + 1) &&
	       !imitation_in_address(value);
}

bool field_text_is_plain(const char *value)
{
	if (strnlen(value, VALUE_MAX + 1) > VALUE_MAX)
		return false;
	for (const char *byte = value; *byte != '\0'; byte++)
		if (!is_clean(*byte) || *byte == '"' || *byte == '\\')
			return false;
	return *value != '\0' && has_sound_equals(value);
}

void field_text_quote(struct text *word, const char *value)
{
	text_add(word, "\"");
	for (const char *byte = value; *byte != '\0'; byte++) {
		if (*byte == '"' || *byte == '\\')
			text_add(word, "\\");
		text_add_bytes(word, is_clean(*byte) ? byte : "?", 1);
	}
	text_add(word, "\"");
}

/*
 * Readers of these fields are not all careful: some end a quoted-string at \" or look for
 * semicolons, comments and results inside of one. So such characters are replaced, not quoted.
 */
void field_text_text(struct text *word, const char *open, const char *text, const char *close)
{
	static const char from[] = "\"\\;()", to[] = "'/,[]";

	text_add(word, open);
	for (size_t i = 0; text[i] != '\0' && i < WORDS_MAX; i++) {
		const char *found = strchr(from, text[i]);

		bool shown = is_clean(text[i]) && (text[i] != '=' || imitation_is_tag(text, i));

		if (found != NULL)
			text_add_bytes(word, &to[found - from], 1);
		else
			text_add_bytes(word, shown ? &text[i] : "?", 1);
	}
	text_add(word, close);
}
