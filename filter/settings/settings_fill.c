/*
 * settings_fill.c - the tree of a settings file and the rows of a group become the group's struct;
 * whatever does not fit becomes a problem. After settings_tree.c, called by settings.c.
 */
#include "settings/settings_fill.h"

#include <string.h>

#include "base/invariant.h"

#include "base/text.h"
#include "settings/settings_check.h"
#include "settings/settings_names.h"

struct fill {
	struct arena *arena, *scratch;
	struct problem *problem;
	const struct setting_group *root;
	struct settings_places *places; /* NULL: nobody asks */
	long entry;                     /* of the list that we are in */
};

/* A setting about to be taken. */
struct fill_target {
	const char *name; /* full */
	const struct setting *row;
	const struct settings_value *value;
	void *into; /* the member of the struct */
};

static bool fill_group(struct fill *fill, const char *name, const struct setting_group *group,
                       const struct settings_value *given, void *into);

static void settings_fill_note(struct fill *fill, const char *name,
                               const struct settings_value *value)
{
	if (fill->places != NULL)
		settings_places_add(fill->places, name, fill->entry, value->place);
}

static const char *kind_text(const struct settings_value *value)
{
	static const char *const names[] = {"true or false", "a number", "a number with a fraction",
	                                    "a text",        "an array", "a list",
	                                    "a group"};

	return names[value->kind];
}

const char *settings_fill_takes(const struct setting *row, struct arena *arena)
{
	struct text names;

	switch (row->type) {
	case SETTING_FLAG:
		return "true or false";
	case SETTING_NUMBER:
		return arena_format(arena, "a number from %ld to %ld", row->minimum, row->maximum);
	case SETTING_STRING:
		return "a text in quotes";
	case SETTING_WORD:
		text_begin(&names, arena, 500);
		text_add(&names, "one of");
		for (size_t i = 0; row->names[i] != NULL; i++)
			text_add_format(&names, "%s \"%s\"", i == 0 ? "" : ",", row->names[i]);
		return names.bytes;
	case SETTING_STRINGS:
		return "texts: [ \"...\", \"...\" ]";
	case SETTING_NETWORKS:
		return "addresses and networks: [ \"192.0.2.0/24\", \"2001:db8::1\" ]";
	case SETTING_GROUP:
		return "a group: { ... }";
	case SETTING_LIST:
		return "a list of groups: ( { ... }, { ... } )";
	}
	return "";
}

static bool wrong_kind(struct fill *fill, const struct fill_target *target,
                       const struct settings_value *value)
{
	return problem_say(fill->problem, "%s:%u: setting \"%s\" %s %s; it takes %s",
	                   value->place->file, value->place->line, target->name,
	                   value == target->value ? "is" : "holds", kind_text(value),
	                   settings_fill_takes(target->row, fill->scratch));
}

static bool wrong_text(struct fill *fill, const struct fill_target *target,
                       const struct settings_value *value, const char *why)
{
	return problem_say(fill->problem, "%s:%u: setting \"%s\" is \"%s\": %s", value->place->file,
	                   value->place->line, target->name,
	                   text_printable(fill->scratch, value->text, 80), why);
}

static bool fill_flag(struct fill *fill, const struct fill_target *target)
{
	if (target->value->kind != KIND_FLAG)
		return wrong_kind(fill, target, target->value);
	*(bool *)target->into = target->value->number != 0;
	return true;
}

static bool fill_number(struct fill *fill, const struct fill_target *target)
{
	const struct settings_value *value = target->value;

	if (value->kind != KIND_NUMBER)
		return wrong_kind(fill, target, value);
	if (value->number < target->row->minimum || value->number > target->row->maximum)
		return problem_say(fill->problem, "%s:%u: setting \"%s\" is %lld; it takes %s",
		                   value->place->file, value->place->line, target->name,
		                   value->number, settings_fill_takes(target->row, fill->scratch));
	*(long *)target->into = (long)value->number;
	return true;
}

static bool fill_text(struct fill *fill, const struct fill_target *target,
                      const struct settings_value *value, const char **into)
{
	const char *taken, *wrong;

	if (value->kind != KIND_TEXT)
		return wrong_kind(fill, target, value);
	if (!settings_check_text(target->name, value->text, fill->scratch, &taken, &wrong))
		return wrong_text(fill, target, value, wrong);
	*into = arena_string(fill->arena, taken);
	return true;
}

