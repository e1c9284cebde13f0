/*
 * manual_settings.c - every setting for assay.conf(5), from the rows (setting.h). Called by help.c.
 */
#include "tool/manual/manual.h"

#include <string.h>

#include "review/review.h"
#include "settings/settings_fill.h"
#include "settings/settings_names.h"
#include "settings/settings_rows.h"

struct manual_settings_writing {
	FILE *to;
	struct arena *arena;
	bool listed; /* a .Bl is open */
};

static void end_list(struct manual_settings_writing *writing)
{
	if (writing->listed)
		fputs(".El\n", writing->to);
	writing->listed = false;
}

static void begin_section(struct manual_settings_writing *writing, const char *title)
{
	end_list(writing);
	fprintf(writing->to, ".Ss %s\n", title);
}

/* What it takes and what it is without the setting, in a paragraph of its own. */
static void write_takes(struct manual_settings_writing *writing, const struct setting *row)
{
	const char *takes = settings_fill_takes(row, writing->arena);
	const char *standard = row->standard == NULL
	                           ? "it has to be given"
	                           : arena_format(writing->arena, "default: %s", row->standard);

	fputs(".Pp\n", writing->to);
	manual_text(writing->to, arena_format(writing->arena, "Takes %s; %s.", takes, standard));
}

static bool write_one(void *with, const struct settings_visit *setting)
{
	struct manual_settings_writing *writing = with;
	const struct setting *row = setting->row;

	if (row->group != NULL) {
		begin_section(writing, arena_format(writing->arena, "%s%s", setting->name,
		                                    row->type == SETTING_LIST ? " (a list)" : ""));
		manual_text(writing->to, row->help);
		return true;
	}
	if (setting->depth == 0 && !writing->listed)
		begin_section(writing, "Outside of groups");
	if (!writing->listed)
		fputs(".Bl -tag -width Ds\n", writing->to);
	writing->listed = true;
	fprintf(writing->to, ".It Va %s\n", setting->name);
	manual_text(writing->to, row->help);
	write_takes(writing, row);
	return true;
}

/* What belongs to no group first, wherever its row stands. */
static bool write_top(void *with, const struct settings_visit *setting)
{
	return setting->depth > 0 || setting->row->group != NULL || write_one(with, setting);
}

static bool write_grouped(void *with, const struct settings_visit *setting)
{
	return (setting->depth == 0 && setting->row->group == NULL) || write_one(with, setting);
}

void manual_settings(const struct tool_command *const *commands, FILE *to)
{
	struct manual_settings_writing writing = {.to = to, .arena = arena_new()};

	(void)commands;
	settings_names_walk(&settings_rows, write_top, &writing);
	settings_names_walk(&settings_rows, write_grouped, &writing);
	end_list(&writing);
	arena_free(writing.arena);
}

static void write_check(void *with, const char *name, enum review_level level, const char *about)
{
	FILE *to = with;

	fprintf(to, ".It %s%s\n", name, level == REVIEW_ERROR ? " Pq an error" : "");
	manual_text(to, about);
}

void manual_settings_checks(const struct tool_command *const *commands, FILE *to)
{
	(void)commands;
	fputs(".Bl -tag -width Ds\n", to);
	review_checks(write_check, to);
	fputs(".El\n", to);
}
