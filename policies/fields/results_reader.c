/*
 * results_reader.c - reads an Authentication-Results field. Called by claim.c, which asks which
 * server each such field of a message claims to be from, and by own_results.c for the results in
 * those of this server.
 *
 * authres-payload = [CFWS] authserv-id [CFWS authres-version] ( no-result / 1*resinfo ) [CFWS]
 * Both alternatives begin with a semicolon. Readers of a field that does not follow this grammar
 * may find different authserv-ids in it, so nothing is guessed here.
 */
#include "fields/results_reader.h"

#include <string.h>

#include "base/domain.h"
#include "base/text.h"
#include "fields/field_cursor.h"

enum {
	NAME_MAX_OCTETS = 200 /* of a method or property */
};

/* RFC 2045 5.1, with the UTF-8 of RFC 6532. */
static bool is_token_byte(char byte)
{
	return (unsigned char)byte > ' ' && byte != 0x7F &&
	       strchr("()<>@,;:\\\"/[]?=", byte) == NULL;
}

static const char *read_value(struct arena *arena, struct field_cursor *cursor)
{
	const char *start = cursor->at;

	if (*start == '"')
		return field_cursor_quoted(arena, cursor);
	while (is_token_byte(*cursor->at))
		cursor->at++;
	return cursor->at == start ? NULL : arena_copy(arena, start, (size_t)(cursor->at - start));
}

/* Digits after the authserv-id; some writers put a slash before them. True where there are none, or
 * they say 1. */
static bool read_version(struct field_cursor *cursor)
{
	bool is_one = true;

	if (*cursor->at == '/') {
		cursor->at++;
		field_cursor_skip(cursor);
	}
	if (!text_is_digit(*cursor->at))
		return true;
	while (*cursor->at == '0')
		cursor->at++;
	is_one = *cursor->at == '1' && !text_is_digit(cursor->at[1]);
	while (text_is_digit(*cursor->at))
		cursor->at++;
	field_cursor_skip(cursor);
	return is_one;
}

/* Only what can be compared: an id in octets beyond ASCII has to be a domain name. */
static bool is_comparable(struct arena *arena, const char *id)
{
	size_t length = strlen(id);

	return text_is_ascii(id, length) ? length > 0 : domain_normalize(arena, id, length) != NULL;
}

struct results_owner results_reader_owner(struct arena *arena, const char *value)
{
	struct results_owner owner = {.readable = false};
	struct field_cursor cursor = {.at = value};

	field_cursor_skip(&cursor);
	owner.id = read_value(arena, &cursor);
	field_cursor_skip(&cursor);
	owner.known_version = read_version(&cursor);
	owner.readable = owner.id != NULL && !cursor.broken &&
	                 (*cursor.at == ';' || *cursor.at == '\0') &&
	                 is_comparable(arena, owner.id);
	if (!owner.readable)
		owner.id = NULL;
	return owner;
}

/* Words with dots between them, white space and comments around these (RFC 8601 2.2 propspec); NULL
 * where there are none, or two without a dot between. */
static const char *results_reader_read_name(struct arena *arena, struct field_cursor *cursor)
{
	char name[NAME_MAX_OCTETS];
	size_t length = 0;

	while (is_token_byte(*cursor->at)) {
		const char *start = cursor->at;
		bool joins = length == 0 || *start == '.' || name[length - 1] == '.';
		size_t more;

		while (is_token_byte(*cursor->at))
			cursor->at++;
		more = (size_t)(cursor->at - start);
		if (!joins || more > sizeof name - length)
			return NULL;
		memcpy(name + length, start, more);
		length += more;
		field_cursor_skip(cursor);
	}
	return length == 0 ? NULL : text_lower(arena, name, length);
}

/* A value, or an address, whose local part may be quoted. Only the "@" may follow what is quoted:
 * nobody could say what the domain of "x@a"b.example is. */