static bool fill_string(struct fill *fill, const struct fill_target *target)
{
	return fill_text(fill, target, target->value, target->into);
}

static bool fill_word(struct fill *fill, const struct fill_target *target)
{
	int index;

	if (target->value->kind != KIND_TEXT)
		return wrong_kind(fill, target, target->value);
	index = text_word(target->row->names, target->value->text);
	if (index < 0)
		return wrong_text(fill, target, target->value,
		                  arena_format(fill->scratch, "it takes %s",
		                               settings_fill_takes(target->row, fill->scratch)));
	*(int *)target->into = index;
	return true;
}

/* The items of an array or a list; a text alone is one item. False where it is anything else. */
static bool items_of(const struct settings_value *value, const struct settings_value **items,
                     size_t *count)
{
	bool several = value->kind == KIND_ARRAY || value->kind == KIND_LIST;

	*items = several ? value->members : value;
	*count = several ? value->count : 1;
	return several || value->kind == KIND_TEXT;
}

static bool fill_strings(struct fill *fill, const struct fill_target *target)
{
	const struct settings_value *items;
	struct strings *strings = target->into;
	const char **texts;
	size_t count;

	if (!items_of(target->value, &items, &count))
		return wrong_kind(fill, target, target->value);
	texts = arena_allocate(fill->arena, (count + 1) * sizeof *texts);
	for (size_t i = 0; i < count; i++)
		if (!fill_text(fill, target, &items[i], &texts[i]))
			return false;
	*strings = (struct strings){.count = count, .items = texts};
	return true;
}

static bool fill_networks(struct fill *fill, const struct fill_target *target)
{
	const struct settings_value *items;
	struct networks *networks = target->into;
	struct network *list;
	size_t count;

	if (!items_of(target->value, &items, &count))
		return wrong_kind(fill, target, target->value);
	list = arena_allocate(fill->arena, (count + 1) * sizeof *list);
	for (size_t i = 0; i < count; i++) {
		if (items[i].kind != KIND_TEXT)
			return wrong_kind(fill, target, &items[i]);
		if (!network_parse(items[i].text, &list[i]))
			return wrong_text(fill, target, &items[i],
			                  "it is not an address or network such as 192.0.2.0/24 or "
			                  "2001:db8::/32");
	}
	*networks = (struct networks){.count = count, .items = list};
	return true;
}

static bool fill_subgroup(struct fill *fill, const struct fill_target *target)
{
	if (target->value != NULL && target->value->kind != KIND_GROUP)
		return wrong_kind(fill, target, target->value);
	return fill_group(fill, target->name, target->row->group, target->value, target->into);
}

static bool fill_list(struct fill *fill, const struct fill_target *target)
{
	const struct setting_group *group = target->row->group;
	const struct settings_value *value = target->value;
	struct setting_list *list = target->into;
	unsigned char *structs;
	const char **files;
	int *lines;

	*list = (struct setting_list){.count = 0};
	if (value == NULL)
		return true;
	/* libconfig writes an empty list as ( ), and somebody may as well write [ ] */
	if (value->kind != KIND_LIST && (value->kind != KIND_ARRAY || value->count > 0))
		return wrong_kind(fill, target, value);
	structs = arena_allocate(fill->arena, (value->count + 1) * group->size);
	lines = arena_allocate(fill->arena, (value->count + 1) * sizeof *lines);
	files = arena_allocate(fill->arena, (value->count + 1) * sizeof *files);
	for (size_t i = 0; i < value->count; i++) {
		if (value->members[i].kind != KIND_GROUP)
			return wrong_kind(fill, target, &value->members[i]);
		fill->entry = (long)i;
		settings_fill_note(fill, target->name, &value->members[i]);
		if (!fill_group(fill, target->name, group, &value->members[i],
		                structs + i * group->size))
			return false;
		fill->entry = PLACES_NO_ENTRY;
		lines[i] = (int)value->members[i].place->line;
		files[i] =
		    i > 0 && value->members[i].place->file == value->members[i - 1].place->file
		        ? files[i - 1]
		        : arena_string(fill->arena, value->members[i].place->file);
	}
	*list = (struct setting_list){
	    .count = value->count, .items = structs, .lines = lines, .files = files};
	return true;
}

