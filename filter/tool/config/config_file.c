/*
 * config_file.c - walks over the text of a settings file and knows in which group it is. Called by
 * config_set.c.
 */
#include "tool/config/config_file.h"

#include <string.h>

#include "base/text.h"
#include "settings/settings_names.h"

struct config_file_walk {
	const char *text;
	size_t at;
	const char *wanted;
	char group[SETTINGS_NAME_MAX]; /* full name of the group that we are in, "" at the top */
	struct config_file_place place;
};

static size_t line_end(const char *text, size_t at)
{
	return at + strcspn(text + at, "\n");
}

/* Behind white space, comments and @include lines. */
static size_t skip_gap(const char *text, size_t at)
{
	for (;;) {
		const char *close;

		at += strspn(text + at, " \t\r\n\f");
		if (text[at] == '#' || text[at] == '@' || strncmp(text + at, "//", 2) == 0) {
			at = line_end(text, at);
			continue;
		}
		if (strncmp(text + at, "/*", 2) != 0)
			return at;
		close = strstr(text + at, "*/");
		at = close == NULL ? at + strlen(text + at) : (size_t)(close + 2 - text);
	}
}

static size_t skip_quoted(const char *text, size_t at)
{
	for (at++; text[at] != '\0' && text[at] != '"'; at++)
		if (text[at] == '\\' && text[at + 1] != '\0')
			at++;
	return text[at] == '"' ? at + 1 : at;
}

/* Behind a list or array with everything in it. */
static size_t skip_brackets(const char *text, size_t at)
{
	size_t depth = 0;

	do {
		at = skip_gap(text, at);
		if (text[at] == '\0')
			return at;
		depth += strchr("([{", text[at]) != NULL;
		depth -= strchr(")]}", text[at]) != NULL;
		at = text[at] == '"' ? skip_quoted(text, at) : at + 1;
	} while (depth > 0);
	return at;
}

/* Behind a value that is not a group. A text may consist of several, one after the other. */
static size_t skip_value(const char *text, size_t at)
{
	size_t next;

	if (text[at] == '(' || text[at] == '[')
		return skip_brackets(text, at);
	if (text[at] != '"')
		return at + strcspn(text + at, " \t\r\n;,}#/");
	at = skip_quoted(text, at);
	while (next = skip_gap(text, at), text[next] == '"')
		at = skip_quoted(text, next);
	return at;
}

static bool is_wanted_group(const struct config_file_walk *walk)
{
	size_t length = strlen(walk->group);

	return length > 0 && strncmp(walk->wanted, walk->group, length) == 0 &&
	       walk->wanted[length] == '.' && strchr(walk->wanted + length + 1, '.') == NULL;
}

/* False where the full name is longer than that of any setting. */
static bool enter_group(struct config_file_walk *walk, const char *name, size_t length)
{
	size_t before = strlen(walk->group);

	if (before + length + 2 > sizeof walk->group)
		return false;
	if (before > 0)
		walk->group[before++] = '.';
	memcpy(walk->group + before, name, length);
	walk->group[before + length] = '\0';
	if (is_wanted_group(walk)) {
		walk->place.has_group = true;
		walk->place.inside = walk->at;
	}
	return true;
}

static void leave_group(struct config_file_walk *walk)
{
	char *dot = strrchr(walk->group, '.');

	*(dot == NULL ? walk->group : dot) = '\0';
}

static bool is_wanted_name(const struct config_file_walk *walk, const char *name, size_t length)
{
	size_t group = strlen(walk->group);
	const char *rest = walk->wanted + (group == 0 ? 0 : group + 1);

	if (group > 0 &&
	    (strncmp(walk->wanted, walk->group, group) != 0 || walk->wanted[group] != '.'))
		return false;
	return strncmp(rest, name, length) == 0 && rest[length] == '\0';
}

/* A name, its = or :, and its value; of a group only what comes before its members. */
static bool walk_setting(struct config_file_walk *walk)
{
	const char *text = walk->text, *name = text + walk->at;
	size_t length = 0, value;

	while (text_is_letter(name[length]) || text_is_digit(name[length]) ||
	       (name[length] != '\0' && strchr("_-*", name[length]) != NULL))
		length++;
	value = skip_gap(text, walk->at + length);
	if (length == 0 || (text[value] != '=' && text[value] != ':'))
		return false;
	value = skip_gap(text, value + 1);
	walk->at = text[value] == '{' ? value + 1 : skip_value(text, value);
	if (text[value] == '{')
		return enter_group(walk, name, length);
	if (is_wanted_name(walk, name, length))
		walk->place = (struct config_file_place){true, value, walk->at, true, 0};
	return true;
}

struct config_file_place config_file_find(const char *text, const char *name)
{
	struct config_file_walk walk = {.text = text, .wanted = name};

	while (!walk.place.found) {
		walk.at = skip_gap(text, walk.at);
		if (text[walk.at] == '\0')
			break;
		if (text[walk.at] == '}')
			leave_group(&walk);
		if (strchr("};,", text[walk.at]) != NULL)
			walk.at++;
		else if (!walk_setting(&walk))
			break;
	}
	return walk.place;
}
