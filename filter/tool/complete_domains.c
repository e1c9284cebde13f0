/*
 * complete_domains.c - the domains that have signing keys, for the shell's completion. Called by
 * complete.c.
 */
#include "tool/complete.h"

#include <string.h>
#include <unistd.h>

#include "tool/common/tool.h"
#include "tool/key/key.h"

static bool print_domain(const struct key_place *place, void *with)
{
	const char *begun = with;

	if (strncmp(place->domain, begun, strlen(begun)) == 0 && access(place->path, F_OK) == 0)
		puts(place->domain);
	return true;
}

void complete_domains(const char *settings, const char *keys, const char *begun)
{
	struct problem problem;
	struct key_asked asked = {
	    .keys = keys,
	    .settings = settings_read_keyless(tool_settings_path(settings), &problem)};
	char text[256];

	if (asked.settings == NULL || strlen(begun) >= sizeof text)
		return;
	asked.arena = arena_new();
	strcpy(text, begun);
	key_place_each(&asked, print_domain, text, &problem);
	arena_free(asked.arena);
	settings_release(asked.settings);
}
