/*
 * review_run.c - what the checks of all review_*.c files report their findings with, and ask about
 * where a setting stands. review.c begins a run and reads the findings at its end.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/invariant.h"
#include "base/log.h"
#include "review/review_checks.h"

enum {
	FINDINGS_MAX = 200,
	TEXT_MAX = 1000
};

static const struct settings_place *find_place(const struct review_run *run, const char *setting,
                                               long entry)
{
	const struct settings_place *place =
	    settings_places_find(run->settings->places, setting, entry);
	char list[64];

	if (place != NULL || entry == PLACES_NO_ENTRY)
		return place;
	snprintf(list, sizeof list, "%.*s", (int)strcspn(setting, "."), setting);
	return settings_places_find(run->settings->places, list, entry);
}

void review_run_add(struct review_run *run, const char *setting, long entry, const char *format,
                    ...)
{
	const struct settings_place *place = find_place(run, setting, entry);
	char text[TEXT_MAX];
	va_list arguments;

	invariant(run->row != NULL);
	invariant(entry >= PLACES_NO_ENTRY);
	log_debug("settings: check \"%s\" finds a mistake in \"%s\"", run->row->name, setting);
	if (run->count == FINDINGS_MAX) {
		log_debug("settings: more than %d findings, this one is not kept", FINDINGS_MAX);
		return;
	}
	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	run->findings = arena_grow(run->arena, run->findings, run->count, &run->room, 16,
	                           sizeof *run->findings);
	run->findings[run->count++] = (struct review_finding){
	    .level = run->row->level,
	    .check = run->row->name,
	    .setting = setting,
	    .file = place == NULL ? run->settings->path : place->file,
	    .line = place == NULL ? 0 : place->line,
	    .text = arena_string(run->arena, text),
	};
}

bool review_run_is_set(const struct review_run *run, const char *setting)
{
	return settings_places_find(run->settings->places, setting, PLACES_NO_ENTRY) != NULL &&
	       !settings_print_is_standard(run->settings, setting);
}

void review_run_no_effect(struct review_run *run, const char *const *settings, const char *why)
{
	for (; *settings != NULL; settings++)
		if (review_run_is_set(run, *settings))
			review_run_add(run, *settings, PLACES_NO_ENTRY,
			               "setting \"%s\" has no effect: %s", *settings, why);
}

const char *review_run_entry_name(struct review_run *run, const char *noun, const char *list,
                                  size_t entry)
{
	const struct settings_place *place = find_place(run, list, (long)entry);

	if (place == NULL)
		return arena_format(run->arena, "%s %zu", noun, entry + 1);
	return arena_format(run->arena, "%s %zu (%s:%u)", noun, entry + 1, place->file,
	                    place->line);
}
