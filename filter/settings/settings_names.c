/*
 * settings_names.c - walks over the rows of all groups, and finds the known name nearest to an
 * unknown one. Called by settings_fill.c for its errors and by settings_explain.c.
 */
#include "settings/settings_names.h"

#include <stdio.h>
#include <string.h>

#include "base/invariant.h"
#include "base/text.h"

enum {
	DEPTH_MAX = 4 /* of groups in the rows */
};

struct settings_names_walk {
	bool (*visit)(void *context, const struct settings_visit *setting);
	void *context;
};

/* Depth is that of the rows, which the code fixes. */
static bool walk_group(const struct settings_names_walk *walk, const struct setting_group *group,
                       const char *prefix, unsigned depth)
{
	invariant(group != NULL && depth <= DEPTH_MAX);
	for (const struct setting *row = group->rows; row->name != NULL; row++) {
		char name[SETTINGS_NAME_MAX];
		struct settings_visit setting = {.name = name, .row = row, .depth = depth};

		snprintf(name, sizeof name, "%s%s%s", prefix, prefix[0] == '\0' ? "" : ".",
		         row->name);
		if (!walk->visit(walk->context, &setting))
			return false;
		if (row->group != NULL && !walk_group(walk, row->group, name, depth + 1))
			return false;
	}
	return true;
}

bool settings_names_walk(const struct setting_group *root,
                         bool (*visit)(void *context, const struct settings_visit *setting),
                         void *context)
{
	const struct settings_names_walk walk = {.visit = visit, .context = context};

	return walk_group(&walk, root, "", 0);
}

static size_t smallest(size_t one, size_t two, size_t three)
{
	size_t less = one < two ? one : two;

	return less < three ? less : three;
}

/* How many letters have to be put in, left out or changed (Levenshtein); cases do not differ. */
static size_t distance(const char *from, const char *to)
{
	size_t row[SETTINGS_NAME_MAX + 1];
	size_t width = strnlen(to, SETTINGS_NAME_MAX);

	for (size_t i = 0; i <= width; i++)
		row[i] = i;
	for (size_t at = 0; from[at] != '\0' && at < SETTINGS_NAME_MAX; at++) {
		size_t diagonal = row[0];

		row[0] = at + 1;
		for (size_t i = 0; i < width; i++) {
			size_t changed =
			    diagonal + (text_lower_byte(from[at]) != text_lower_byte(to[i]));

			diagonal = row[i + 1];
			row[i + 1] = smallest(changed, row[i] + 1, row[i + 1] + 1);
		}
	}
	return row[width];
}

static const char *last_part(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot == NULL ? name : dot + 1;
}

struct nearest {
	const char *wanted;
	char *name;
	size_t distance;
};

/* A name in the wrong group counts as near: "enforce" for "dmarc.enforce". */
static bool settings_names_compare(void *context, const struct settings_visit *setting)
{
	struct nearest *nearest = context;
	size_t whole = distance(nearest->wanted, setting->name);
	size_t part = distance(last_part(nearest->wanted), setting->row->name);

	if (part == 0 && whole > 2)
		whole = 2;
	if (whole < nearest->distance) {
		nearest->distance = whole;
		snprintf(nearest->name, SETTINGS_NAME_MAX, "%s", setting->name);
	}
	return true;
}

bool settings_names_nearest(const struct setting_group *root, const char *name,
                            char nearest[SETTINGS_NAME_MAX])
{
	struct nearest best = {
	    .wanted = name, .name = nearest, .distance = strlen(last_part(name)) / 3 + 2};

	nearest[0] = '\0';
	settings_names_walk(root, settings_names_compare, &best);
	return nearest[0] != '\0';
}
