/*
 * text.c - bounded text in an arena and ASCII helpers, used by every parser and by everything that
 * writes a field.
 */
#include "base/text.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/invariant.h"

void text_begin(struct text *text, struct arena *arena, size_t limit)
{
	*text = (struct text){.arena = arena, .limit = limit, .capacity = limit < 63 ? limit : 63};
	text->bytes = arena_allocate_raw(arena, text->capacity + 1);
	text->bytes[0] = '\0';
}

static void text_make_room(struct text *text, size_t more)
{
	size_t wanted = text->length + more;
	size_t capacity = text->capacity;
	char *bytes;

	if (wanted <= capacity)
		return;
	invariant(wanted <= text->limit);
	while (capacity < wanted)
		capacity = capacity > text->limit / 2 ? text->limit : capacity * 2;
	bytes = arena_allocate_raw(text->arena, capacity + 1);
	memcpy(bytes, text->bytes, text->length + 1);
	text->bytes = bytes;
	text->capacity = capacity;
}

void text_add_bytes(struct text *text, const char *bytes, size_t length)
{
	if (length > text->limit - text->length) {
		length = text->limit - text->length;
		text->cut = true;
	}
	if (length == 0)
		return;
	text_make_room(text, length);
	memcpy(text->bytes + text->length, bytes, length);
	text->length += length;
	text->bytes[text->length] = '\0';
}

void text_add(struct text *text, const char *string)
{
	text_add_bytes(text, string, strlen(string));
}

void text_add_all(struct text *text, const char *first, ...)
{
	va_list strings;

	va_start(strings, first);
	for (const char *string = first; string != NULL; string = va_arg(strings, const char *))
		text_add(text, string);
	va_end(strings);
}

void text_add_number(struct text *text, unsigned long number)
{
	char digits[20], *at = digits + sizeof digits;

	do
		*--at = (char)('0' + number % 10);
	while ((number /= 10) > 0);
	text_add_bytes(text, at, (size_t)(digits + sizeof digits - at));
}

void text_add_format(struct text *text, const char *format, ...)
{
	va_list arguments;
	char local[512];
	int length;

	va_start(arguments, format);
	length = vsnprintf(local, sizeof local, format, arguments);
	va_end(arguments);
	if (length < 0)
		return;
	if ((size_t)length < sizeof local) {
		text_add_bytes(text, local, (size_t)length);
		return;
	}
	char *longer = arena_allocate(text->arena, (size_t)length + 1);

	va_start(arguments, format);
	vsnprintf(longer, (size_t)length + 1, format, arguments);
	va_end(arguments);
	text_add_bytes(text, longer, (size_t)length);
}

bool text_is_ascii(const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if ((unsigned char)bytes[i] >= 0x80)
			return false;
	return true;
}

char *text_lower(struct arena *arena, const char *bytes, size_t length)
{
	char *lower = arena_allocate_raw(arena, length + 1);

	for (size_t i = 0; i < length; i++)
		lower[i] = text_lower_byte(bytes[i]);
	lower[length] = '\0';
	return lower;
}

bool text_same_bytes(const char *one, const char *other, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (text_lower_byte(one[i]) != text_lower_byte(other[i]))
			return false;
	return true;
}

bool text_same(const char *one, const char *other)
{
	if (one == NULL || other == NULL)
		return one == other;
	size_t length = strlen(one);

	return length == strlen(other) && text_same_bytes(one, other, length);
}

int text_word(const char *const *names, const char *value)
{
	for (int i = 0; names[i] != NULL; i++)
		if (text_same(names[i], value))
			return i;
	return -1;
}

