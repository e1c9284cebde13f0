/*
 * settings_hint.c - guesses what a line that libconfig cannot parse was meant to say. Called by
 * settings_tree.c for the sentence about a syntax error.
 */
#include "settings/settings_hint.h"

#include <string.h>

#include "base/text.h"

enum {
	WORD_MAX = 40
};

static bool settings_hint_is_word_byte(char byte)
{
	return text_is_letter(byte) || text_is_digit(byte) || byte == '_' || byte == '-' ||
	       byte == '.' || byte == '/' || byte == ':' || byte == '@';
}

/* The next value behind `at` that stands without quotes where libconfig wants them; `length` is its
 * length, NULL where there is none. Values begin behind = : [ ( and a comma. */
static const char *next_bare_value(const char *at, size_t *length)
{
	for (; *at != '\0' && *at != '#'; at++) {
		const char *value;

		if (*at == '"') {
			at = strchr(at + 1, '"');
			if (at == NULL)
				return NULL;
			continue;
		}
		if (strchr("=:[(,", *at) == NULL)
			continue;
		value = at + 1 + strspn(at + 1, " \t");
		for (*length = 0; settings_hint_is_word_byte(value[*length]);)
			++*length;
		if (*length > 0)
			return value;
	}
	return NULL;
}

static bool is_one_of(const char *word, const char *const *words)
{
	for (; *words != NULL; words++)
		if (text_same(word, *words))
			return true;
	return false;
}

/* Is it a value that may stand without quotes? Members of a group are "NAME = VALUE", too. */
static bool settings_hint_is_bare(const char *word, const char *behind)
{
	static const char *const flags[] = {"true", "false", NULL};

	behind += strspn(behind, " \t");
	return is_one_of(word, flags) || word[strspn(word, "0123456789-+")] == '\0' ||
	       *behind == '=' || *behind == ':';
}

static const char *describe(const char *word, struct arena *arena)
{
	static const char *const yes[] = {"yes", "on", "enabled", NULL};
	static const char *const no[] = {"no", "off", "disabled", NULL};
	size_t digits = strspn(word, "0123456789");

	if (is_one_of(word, yes))
		return arena_format(arena, "write true for %s", word);
	if (is_one_of(word, no))
		return arena_format(arena, "write false for %s", word);
	if (digits > 0 && strspn(word + digits, "smhdkMGKiB") == strlen(word + digits))
		return arena_format(arena, "write the number %.*s alone, its unit is in the name",
		                    (int)digits, word);
	return arena_format(arena, "write \"%s\" with quotes", word);
}

const char *settings_hint(const char *line, struct arena *arena)
{
	size_t length = 0;

	for (const char *at = line; (at = next_bare_value(at, &length)) != NULL; at += length) {
		const char *word = arena_copy(arena, at, length < WORD_MAX ? length : WORD_MAX);

		if (length <= WORD_MAX && !settings_hint_is_bare(word, at + length))
			return describe(word, arena);
	}
	return NULL;
}
