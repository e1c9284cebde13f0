/*
 * field_cursor.c - steps over white space, comments and quoted-strings. Called by results_reader.c
 * and received_spf_reader.c.
 */
#include "fields/field_cursor.h"

#include "base/text.h"

/* RFC 5322 3.2.2; comments nest, which is counted and not recursed. */
static void field_cursor_skip_comment(struct field_cursor *cursor)
{
	size_t depth = 0;

	do {
		if (*cursor->at == '\\' && cursor->at[1] != '\0')
			cursor->at++;
		else if (*cursor->at == '(')
			depth++;
		else if (*cursor->at == ')')
			depth--;
		cursor->at++;
	} while (depth > 0 && *cursor->at != '\0');
	cursor->broken = cursor->broken || depth > 0;
}

void field_cursor_skip(struct field_cursor *cursor)
{
	while (!cursor->broken && (text_is_space(*cursor->at) || *cursor->at == '('))
		if (*cursor->at == '(')
			field_cursor_skip_comment(cursor);
		else
			cursor->at++;
}

/* The octets up to the closing quote, as they stand. */
static size_t quoted_length(const char *at)
{
	const char *end = at + 1;

	while (*end != '"' && *end != '\0')
		end += *end == '\\' && end[1] != '\0' ? 2 : 1;
	return (size_t)(end - at);
}

const char *field_cursor_quoted(struct arena *arena, struct field_cursor *cursor)
{
	char *value = arena_allocate(arena, quoted_length(cursor->at) + 1);
	size_t length = 0;

	for (cursor->at++; *cursor->at != '"'; cursor->at++) {
		if (*cursor->at == '\\')
			cursor->at++;
		if (*cursor->at == '\0') {
			cursor->broken = true;
			return NULL;
		}
		value[length++] = *cursor->at;
	}
	cursor->at++;
	return value;
}