static bool fill_value(struct fill *fill, const struct fill_target *target)
{
	static bool (*const fillers[])(struct fill *, const struct fill_target *) = {
	    [SETTING_FLAG] = fill_flag,       [SETTING_NUMBER] = fill_number,
	    [SETTING_STRING] = fill_string,   [SETTING_WORD] = fill_word,
	    [SETTING_STRINGS] = fill_strings, [SETTING_NETWORKS] = fill_networks,
	    [SETTING_GROUP] = fill_subgroup,  [SETTING_LIST] = fill_list,
	};

	invariant(target->row->type < sizeof fillers / sizeof fillers[0]);
	return fillers[target->row->type](fill, target);
}

static const char *settings_fill_join(struct fill *fill, const char *group, const char *name)
{
	return group[0] == '\0' ? name : arena_format(fill->scratch, "%s.%s", group, name);
}

static bool unknown(struct fill *fill, const char *name, const struct settings_value *value)
{
	char nearest[SETTINGS_NAME_MAX];
	const char *shown = text_printable(fill->scratch, name, SETTINGS_NAME_MAX);

	if (settings_names_nearest(fill->root, name, nearest))
		return problem_say(fill->problem,
		                   "%s:%u: setting \"%s\" is unknown; did you mean \"%s\"?",
		                   value->place->file, value->place->line, shown, nearest);
	return problem_say(fill->problem,
	                   "%s:%u: setting \"%s\" is unknown; `assay config --explain` lists all",
	                   value->place->file, value->place->line, shown);
}

static const struct setting *row_named(const struct setting_group *group, const char *name)
{
	for (const struct setting *row = group->rows; row->name != NULL; row++)
		if (strcmp(row->name, name) == 0)
			return row;
	return NULL;
}

static const struct settings_value *member_named(const struct settings_value *given,
                                                 const char *name)
{
	for (size_t i = 0; given != NULL && i < given->count; i++)
		if (strcmp(given->members[i].name, name) == 0)
			return &given->members[i];
	return NULL;
}

/* In the order of the file, so that the first problem reported is the first in the file. */
static bool fill_given(struct fill *fill, const char *name, const struct setting_group *group,
                       const struct settings_value *given, unsigned char *into)
{
	for (size_t i = 0; i < given->count; i++) {
		const struct settings_value *value = &given->members[i];
		const struct setting *row = row_named(group, value->name);
		struct fill_target target = {.name = settings_fill_join(fill, name, value->name),
		                             .row = row,
		                             .value = value};

		if (row == NULL)
			return unknown(fill, target.name, value);
		settings_fill_note(fill, target.name, value);
		target.into = into + row->offset;
		if (!fill_value(fill, &target))
			return false;
	}
	return true;
}

static bool fill_standard(struct fill *fill, const char *name, const struct setting *row,
                          const struct settings_value *given, unsigned char *into)
{
	struct fill_target target = {.name = settings_fill_join(fill, name, row->name),
	                             .row = row,
	                             .into = into + row->offset};

	if (row->type == SETTING_GROUP || row->type == SETTING_LIST)
		return fill_value(fill, &target);
	if (row->standard == NULL)
		return problem_say(fill->problem,
		                   "%s:%u: setting \"%s\" is missing here; it takes %s",
		                   given == NULL ? "built-in defaults" : given->place->file,
		                   given == NULL ? 1 : given->place->line, target.name,
		                   settings_fill_takes(row, fill->scratch));
	target.value =
	    settings_tree_value(fill->scratch, row->standard, "built-in defaults", fill->problem);
	invariant(target.value != NULL);
	return fill_value(fill, &target);
}

static bool fill_group(struct fill *fill, const char *name, const struct setting_group *group,
                       const struct settings_value *given, void *into)
{
	if (given != NULL && !fill_given(fill, name, group, given, into))
		return false;
	for (const struct setting *row = group->rows; row->name != NULL; row++)
		if (member_named(given, row->name) == NULL &&
		    !fill_standard(fill, name, row, given, into))
			return false;
	return true;
}

bool settings_fill(const struct setting_group *root, const struct settings_value *given, void *into,
                   struct settings_places *places, struct arena *arena, struct arena *scratch,
                   struct problem *problem)
{
	struct fill fill = {.arena = arena,
	                    .scratch = scratch,
	                    .problem = problem,
	                    .root = root,
	                    .places = places,
	                    .entry = PLACES_NO_ENTRY};

	return fill_group(&fill, "", root, given, into);
}
