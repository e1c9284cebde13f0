/*
 * settings_explain.c - what each setting is for, what it takes and what it is by default, from the
 * rows. Called by `assay config --explain`.
 */
#include "settings/settings.h"

#include <string.h>

#include "settings/settings_fill.h"
#include "settings/settings_names.h"
#include "settings/settings_rows.h"

struct explaining {
	FILE *to;
	const char *wanted; /* NULL: all */
	struct arena *arena;
	bool found;
};

/* Is `name` the setting wanted or inside the group wanted? */
static bool is_wanted(const char *wanted, const char *name)
{
	size_t length = wanted == NULL ? 0 : strlen(wanted);

	return wanted == NULL || (strncmp(name, wanted, length) == 0 &&
	                          (name[length] == '\0' || name[length] == '.'));
}

static bool explain_one(void *context, const struct settings_visit *setting)
{
	struct explaining *explaining = context;
	const struct setting *row = setting->row;

	if (!is_wanted(explaining->wanted, setting->name))
		return true;
	if (explaining->found)
		fputc('\n', explaining->to);
	explaining->found = true;
	fprintf(explaining->to, "%s\n    %s\n    takes    %s\n", setting->name, row->help,
	        settings_fill_takes(row, explaining->arena));
	if (row->group == NULL)
		fprintf(explaining->to, "    default  %s\n",
		        row->standard == NULL ? "none, it is required" : row->standard);
	return true;
}

bool settings_explain(const char *name, FILE *to, struct problem *problem)
{
	struct explaining explaining = {.to = to, .wanted = name, .arena = arena_new()};
	char nearest[SETTINGS_NAME_MAX];

	settings_names_walk(&settings_rows, explain_one, &explaining);
	arena_free(explaining.arena);
	if (explaining.found)
		return true;
	if (settings_names_nearest(&settings_rows, name, nearest))
		return problem_say(problem, "there is no setting \"%.100s\"; did you mean \"%s\"?",
		                   name, nearest);
	return problem_say(
	    problem, "there is no setting \"%.100s\"; `assay config --explain` lists all", name);
}
