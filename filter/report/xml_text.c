/*
 * xml_text.c - outside text made legal for XML 1.0. aggregate.c gives every value to it.
 */
#include "report/xml_text.h"

#include <stdbool.h>
#include <string.h>

#include "base/text.h"

/* U+FFFE and U+FFFF are well-formed but no characters of XML. */
static bool is_no_character(const char *at)
{
	return memcmp(at, "\xEF\xBF", 2) == 0 && (unsigned char)at[2] >= 0xBE;
}

/* How many octets the legal character at the beginning has; 0 where there is none. */
static size_t character(const char *at)
{
	unsigned char first = (unsigned char)*at;
	size_t length;

	if (first < 0x80)
		return first >= 0x20 || first == '\t' || first == '\n';
	length = text_utf8_length(at);
	return length == 3 && is_no_character(at) ? 0 : length;
}

static const char *first_illegal(const char *at)
{
	size_t length;

	while (*at != '\0' && (length = character(at)) > 0)
		at += length;
	return *at == '\0' ? NULL : at;
}

const char *xml_text_legal(struct arena *arena, const char *string)
{
	const char *illegal = first_illegal(string);
	char *copy, *at;

	if (illegal == NULL)
		return string;
	copy = arena_string(arena, string);
	at = copy + (illegal - string);
	while (*at != '\0') {
		size_t length = character(at);

		if (length == 0)
			*at = '?';
		at += length == 0 ? 1 : length;
	}
	return copy;
}
