/*
 * import_signing.c - the list of signatures that import_sign.c and import_table.c fill.
 */
#include <stdlib.h>
#include <string.h>

#include "base/invariant.h"
#include "tool/import/import_sign.h"

const char *import_signing_comment(struct arena *arena, struct import_place place, const char *name,
                                   const char *value)
{
	return import_draft_clean(
	    arena, arena_format(arena, "%s:%u: %s %s", place.file, place.line, name, value),
	    IMPORT_COMMENT_MAX);
}

void import_signing_add(struct import_signing *signing, const struct import_signature *signature)
{
	invariant(signature->domain != NULL && signature->selector != NULL);
	ARENA_ADD(signing->work->arena, signing->items, signing->count, signing->room) = *signature;
}

static int by_signer(const void *one, const void *other)
{
	const struct import_signature *a = *(const struct import_signature *const *)one;
	const struct import_signature *b = *(const struct import_signature *const *)other;
	int order = strcmp(a->signer, b->signer);

	return order != 0 ? order : strcmp(a->selector, b->selector);
}

void import_signing_find_folders(struct import_signing *signing)
{
	struct import_work *work = signing->work;
	struct import_signature **sorted =
	    arena_allocate(work->arena, (signing->count + 1) * sizeof(struct import_signature *));
	size_t count = 0, end;

	invariant(signing->work->keys_folder != NULL && signing->paths != NULL);
	for (size_t i = 0; i < signing->count; i++)
		if (signing->paths[i] != NULL)
			sorted[count++] = &signing->items[i];
	if (count > 1)
		qsort(sorted, count, sizeof *sorted, by_signer);
	for (size_t start = 0; start < count; start = end) {
		bool alone =
		    sorted[start]->signer[0] != '*' &&
		    import_keys_alone(work, sorted[start]->signer, sorted[start]->selector);

		for (end = start;
		     end < count && strcmp(sorted[end]->signer, sorted[start]->signer) == 0; end++)
			alone =
			    alone && strcmp(sorted[end]->selector, sorted[start]->selector) == 0;
		for (size_t i = start; i < end; i++)
			sorted[i]->by_folder = alone;
	}
}
