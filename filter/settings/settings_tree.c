/*
 * settings_tree.c - has libconfig parse the text of the settings, and copies the outcome into a
 * tree of our own. The only file that knows libconfig. After settings_source.c, before
 * settings_fill.c.
 */
#include "settings/settings_tree.h"

#include <libconfig.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "settings/settings_hint.h"

enum {
	DEPTH_MAX = 8 /* of groups in lists in groups; the deepest setting lies at four */
};

/* Of the names of settings. */
#define NAME_OCTETS "abcdefghijklmnopqrstuvwxyz_0123456789"

struct copy {
	struct arena *arena;
	const struct settings_source *source;
	struct problem *problem;
};

static bool copy_value(struct copy *copy, const config_setting_t *from, struct settings_value *to,
                       unsigned depth);

static bool copy_members(struct copy *copy, const config_setting_t *from, struct settings_value *to,
                         unsigned depth)
{
	size_t count = (size_t)config_setting_length(from);
	struct settings_value *members = arena_allocate(copy->arena, (count + 1) * sizeof *members);

	if (depth == DEPTH_MAX)
		return problem_say(copy->problem, "%s:%u: the settings are nested too deeply here",
		                   to->place->file, to->place->line);
	for (size_t i = 0; i < count; i++)
		if (!copy_value(copy, config_setting_get_elem(from, (unsigned)i), &members[i],
		                depth + 1))
			return false;
	to->members = members;
	to->count = count;
	return true;
}

static bool copy_value(struct copy *copy, const config_setting_t *from, struct settings_value *to,
                       unsigned depth)
{
	to->name = arena_string(copy->arena, config_setting_name(from));
	to->place = settings_source_place(copy->source, config_setting_source_line(from));
	switch (config_setting_type(from)) {
	case CONFIG_TYPE_BOOL:
		to->kind = KIND_FLAG;
		to->number = config_setting_get_bool(from);
		return true;
	case CONFIG_TYPE_INT:
	case CONFIG_TYPE_INT64:
		to->kind = KIND_NUMBER;
		to->number = config_setting_get_int64(from);
		return true;
	case CONFIG_TYPE_STRING:
		to->kind = KIND_TEXT;
		to->text = arena_string(copy->arena, config_setting_get_string(from));
		return true;
	case CONFIG_TYPE_ARRAY:
		to->kind = KIND_ARRAY;
		return copy_members(copy, from, to, depth);
	case CONFIG_TYPE_LIST:
		to->kind = KIND_LIST;
		return copy_members(copy, from, to, depth);
	case CONFIG_TYPE_GROUP:
		to->kind = KIND_GROUP;
		return copy_members(copy, from, to, depth);
	default:
		to->kind = KIND_FRACTION;
		return true;
	}
}

/* "dmarc.enforce" is the name of a setting, but cannot be written so in the file. */
static bool says_name_with_dots(struct copy *copy, const struct settings_place *place,
                                const char *line)
{
	size_t group = strspn(line, NAME_OCTETS);
	size_t member = group > 0 && line[group] == '.' ? strspn(line + group + 1, NAME_OCTETS) : 0;

	if (member == 0)
		return false;
	problem_say(copy->problem,
	            "%s:%u: a setting is written inside its group: %.*s: { %.*s = ...; };",
	            place->file, place->line, (int)group, line, (int)member, line + group + 1);
	return true;
}

/* The setting of that name among those read so far, in the group that came last or one around it;
 * NULL where there is none, or more than one that it could be. */
static const config_setting_t *find_first(const config_t *parsed, const char *name)
{
	const config_setting_t *around = config_root_setting(parsed), *found = NULL;

	while (around != NULL && config_setting_is_aggregate(around) == CONFIG_TRUE) {
		const config_setting_t *member = config_setting_get_member(around, name);
		int count = config_setting_length(around);

		if (member != NULL && found != NULL)
			return NULL;
		found = member != NULL ? member : found;
		around = count > 0 ? config_setting_get_elem(around, (unsigned)count - 1) : NULL;
	}
	return found;
}

/* Settings are pasted below a sample in which every group stands already: says where the first one
 * is. */
static bool says_duplicate(const config_t *parsed, struct copy *copy,
                           const struct settings_place *place, const char *line)
{
	const char *name = arena_format(copy->arena, "%.*s", (int)strspn(line, NAME_OCTETS), line);
	const config_setting_t *first = find_first(parsed, name);
	const struct settings_place *there;

	if (first == NULL || strcmp(config_error_text(parsed), "duplicate setting name") != 0)
		return false;
	there = settings_source_place(copy->source, config_setting_source_line(first));
	problem_say(
	    copy->problem,
	    "%s:%u: \"%s\" is here a second time, the first is at %s:%u; make one of the two",
	    place->file, place->line, name, there->file, there->line);
	return true;
}

/* libconfig notices a missing semicolon, quote or bracket only at what follows it. */
static bool syntax_problem(const config_t *parsed, struct copy *copy)
{
	unsigned number = config_error_line(parsed) > 0 ? (unsigned)config_error_line(parsed) : 1;
	const struct settings_place *place = settings_source_place(copy->source, number);
	const char *line = settings_source_line(copy->source, number, copy->arena);
	const char *hint;

	if (says_name_with_dots(copy, place, line) || says_duplicate(parsed, copy, place, line))
		return false;
	if (*line == '\0')
		return problem_say(copy->problem,
		                   "%s:%u: %s before this line; is a } or a ) missing?",
		                   place->file, place->line, config_error_text(parsed));
	hint = settings_hint(line, copy->arena);
	return problem_say(copy->problem, "%s:%u: %s in or just before this line: %s%s%s",
	                   place->file, place->line, config_error_text(parsed), line,
	                   hint == NULL ? "" : "; ", hint == NULL ? "" : hint);
}

const struct settings_value *settings_tree_read(struct arena *arena,
                                                const struct settings_source *source,
                                                struct problem *problem)
{
	struct copy copy = {.arena = arena, .source = source, .problem = problem};
	struct settings_value *root = arena_allocate(arena, sizeof *root);
	config_t parsed;
	bool good;

	config_init(&parsed);
	good = config_read_string(&parsed, source->text) == CONFIG_TRUE
	           ? copy_value(&copy, config_root_setting(&parsed), root, 0)
	           : syntax_problem(&parsed, &copy);
	config_destroy(&parsed);
	return good ? root : NULL;
}

const struct settings_value *settings_tree_value(struct arena *arena, const char *text,
                                                 const char *where, struct problem *problem)
{
	const struct settings_place place = {.file = where, .line = 1};
	struct settings_source source = {.text = arena_format(arena, "standard = %s;\n", text),
	                                 .line_count = 1};
	struct settings_place *places = arena_allocate(arena, sizeof *places);
	const struct settings_value *root;

	*places = place;
	source.places = places;
	root = settings_tree_read(arena, &source, problem);
	return root == NULL || root->count == 0 ? NULL : &root->members[0];
}

void settings_tree_version(char *text, size_t room)
{
	snprintf(text, room, "%d.%d.%d", LIBCONFIG_VER_MAJOR, LIBCONFIG_VER_MINOR,
	         LIBCONFIG_VER_REVISION);
}
