/*
 * key_list.c - `assay key list [DOMAIN]`: the keys that there are, and what each does.
 */
#include <sysexits.h>

#include "tool/common/tool.h"
#include "tool/key/key_print.h"

struct listing {
	const struct key_asked *asked;
	struct key_print print;
	struct problem *problem;
	bool unreadable;
};

static bool list_place(const struct key_place *place, void *with)
{
	struct listing *listing = with;
	struct arena *arena = arena_new();
	struct key_files files;
	bool good =
	    key_file_list(place, listing->asked->settings->user, arena, &files, listing->problem);

	for (size_t i = 0; good && i < files.count; i++) {
		listing->unreadable = listing->unreadable || files.items[i].private == NULL;
		key_print_file(&listing->print, &files.items[i], NULL, arena);
	}
	listing->print.domain = place->domain;
	arena_free(arena);
	return good;
}

int key_list(const struct key_asked *asked)
{
	struct problem problem;
	struct listing listing = {
	    .asked = asked, .print = {.json = asked->json}, .problem = &problem};

	if (!key_place_each(asked, list_place, &listing, &problem))
		return tool_complain(EX_NOINPUT, "%s", problem.message);
	key_print_end(&listing.print, asked->domain);
	return listing.unreadable ? EX_NOINPUT : EX_OK;
}
