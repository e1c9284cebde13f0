/*
 * results_field.c - writes one Authentication-Results value. Called by results.c only; every octet
 * from outside goes through field_text.c.
 */
#include "results/results_field.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/domain.h"
#include "base/invariant.h"
#include "fields/field_text.h"

enum {
	WORDS_MAX = 200 /* octets of a reason or comment that is made here */
};

struct results_field {
	struct field_text text;
	bool has_result;
};

static struct arena *arena_of(const struct results_field *field)
{
	return field->text.text.arena;
}

/* [[local-part] "@"] domain-name, without anything that would want quoting. */
static bool is_address(struct arena *arena, const char *address)
{
	const char *at = strrchr(address, '@');
	const char *domain = at == NULL ? address : at + 1;

	if (!field_text_is_token(domain) || domain[strlen(domain) - 1] == '.' ||
	    domain_normalize(arena, domain, strlen(domain)) == NULL)
		return false;
	return at == NULL || at == address || field_text_is_dot_atom(address, at);
}

static void add_value(struct text *word, const char *value, bool bare)
{
	if (bare)
		text_add(word, value);
	else
		field_text_quote(word, value);
}

struct results_field *results_field_begin(struct arena *arena, const char *authserv_id)
{
	struct results_field *field = arena_allocate(arena, sizeof *field);
	struct text word;

	field_text_begin(&field->text, arena, "Authentication-Results");
	field_text_word(&field->text, &word);
	add_value(&word, authserv_id, field_text_is_token(authserv_id));
	field_text_add(&field->text, &word, false);
	return field;
}

void results_field_method(struct results_field *field, const char *method, const char *result)
{
	struct text word;

	invariant(method != NULL && result != NULL);
	field_text_word(&field->text, &word);
	text_add_all(&word, method, "=", result, TEXT_END);
	field_text_append(&field->text, ";");
	field_text_add(&field->text, &word, true);
	field->has_result = true;
}

void results_field_comment(struct results_field *field, const char *text)
{
	struct text word;

	field_text_word(&field->text, &word);
	field_text_text(&word, "(", text, ")");
	field_text_add(&field->text, &word, false);
}

void results_field_own_comment(struct results_field *field, const char *text)
{
	struct text word;

	field_text_word(&field->text, &word);
	text_add_all(&word, "(", text, ")", TEXT_END);
	field_text_add(&field->text, &word, false);
}

void results_field_reason(struct results_field *field, const char *text)
{
	struct text word;

	if (*text == '\0')
		return;
	field_text_word(&field->text, &word);
	field_text_text(&word, "reason=\"", text, "\"");
	field_text_add(&field->text, &word, false);
}

/* A value that needs an escape is left out, since careless readers misread it; so is an
 * empty one. */
static void add_property(struct results_field *field, const char *property, const char *value,
                         bool bare)
{
	struct text word;

	if (!field_text_is_plain(value))
		return;
	field_text_word(&field->text, &word);
	text_add_all(&word, property, "=", TEXT_END);
	add_value(&word, value, bare);
	field_text_add(&field->text, &word, false);
}

void results_field_value(struct results_field *field, const char *property, const char *value)
{
	add_property(field, property, value, field_text_is_token(value));
}

void results_field_address(struct results_field *field, const char *property, const char *address)
{
	add_property(field, property, address, is_address(arena_of(field), address));
}

const char *results_field_format(struct results_field *field, const char *format, ...)
{
	char *text = arena_allocate(arena_of(field), WORDS_MAX + 1);
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, WORDS_MAX + 1, format, arguments);
	va_end(arguments);
	return text;
}

const char *results_field_finish(struct results_field *field)
{
	if (!field->has_result)
		field_text_append(&field->text, "; none");
	return field->text.text.bytes;
}
