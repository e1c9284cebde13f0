/*
 * results_field.c - writes one Authentication-Results value. Called by results.c alone; every octet from
 * outside passes add_words() or add_property().
 */
#include "results_field.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "domain.h"
#include "text.h"

enum {
	LINE_MOST = 78,
	NAME_WIDTH = sizeof "Authentication-Results: " - 1,
	TAB_WIDTH = 8,
	WORDS_MOST = 200, /* octets of a reason or comment; the rest is cut */
	VALUE_MOST = 320, /* of a value, as of an address (RFC 5321 4.5.3.1); a longer one is left out */
	TEXT_MOST = 1 << 20
};

struct results_field {
	struct text text;
	size_t column;
	bool has_result;
};

static bool is_clean(char byte)
{
	return byte >= ' ' && byte < 0x7F;
}

/* RFC 2045 5.1 */
static bool is_token(const char *value)
{
	for (const char *byte = value; *byte != '\0'; byte++)
		if (!is_clean(*byte) || strchr(" ()<>@,;:\\\"/[]?=", *byte) != NULL)
			return false;
	return *value != '\0';
}

/* RFC 5322 3.2.3 without its length: a dot-atom. */
static bool is_dot_atom(const char *at, const char *end)
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

/* [[local-part] "@"] domain-name, without anything that would want quoting. */
static bool is_address(struct arena *arena, const char *address)
{
	const char *at = strrchr(address, '@');
	const char *domain = at == NULL ? address : at + 1;

	if (!is_token(domain) || domain[strlen(domain) - 1] == '.' ||
	    domain_normalize(arena, domain, strlen(domain)) == NULL)
		return false;
	return at == NULL || at == address || is_dot_atom(address, at);
}

/* A quoted-string (RFC 5322 3.2.4). */
static void add_quoted(struct text *word, const char *value)
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
 * Words for people, between `open` and `close`. Readers of this field are not all careful: some end a
 * quoted-string at \" or look for semicolons and comments inside of one. So such characters are replaced, not
 * quoted.
 */
static void add_words(struct text *word, const char *open, const char *words, const char *close)
{
	static const char from[] = "\"\\;()", to[] = "'/,[]";

	text_add(word, open);
	for (size_t i = 0; words[i] != '\0' && i < WORDS_MOST; i++) {
		const char *found = strchr(from, words[i]);

		if (found != NULL)
			text_add_bytes(word, &to[found - from], 1);
		else
			text_add_bytes(word, is_clean(words[i]) ? &words[i] : "?", 1);
	}
	text_add(word, close);
}

static void begin_word(struct results_field *field, struct text *word)
{
	text_begin(word, field->text.arena, 4096);
}

/* On this line where it fits, else on the next one. */
static void add_word(struct results_field *field, const struct text *word, bool new_line)
{
	if (new_line || field->column + 1 + word->length > LINE_MOST) {
		text_add(&field->text, "\n\t");
		field->column = TAB_WIDTH;
	} else {
		text_add(&field->text, " ");
		field->column++;
	}
	text_add_bytes(&field->text, word->bytes, word->length);
	field->column += word->length;
}

struct results_field *results_field_begin(struct arena *arena, const char *authserv_id)
{
	struct results_field *field = arena_allocate(arena, sizeof *field);

	text_begin(&field->text, arena, TEXT_MOST);
	if (is_token(authserv_id))
		text_add(&field->text, authserv_id);
	else
		add_quoted(&field->text, authserv_id);
	field->column = NAME_WIDTH + field->text.length;
	return field;
}

void results_field_method(struct results_field *field, const char *method, const char *result)
{
	struct text word;

	begin_word(field, &word);
	text_add_format(&word, "%s=%s", method, result);
	text_add(&field->text, ";");
	add_word(field, &word, true);
	field->has_result = true;
}

void results_field_comment(struct results_field *field, const char *words)
{
	struct text word;

	begin_word(field, &word);
	add_words(&word, "(", words, ")");
	add_word(field, &word, false);
}

void results_field_reason(struct results_field *field, const char *words)
{
	struct text word;

	if (*words == '\0')
		return;
	begin_word(field, &word);
	add_words(&word, "reason=\"", words, "\"");
	add_word(field, &word, false);
}

/* What cannot be said without an escape is left out, for the same careless readers; so is the empty value. */
static bool is_plain(const char *value)
{
	for (const char *byte = value; *byte != '\0'; byte++)
		if (!is_clean(*byte) || *byte == '"' || *byte == '\\')
			return false;
	return *value != '\0';
}

static void add_property(struct results_field *field, const char *property, const char *value, bool bare)
{
	struct text word;

	if (strnlen(value, VALUE_MOST + 1) > VALUE_MOST || !is_plain(value))
		return;
	begin_word(field, &word);
	text_add_format(&word, "%s=", property);
	if (bare)
		text_add(&word, value);
	else
		add_quoted(&word, value);
	add_word(field, &word, false);
}

void results_field_value(struct results_field *field, const char *property, const char *value)
{
	add_property(field, property, value, is_token(value));
}

void results_field_address(struct results_field *field, const char *property, const char *address)
{
	add_property(field, property, address, is_address(field->text.arena, address));
}

const char *results_field_format(struct results_field *field, const char *format, ...)
{
	char *words = arena_allocate(field->text.arena, WORDS_MOST + 1);
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(words, WORDS_MOST + 1, format, arguments);
	va_end(arguments);
	return words;
}

const char *results_field_finish(struct results_field *field)
{
	if (!field->has_result)
		text_add(&field->text, "; none");
	return field->text.bytes;
}