bool text_matches(const char *pattern, const char *text)
{
	const char *star = NULL, *retry = NULL;

	while (*text != '\0') {
		if (*pattern == '*') {
			star = pattern++;
			retry = text;
		} else if (text_lower_byte(*pattern) == text_lower_byte(*text)) {
			pattern++;
			text++;
		} else if (star != NULL) {
			pattern = star + 1;
			text = ++retry;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return *pattern == '\0';
}

const char *text_count(struct arena *arena, unsigned long count, const char *one, const char *many)
{
	return arena_format(arena, "%lu %s", count, count == 1 ? one : many);
}

size_t text_utf8_length(const char *string)
{
	const unsigned char *bytes = (const unsigned char *)string;
	static const struct {
		unsigned char first, last, second_first, second_last, length;
	} rows[] = {
	    {0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3}, {0xE1, 0xEC, 0x80, 0xBF, 3},
	    {0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3}, {0xF0, 0xF0, 0x90, 0xBF, 4},
	    {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4},
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		size_t good = 2;

		if (bytes[0] < rows[i].first || bytes[0] > rows[i].last)
			continue;
		if (bytes[1] < rows[i].second_first || bytes[1] > rows[i].second_last)
			return 0;
		while (good < rows[i].length && bytes[good] >= 0x80 && bytes[good] <= 0xBF)
			good++;
		return good == rows[i].length ? good : 0;
	}
	return 0;
}

/* Line separators (U+2028, U+2029), and marks of direction (Unicode's Bidi_Control: U+061C, U+200E,
 * U+200F, U+202A to U+202E, U+2066 to U+2069): a reader of the line would see another one. */
static bool rearranges(const unsigned char *bytes)
{
	static const struct {
		unsigned char lead, second, first, last;
	} marks[] = {{0xE2, 0x80, 0x8E, 0x8F}, {0xE2, 0x80, 0xA8, 0xAE}, {0xE2, 0x81, 0xA6, 0xA9}};

	if (bytes[0] == 0xD8)
		return bytes[1] == 0x9C;
	for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
		if (bytes[0] == marks[i].lead && bytes[1] == marks[i].second &&
		    bytes[2] >= marks[i].first && bytes[2] <= marks[i].last)
			return true;
	return false;
}

/* C1 controls (U+0080 to U+009F) are well-formed but move a terminal's cursor all the same. */
size_t text_shown_length(const char *string)
{
	const unsigned char *bytes = (const unsigned char *)string;

	if (bytes[0] < 0x80)
		return bytes[0] >= 0x20 && bytes[0] < 0x7F;
	if ((bytes[0] == 0xC2 && bytes[1] < 0xA0) || rearranges(bytes))
		return 0;
	return text_utf8_length(string);
}

const char *text_excerpt(struct arena *arena, const char *string, size_t limit)
{
	size_t length = strnlen(string, limit + 1);

	if (length <= limit)
		return arena_copy(arena, string, length);
	return arena_format(arena, "%.*s...", (int)limit, string);
}

/* How many octets from here on are printable ASCII that text_printable() does not escape. */
static size_t text_plain_length(const char *string, size_t limit)
{
	size_t length = 0;

	while (length < limit && string[length] >= 0x20 && string[length] < 0x7F &&
	       string[length] != '\\' && string[length] != '"')
		length++;
	return length;
}

const char *text_printable(struct arena *arena, const char *string, size_t limit)
{
	const unsigned char *bytes = (const unsigned char *)string;
	struct text safe;
	size_t at = 0;

	text_begin(&safe, arena, limit > SIZE_MAX / 8 ? SIZE_MAX / 2 : limit * 4 + 3);
	while (at < limit && bytes[at] != '\0') {
		size_t length = text_plain_length(string + at, limit - at);

		if (length == 0 && bytes[at] >= 0x80)
			length = text_shown_length(string + at);

		if (length > 0)
			text_add_bytes(&safe, string + at, length);
		else
			text_add_format(&safe, "\\x%02X", bytes[at]);
		at += length > 0 ? length : 1;
	}
	if (bytes[at] != '\0')
		text_add(&safe, "...");
	return safe.bytes;
}

char *text_ascii(struct arena *arena, const char *string, size_t limit)
{
	char *safe = arena_string(arena, text_printable(arena, string, limit));

	for (char *byte = safe; *byte != '\0'; byte++)
		if ((unsigned char)*byte >= 0x80)
			*byte = '?';
	return safe;
}
