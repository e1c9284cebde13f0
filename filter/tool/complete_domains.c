/*
 * complete_domains.c - the domains that have signing keys, for the shell's completion. Called by
 * complete.c.
 */
#include "tool/complete.h"

#include <string.h>
#include <unistd.h>

#include "tool/common/tool.h"
#include "tool/key/key.h"

static bool print_domain(const struct key_place *place, void *context)
{
	const char *prefix = context;

	if (strncmp(place->domain, prefix, strlen(prefix)) == 0 && access(place->path, F_OK) == 0)
		puts(place->domain);
	return true;
}

void complete_domains(const char *settings, const char *keys, const char *prefix)
{
	struct problem problem;
	struct key_arguments arguments = {
	    .keys = keys,
	    .settings = settings_read_keyless(tool_settings_path(settings), &problem)};
	char text[256];

	if (arguments.settings == NULL || strlen(prefix) >= sizeof text)
		return;
	arguments.arena = arena_new();
	strcpy(text, prefix);
	key_place_each(&arguments, print_domain, text, &problem);
	arena_free(arguments.arena);
	settings_release(arguments.settings);
}
