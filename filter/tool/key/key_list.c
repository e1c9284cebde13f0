/*
 * key_list.c - `assay key list [DOMAIN]`: the existing keys, and what each does.
 */
#include <sysexits.h>

#include "tool/common/tool.h"
#include "tool/key/key_print.h"

struct list {
	const struct key_arguments *arguments;
	struct key_print print;
	struct problem *problem;
	bool unreadable;
};

static bool list_place(const struct key_place *place, void *context)
{
	struct list *list = context;
	struct arena *arena = arena_new();
	struct key_files files;
	bool good =
	    key_file_list(place, list->arguments->settings->user, arena, &files, list->problem);

	for (size_t i = 0; good && i < files.count; i++) {
		list->unreadable = list->unreadable || files.items[i].private == NULL;
		key_print_file(&list->print, &files.items[i], NULL, arena);
	}
	list->print.domain = place->domain;
	arena_free(arena);
	return good;
}

int key_list(const struct key_arguments *arguments)
{
	struct problem problem;
	struct list list = {
	    .arguments = arguments, .print = {.json = arguments->json}, .problem = &problem};

	if (!key_place_each(arguments, list_place, &list, &problem))
		return tool_complain(EX_NOINPUT, "%s", problem.message);
	key_print_end(&list.print, arguments->domain);
	return list.unreadable ? EX_NOINPUT : EX_OK;
}
