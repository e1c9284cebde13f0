/*
 * received_spf_reader.c - which server a Received-SPF field of a message claims to be from. Called
 * by claim.c where the site adds such a field.
 *
 * header-field = "Received-SPF:" [CFWS] result FWS [comment FWS] [ key-value-list ] CRLF (RFC
 * 7208 9.1). Common software deviates from this in blanks and unquoted values, so keys are found
 * wherever they are.
 */
#include "fields/received_spf_reader.h"

#include <string.h>

#include "base/text.h"
#include "fields/field_cursor.h"
#include "fields/results_reader.h"

struct receivers {
	size_t count;
	const char *name; /* the last one; NULL where it cannot be read */
};

/* Up to what cannot be part of a key or of a value that is not quoted. */
static const char *read_word(struct arena *arena, struct field_cursor *cursor, const char *ends)
{
	size_t length = strcspn(cursor->at, ends);
	const char *word = arena_copy(arena, cursor->at, length);

	cursor->at += length;
	return word;
}

static void read_pair(struct arena *arena, struct field_cursor *cursor, struct receivers *receivers)
{
	const char *key = read_word(arena, cursor, " \t\r\n();=\"");
	const char *value;

	field_cursor_skip(cursor);
	if (*cursor->at != '=')
		return;
	cursor->at++;
	field_cursor_skip(cursor);
	value = *cursor->at == '"' ? field_cursor_quoted(arena, cursor)
	                           : read_word(arena, cursor, " \t\r\n();\"");
	if (!text_same(key, "receiver"))
		return;
	receivers->count++;
	receivers->name = value;
}

static struct receivers find_receivers(struct arena *arena, struct field_cursor *cursor)
{
	struct receivers receivers = {.count = 0};

	field_cursor_skip(cursor);
	while (*cursor->at != '\0' && !cursor->broken) {
		if (*cursor->at == '"')
			field_cursor_quoted(arena, cursor);
		else if (strchr(");=", *cursor->at) != NULL)
			cursor->at++;
		else
			read_pair(arena, cursor, &receivers);
		field_cursor_skip(cursor);
	}
	return receivers;
}

/* In a comment too, and behind quoted pairs. */
static bool mentions(struct arena *arena, const char *value, const char *name)
{
	char *plain = text_lower(arena, value, strlen(value));
	size_t length = 0;

	for (const char *byte = plain; *byte != '\0'; byte++)
		if (*byte != '\\')
			plain[length++] = *byte;
	plain[length] = '\0';
	return strstr(plain, text_lower(arena, name, strlen(name))) != NULL;
}

bool received_spf_reader_is_forged(const char *value, const char *receiver, struct arena *arena)
{
	struct field_cursor cursor = {.at = value};
	struct receivers receivers = find_receivers(arena, &cursor);

	return cursor.broken || receivers.count != 1 || receivers.name == NULL ||
	       results_reader_names(arena, receivers.name, receiver) ||
	       mentions(arena, value, receiver);
}