static char *read_property(struct arena *arena, struct field_cursor *cursor)
{
	bool is_quoted = *cursor->at == '"';
	const char *quoted = is_quoted ? field_cursor_quoted(arena, cursor) : "";
	size_t length = strcspn(cursor->at, " \t\r\n;(\"");
	const char *start = cursor->at;

	cursor->at += length;
	if (quoted == NULL || (quoted[0] == '\0' && length == 0) ||
	    (is_quoted && length > 0 && *start != '@'))
		return NULL;
	return arena_format(arena, "%s%.*s", quoted, (int)length, start);
}

/* The name and the equals sign of a method, whose version says nothing, or of a property. */
static const char *read_left(struct arena *arena, struct field_cursor *cursor)
{
	const char *name = results_reader_read_name(arena, cursor);

	if (name != NULL && *cursor->at == '/') {
		cursor->at++;
		field_cursor_skip(cursor);
		cursor->at += strspn(cursor->at, "0123456789");
		field_cursor_skip(cursor);
	}
	if (name == NULL || *cursor->at != '=')
		return NULL;
	cursor->at++;
	field_cursor_skip(cursor);
	return name;
}

static const char *lower_in_place(char *text)
{
	for (char *byte = text; *byte != '\0'; byte++)
		*byte = text_lower_byte(*byte);
	return text;
}

/* Behind a semicolon: one method with its properties; or "none", or nothing. */
static bool read_result(struct arena *arena, struct field_cursor *cursor,
                        const struct results_sink *sink)
{
	bool is_method = true;

	if (text_same_bytes(cursor->at, "none", 4) && !is_token_byte(cursor->at[4])) {
		cursor->at += 4;
		field_cursor_skip(cursor);
	}
	while (*cursor->at != ';' && *cursor->at != '\0') {
		const char *left = read_left(arena, cursor);
		char *right = left == NULL ? NULL : read_property(arena, cursor);

		if (right == NULL || cursor->broken)
			return false;
		if (is_method)
			sink->method(sink->context, left, lower_in_place(right));
		else
			sink->property(sink->context, left, right);
		is_method = false;
		field_cursor_skip(cursor);
	}
	return !cursor->broken;
}

bool results_reader_read(struct arena *arena, const char *value, const struct results_sink *sink)
{
	struct field_cursor cursor = {.at = value};

	field_cursor_skip(&cursor);
	if (read_value(arena, &cursor) == NULL)
		return false;
	field_cursor_skip(&cursor);
	if (!read_version(&cursor))
		return false;
	while (*cursor.at == ';' && !cursor.broken) {
		cursor.at++;
		field_cursor_skip(&cursor);
		if (!read_result(arena, &cursor, sink))
			return false;
	}
	return !cursor.broken && *cursor.at == '\0';
}

/* What a reader finds that takes the text of a quoted-string for the beginning of a field: the host
 * before "/job", ":port" or a version. NULL for nothing. */
static const char *host_within(struct arena *arena, const char *id)
{
	struct field_cursor cursor = {.at = id};

	field_cursor_skip(&cursor);
	return read_value(arena, &cursor);
}

/* Without white space, control characters and trailing dots; as a domain name where it is one. */
static const char *comparable(struct arena *arena, const char *id)
{
	char *bare = arena_string(arena, id);
	const char *name;
	size_t length = 0;

	for (const char *byte = id; *byte != '\0'; byte++)
		if ((unsigned char)*byte > ' ' && *byte != 0x7F)
			bare[length++] = *byte;
	while (length > 0 && bare[length - 1] == '.')
		length--;
	bare[length] = '\0';
	name = domain_normalize(arena, bare, length);
	return name == NULL ? bare : name;
}

bool results_reader_names(struct arena *arena, const char *id, const char *own)
{
	const char *own_id = comparable(arena, own);
	const char *host = host_within(arena, id);

	return text_same(comparable(arena, id), own_id) ||
	       (host != NULL && text_same(comparable(arena, host), own_id));
}

bool results_reader_is_forged(const char *value, const char *authserv_id, struct arena *arena)
{
	struct results_owner owner = results_reader_owner(arena, value);

	/* An unknown version is removed as well (RFC 8601 5). */
	return !owner.readable || !owner.known_version ||
	       results_reader_names(arena, owner.id, authserv_id);
}
