/*
 * record_text.c - the frame and the fields of a journal's records. Called by row_text.c and
 * failure_text.c.
 */
#include "rows/record_text.h"

#include <stdint.h>
#include <string.h>

#include "base/invariant.h"
#include "rows/identity.h"

enum {
	CHECKSUM = 16,            /* hexadecimal digits */
	BEFORE = 1 + CHECKSUM + 1 /* octets before what is summed up */
};

static const char *record_text_member(const void *of, size_t offset)
{
	return *(const char *const *)((const char *)of + offset);
}

static void set_member(void *of, size_t offset, const char *value)
{
	*(const char **)((char *)of + offset) = value;
}

static bool plain(unsigned char byte)
{
	return byte >= 0x20 && byte != 0x7F && byte != '\\';
}

static void record_text_add_field(struct text *text, const char *value)
{
	text_add_bytes(text, "\t", 1);
	while (*value != '\0') {
		size_t length = 0;

		while (plain((unsigned char)value[length]))
			length++;
		text_add_bytes(text, value, length);
		value += length;
		if (*value == '\\')
			text_add(text, "\\\\");
		else if (*value != '\0')
			text_add_format(text, "\\x%02X", (unsigned char)*value);
		value += *value != '\0';
	}
}

void record_text_add_members(struct text *text, const void *of, const size_t *offsets, size_t count)
{
	for (size_t i = 0; i < count; i++)
		record_text_add_field(text, record_text_member(of, offsets[i]));
}

/* Guards against torn writes, not against people: the key is no secret. */
static void checksum(const char *bytes, size_t length, char digits[CHECKSUM + 1])
{
	static const struct identity key = {"assay's journal"};
	static const char hexadecimals[] = "0123456789abcdef";
	struct identity identity = identity_of(&key, length, bytes, length);

	for (size_t i = 0; i < CHECKSUM; i++)
		digits[i] = hexadecimals[identity.bytes[i / 2] >> (i % 2 == 0 ? 4 : 0) & 15];
	digits[CHECKSUM] = '\0';
}

void record_text_begin(struct text *text, struct arena *arena, size_t limit, const char *kind,
                       time_t received)
{
	text_begin(text, arena, limit);
	text_add(text, "\n                 "); /* room for the checksum, and a space */
	text_add(text, kind);
	text_add_number(text, received > 0 ? (unsigned long)received : 0);
}

const char *record_text_end(struct text *text, size_t *length)
{
	char digits[CHECKSUM + 1];

	if (text->cut)
		return NULL;
	invariant(text->length > BEFORE);
	checksum(text->bytes + BEFORE, text->length - BEFORE, digits);
	memcpy(text->bytes + 1, digits, CHECKSUM);
	*length = text->length;
	return text->bytes;
}

const char *record_text_check(const char *bytes, size_t length)
{
	char digits[CHECKSUM + 1];

	if (length < CHECKSUM + 2 || bytes[CHECKSUM] != ' ')
		return NULL;
	checksum(bytes + CHECKSUM + 1, length - CHECKSUM - 1, digits);
	return memcmp(digits, bytes, CHECKSUM) == 0 ? bytes + CHECKSUM + 1 : NULL;
}

/* Digits up to the TAB; the text has no NUL behind it, which strtoimax() may look for. */
time_t record_text_time(const char *at)
{
	int64_t seconds = 0;

	for (; text_is_digit(*at) && seconds < INT64_MAX / 100; at++)
		seconds = seconds * 10 + (*at - '0');
	return (time_t)seconds;
}

static int hexadecimal(char digit)
{
	return text_is_digit(digit)           ? digit - '0'
	       : digit >= 'A' && digit <= 'F' ? digit - 'A' + 10
	                                      : -1;
}

static void unescape(char *field)
{
	char *to = field;

	for (; *field != '\0'; field++) {
		if (field[0] == '\\' && field[1] == 'x' && hexadecimal(field[2]) >= 0 &&
		    hexadecimal(field[3]) >= 0) {
			*to++ = (char)(hexadecimal(field[2]) * 16 + hexadecimal(field[3]));
			field += 3;
		} else {
			field += field[0] == '\\' && field[1] == '\\';
			*to++ = *field;
		}
	}
	*to = '\0';
}

/* Cuts the next field off, in place; NULL where there is none. */
const char *record_text_next(char **rest)
{
	char *field = *rest;
	char *end;

	if (field == NULL)
		return NULL;
	end = strchr(field, '\t');
	*rest = end == NULL ? NULL : end + 1;
	if (end != NULL)
		*end = '\0';
	unescape(field);
	return field;
}

bool record_text_read_members(char **rest, void *to, const size_t *offsets, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *field = record_text_next(rest);

		if (field == NULL)
			return false;
		set_member(to, offsets[i], field);
	}
	return true;
}
