/*
 * manual_settings.c - every setting for assay.conf(5), from the rows (setting.h). Called by help.c.
 */
#include "tool/manual/manual.h"

#include <string.h>

#include "review/review.h"
#include "settings/settings_fill.h"
#include "settings/settings_names.h"
#include "settings/settings_rows.h"

struct manual_settings_page {
	FILE *to;
	struct arena *arena;
	bool listed; /* a .Bl is open */
};

static void end_list(struct manual_settings_page *page)
{
	if (page->listed)
		fputs(".El\n", page->to);
	page->listed = false;
}

static void begin_section(struct manual_settings_page *page, const char *title)
{
	end_list(page);
	fprintf(page->to, ".Ss %s\n", title);
}

/* Its type and its default, in a paragraph of its own. */
static void write_takes(struct manual_settings_page *page, const struct setting *row)
{
	const char *takes = settings_fill_takes(row, page->arena);
	const char *standard = row->standard == NULL
	                           ? "it has to be given"
	                           : arena_format(page->arena, "default: %s", row->standard);

	fputs(".Pp\n", page->to);
	manual_text(page->to, arena_format(page->arena, "Takes %s; %s.", takes, standard));
}

static bool write_one(void *context, const struct settings_visit *setting)
{
	struct manual_settings_page *page = context;
	const struct setting *row = setting->row;

	if (row->group != NULL) {
		begin_section(page, arena_format(page->arena, "%s%s", setting->name,
		                                 row->type == SETTING_LIST ? " (a list)" : ""));
		manual_text(page->to, row->help);
		return true;
	}
	if (setting->depth == 0 && !page->listed)
		begin_section(page, "Outside of groups");
	if (!page->listed)
		fputs(".Bl -tag -width Ds\n", page->to);
	page->listed = true;
	fprintf(page->to, ".It Va %s\n", setting->name);
	manual_text(page->to, row->help);
	write_takes(page, row);
	return true;
}

/* Settings outside of groups come first, wherever their row is. */
static bool write_top(void *context, const struct settings_visit *setting)
{
	return setting->depth > 0 || setting->row->group != NULL || write_one(context, setting);
}

static bool write_grouped(void *context, const struct settings_visit *setting)
{
	return (setting->depth == 0 && setting->row->group == NULL) || write_one(context, setting);
}

void manual_settings(const struct tool_command *const *commands, FILE *to)
{
	struct manual_settings_page page = {.to = to, .arena = arena_new()};

	(void)commands;
	settings_names_walk(&settings_rows, write_top, &page);
	settings_names_walk(&settings_rows, write_grouped, &page);
	end_list(&page);
	arena_free(page.arena);
}

static void write_check(void *context, const char *name, enum review_level level, const char *about)
{
	FILE *to = context;

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
