/*
 * selection.c - selects the header fields that any signature covers. header_hash.c looks for each
 * name among these alone; libopendkim, which searches its whole header once for each name of each
 * signature, gets no others (second_opinion.c).
 */
#include "dkim/selection.h"

#include <stdlib.h>
#include <string.h>

#include "base/invariant.h"
#include "base/text.h"

/* One name of one h=; after merge(), with `need`, one name of all of them. */
struct selection_wanted {
	const char *name;
	size_t signature;
	size_t need;
};

static int by_name(const void *one, const void *other)
{
	const struct selection_wanted *first = one, *second = other;
	int order = strcmp(first->name, second->name);

	if (order != 0)
		return order;
	return first->signature < second->signature ? -1 : first->signature > second->signature;
}

static size_t collect(struct selection_wanted *wanted, const struct selection_names *signatures,
                      size_t count)
{
	size_t filled = 0;

	for (size_t i = 0; i < count; i++)
		for (size_t n = 0; n < signatures[i].count; n++)
			wanted[filled++] = (struct selection_wanted){signatures[i].names[n], i, 0};
	return filled;
}

/* Sorted by name, then signature: the longest run of one signature is the number of fields of that
 * name that are needed. */
static size_t merge(struct selection_wanted *wanted, size_t count)
{
	size_t names = 0, run = 0;

	for (size_t i = 0; i < count; i++) {
		bool same_name = names > 0 && strcmp(wanted[names - 1].name, wanted[i].name) == 0;

		run = same_name && wanted[names - 1].signature == wanted[i].signature ? run + 1 : 1;
		if (!same_name)
			wanted[names++] = wanted[i];
		wanted[names - 1].signature = wanted[i].signature;
		if (run > wanted[names - 1].need)
			wanted[names - 1].need = run;
	}
	return names;
}

/* Without the white space before the colon that RFC 5322 4.5 allows in old messages; libopendkim
 * ignores it too. */
static size_t name_length(const char *name)
{
	size_t length = strlen(name);

	while (length > 0 && text_is_space(name[length - 1]))
		length--;
	return length;
}

static struct selection_wanted *selection_find(struct selection_wanted *wanted, size_t count,
                                               const char *name)
{
	size_t length = name_length(name);
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const char *key = wanted[middle].name;
		int order = 0;

		for (size_t i = 0; order == 0 && i < length; i++)
			order = (unsigned char)text_lower_byte(name[i]) - (unsigned char)key[i];
		if (order == 0 && key[length] == '\0')
			return &wanted[middle];
		if (order > 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

const bool *selection_make(struct arena *arena, const struct message *message,
                           const struct selection_names *signatures, size_t count)
{
	bool *kept = arena_allocate(arena, message->header_count * sizeof *kept);
	struct selection_wanted *wanted;
	size_t names = 0;

	for (size_t i = 0; i < count; i++)
		names += signatures[i].count;
	wanted = arena_allocate(arena, names * sizeof *wanted);
	names = collect(wanted, signatures, count);
	qsort(wanted, names, sizeof *wanted, by_name);
	names = merge(wanted, names);
	invariant(names == 0 || wanted[0].need > 0);
	for (size_t i = message->header_count; i > 0; i--) {
		struct selection_wanted *name =
		    selection_find(wanted, names, message->headers[i - 1].name);

		if (name != NULL && name->need > 0) {
			name->need--;
			kept[i - 1] = true;
		}
	}
	return kept;
}
