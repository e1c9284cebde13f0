/*
 * results_reader.c - reads whose an Authentication-Results field claims to be. Called by results.c for every
 * such field that a message brings along.
 *
 * authres-payload = [CFWS] authserv-id [CFWS authres-version] ( no-result / 1*resinfo ) [CFWS]
 * Both alternatives begin with a semicolon. Whoever reads a field that does not follow this may read an
 * authserv-id of its own into it, so nothing is guessed here.
 */
#include "results/results_reader.h"

#include <string.h>

#include "domain.h"
#include "results/field_cursor.h"
#include "text.h"

/* RFC 2045 5.1, with the UTF-8 of RFC 6532. */
static bool is_token_byte(char byte)
{
	return (unsigned char)byte > ' ' && byte != 0x7F && strchr("()<>@,;:\\\"/[]?=", byte) == NULL;
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

/* Digits after the authserv-id; some writers put a slash before them. True where there are none, or they say
 * 1. */
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
	owner.readable = owner.id != NULL && !cursor.broken && (*cursor.at == ';' || *cursor.at == '\0') &&
	                 is_comparable(arena, owner.id);
	if (!owner.readable)
		owner.id = NULL;
	return owner;
}

/* What a reader finds who takes the text of a quoted-string for the beginning of a field: the host before
 * "/job", ":port" or a version. NULL where nothing is there. */
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
	const char *ours = comparable(arena, own);
	const char *host = host_within(arena, id);

	return text_same(comparable(arena, id), ours) ||
	       (host != NULL && text_same(comparable(arena, host), ours));
}
