/*
 * xml_text.c - outside text made legal for XML 1.0. aggregate.c gives every value to it.
 */
#include "report/xml_text.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* The octets of the sequence that a lead octet begins, and the least character that needs as many. */
static size_t sequence(unsigned char lead, uint32_t *least)
{
	if (lead >= 0xC2 && lead <= 0xDF) {
		*least = 0x80;
		return 2;
	}
	if ((lead & 0xF0) == 0xE0) {
		*least = 0x800;
		return 3;
	}
	if (lead >= 0xF0 && lead <= 0xF4) {
		*least = 0x10000;
		return 4;
	}
	return 0;
}

static bool is_character(uint32_t character, uint32_t least)
{
	return character >= least && character <= 0x10FFFF && !(character >= 0xD800 && character <= 0xDFFF) &&
	       character != 0xFFFE && character != 0xFFFF;
}

/* How many octets the legal character at the beginning has; 0: there is none. */
static size_t character(const char *at)
{
	const unsigned char *bytes = (const unsigned char *)at;
	uint32_t least = 0, value;
	size_t length;

	if (bytes[0] < 0x80)
		return bytes[0] >= 0x20 || bytes[0] == '\t' || bytes[0] == '\n';
	length = sequence(bytes[0], &least);
	value = bytes[0] & (0xFFU >> (length + 1));
	for (size_t i = 1; i < length; i++) {
		if ((bytes[i] & 0xC0) != 0x80)
			return 0;
		value = value << 6 | (bytes[i] & 0x3F);
	}
	return length > 0 && is_character(value, least) ? length : 0;
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
