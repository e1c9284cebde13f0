/*
 * instance.c - reads "i=N" at the beginning of an ARC field, where comments are allowed. Called by
 * chain.c for each field.
 */
#include "arc/instance.h"

#include <string.h>

#include "base/invariant.h"
#include "base/text.h"

unsigned instance_number(const char *text)
{
	unsigned number = 0;
	size_t digits = 0;

	if (text == NULL)
		return 0;
	for (; digits <= 2 && text_is_digit(text[digits]); digits++)
		number = number * 10 + (unsigned)(text[digits] - '0');
	if (digits == 0 || digits > 2 || text[digits] != '\0')
		return 0;
	return number <= INSTANCE_MAX ? number : 0;
}

/* Behind a comment, which may hold others (RFC 5322 3.2.2); NULL where it does not end. */
static const char *skip_comment(const char *at)
{
	size_t depth = 0;

	invariant(*at == '(');
	do {
		if (*at == '\\' && at[1] != '\0')
			at++;
		else if (*at == '(')
			depth++;
		else if (*at == ')')
			depth--;
		else if (*at == '\0')
			return NULL;
		at++;
	} while (depth > 0);
	return at;
}

/* [CFWS]; NULL where a comment does not end. */
static const char *instance_skip(const char *at)
{
	while (at != NULL && (text_is_space(*at) || *at == '('))
		at = *at == '(' ? skip_comment(at) : at + 1;
	return at;
}

const char *instance_read(const char *value, unsigned *number)
{
	const char *at = instance_skip(value);
	char digits[4] = {0};

	if (at == NULL || *at != 'i' || (at = instance_skip(at + 1)) == NULL || *at != '=' ||
	    (at = instance_skip(at + 1)) == NULL)
		return NULL;
	for (size_t i = 0; i < sizeof digits - 1 && text_is_digit(*at); i++)
		digits[i] = *at++;
	*number = instance_number(digits);
	at = instance_skip(at);
	return *number == 0 || at == NULL || *at != ';' ? NULL : at + 1;
}

const char *instance_without_comments(struct arena *arena, const char *value)
{
	const char *comment = strchr(value, '(');
	const char *end;
	unsigned number;
	char *plain;

	if (comment == NULL)
		return value;
	end = instance_read(value, &number);
	if (end == NULL || comment > end)
		return value;
	plain = arena_string(arena, value);
	while (comment != NULL && comment < end) {
		const char *behind = skip_comment(comment);

		invariant(behind != NULL && behind <= end);
		memset(plain + (comment - value), ' ', (size_t)(behind - comment));
		comment = strchr(behind, '(');
	}
	return plain;
}
