/*
 * import_own.c - what the existing settings of assayd say about its installation. Called by
 * import.c before the files of the other programs.
 */
#include <limits.h>

#include "settings/settings.h"
#include "settings/settings_places.h"
#include "tool/import/import.h"

/* A setting that the file has, as an option; NULL if it does not have it. */
static const struct import_option *own_option(struct import_work *work,
                                              const struct settings *settings, const char *name,
                                              const char *value)
{
	const struct settings_place *place =
	    settings_places_find(settings->places, name, PLACES_NO_ENTRY);
	struct import_option *option;

	if (place == NULL)
		return NULL;
	option = arena_allocate(work->arena, sizeof *option);
	*option = (struct import_option){
	    .name = name,
	    .value = arena_string(work->arena, value),
	    .place = {import_draft_clean(work->arena, place->file, PATH_MAX), place->line}};
	return option;
}

/* Where assayd listens and whether it sends reports depends on its installation (the Debian package
 * sets both), not on the other programs: both are kept. */
static void keep_own(struct import_work *work, const struct settings *settings)
{
	static const char remark[] = "as assayd has it already";
	const struct {
		const char *name, *value;
	} rows[] = {{"listen", settings->listen},
	            {"socket.mode", settings->socket.mode},
	            {"socket.group", settings->socket.group}};
	const struct import_option *automatic = own_option(
	    work, settings, "reports.automatic", settings->reports.automatic ? "true" : "false");

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct import_option *option =
		    own_option(work, settings, rows[i].name, rows[i].value);

		if (option != NULL)
			import_draft_text(work->draft, rows[i].name, option->value, option, remark);
	}
	work->own_socket = import_draft_has(work->draft, "listen");
	if (automatic != NULL)
		import_draft_flag(work->draft, "reports.automatic", settings->reports.automatic,
		                  automatic, remark);
}

bool import_own(struct import_work *work, const char *path, struct problem *problem)
{
	struct stat about;
	struct settings *settings =
	    settings_read_keyless(path == NULL ? settings_standard_path() : path, problem);

	if (settings == NULL)
		return path == NULL;
	if (stat(path == NULL ? settings_standard_path() : path, &about) == 0)
		import_file_note(path == NULL ? settings_standard_path() : path, &about);
	keep_own(work, settings);
	settings_release(settings);
	return true;
}
