/*
 * local_part.c - a local part without comments, white space and needless quotes. Called by author.c
 * for addresses that are to be compared; mailbox_list.c has found where it begins and ends.
 */
#include "local_part.h"

#include <stdbool.h>
#include <string.h>

#include "base/invariant.h"
#include "base/text.h"

struct local_part_reading {
	const char *at, *end;
	char *bare; /* what is left, without quotes */
	size_t length;
	bool quoted;  /* in a quoted string */
	bool special; /* something is left that needs quotes */
};

/* Behind a comment, or the end; they nest, and quoted pairs hide parentheses (RFC 5322 3.2.2). */
static void local_part_skip_comment(struct local_part_reading *reading)
{
	size_t depth = 0;

	do {
		if (*reading->at == '(')
			depth++;
		else if (*reading->at == ')')
			depth--;
		else if (*reading->at == '\\' && reading->at + 1 < reading->end)
			reading->at++;
		reading->at++;
	} while (depth > 0 && reading->at < reading->end);
}

static bool needs_quotes(char byte)
{
	return (unsigned char)byte <= ' ' || byte == 0x7F || strchr("()<>[]:;@\\,\"", byte) != NULL;
}

static void append_byte(struct local_part_reading *reading, char byte)
{
	reading->bare[reading->length++] = byte;
	reading->special = reading->special || needs_quotes(byte);
}

/* One octet of a quoted string, or a pair; the line end of a fold does not belong to it (RFC
 * 5322 3.2.4). */
static void read_quoted(struct local_part_reading *reading)
{
	char byte = *reading->at++;

	if (byte == '"') {
		reading->quoted = false;
	} else if (byte == '\\' && reading->at < reading->end) {
		append_byte(reading, *reading->at++);
	} else if (byte != '\r' && byte != '\n') {
		append_byte(reading, byte);
	}
}

static void read_bare(struct local_part_reading *reading)
{
	char byte = *reading->at;

	if (byte == '(') {
		local_part_skip_comment(reading);
		return;
	}
	reading->at++;
	if (byte == '"')
		reading->quoted = true;
	else if (!text_is_space(byte))
		append_byte(reading, byte);
}

static const char *add_quotes(struct arena *arena, const char *bare, size_t length)
{
	char *whole = arena_allocate(arena, 2 * length + 3), *to = whole;

	*to++ = '"';
	for (size_t i = 0; i < length; i++) {
		if (bare[i] == '"' || bare[i] == '\\')
			*to++ = '\\';
		*to++ = bare[i];
	}
	*to = '"';
	return whole;
}

const char *local_part_bare(struct arena *arena, const char *bytes, size_t length)
{
	struct local_part_reading reading = {
	    .at = bytes, .end = bytes + length, .bare = arena_allocate(arena, length + 1)};

	while (reading.at < reading.end) {
		if (reading.quoted)
			read_quoted(&reading);
		else
			read_bare(&reading);
	}
	invariant(reading.at == reading.end && reading.length <= length);
	if (reading.special || reading.length == 0)
		return add_quotes(arena, reading.bare, reading.length);
	return reading.bare;
}
