/*
 * settings_tree.c - has libconfig parse the text of the settings, and copies the outcome into a tree of our
 * own. The only file that knows libconfig. After settings_source.c, before settings_fill.c.
 */
#include "settings/settings_tree.h"

#include <libconfig.h>
#include <stdio.h>

#include "text.h"

enum {
	DEPTH_MAX = 8 /* of groups in lists in groups; the deepest setting lies at four */
};

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
		if (!copy_value(copy, config_setting_get_elem(from, (unsigned)i), &members[i], depth + 1))
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

/* libconfig notices a missing semicolon, quote or bracket only at what follows it. */
static bool syntax_problem(const config_t *parsed, struct copy *copy)
{
	unsigned line = config_error_line(parsed) > 0 ? (unsigned)config_error_line(parsed) : 1;
	const struct settings_place *place = settings_source_place(copy->source, line);

	return problem_say(copy->problem, "%s:%u: %s in or just before this line: %s", place->file,
	                   place->line, config_error_text(parsed),
	                   settings_source_line(copy->source, line, copy->arena));
}

const struct settings_value *settings_tree_read(struct arena *arena, const struct settings_source *source,
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

const struct settings_value *settings_tree_value(struct arena *arena, const char *text, const char *where,
                                                 struct problem *problem)
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

void settings_tree_version(char *words, size_t room)
{
	snprintf(words, room, "%d.%d.%d", LIBCONFIG_VER_MAJOR, LIBCONFIG_VER_MINOR, LIBCONFIG_VER_REVISION);
}
