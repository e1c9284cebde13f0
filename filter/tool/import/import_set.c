/*
 * import_set.c - the data sets of OpenDKIM (csl:, file:, refile:) and the lists of the other two.
 * Called by import_sign.c and the functions of the tables; databases are refused with a reason.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/invariant.h"
#include "base/text.h"
#include "tool/import/import.h"

enum {
	SET_MAX = 16 << 20,
	PAIRS_MAX = 200000,
	KIND_MAX = 32
};

static bool import_set_add(struct arena *arena, struct import_set *set, struct import_pair pair,
                           struct problem *problem)
{
	invariant(set->count <= set->room && pair.key != NULL);
	if (pair.key[0] == '\0')
		return true;
	if (set->count == PAIRS_MAX)
		return problem_say(problem, "%s holds more than %d lines", pair.place.file,
		                   PAIRS_MAX);
	ARENA_ADD(arena, set->items, set->count, set->room) = pair;
	return true;
}

/* "key=value,key=value" */
static bool read_list(struct arena *arena, const char *list, struct import_place place,
                      struct import_set *set, struct problem *problem)
{
	set->type = IMPORT_SET_LIST;
	while (*list != '\0') {
		size_t length = strcspn(list, ",");
		const char *equals = memchr(list, '=', length);
		size_t key = equals == NULL ? length : (size_t)(equals - list);
		struct import_pair pair = {.key = import_file_trim(arena, list, key),
		                           .place = place};

		if (equals != NULL)
			pair.value = import_file_trim(arena, equals + 1, length - key - 1);
		if (!import_set_add(arena, set, pair, problem))
			return false;
		list += length + (list[length] == ',');
	}
	return true;
}

/* "key", or "key value" with white space between. */
static struct import_pair pair_of(struct arena *arena, const char *line, size_t length)
{
	const char *whole = import_file_trim(arena, line, length);
	size_t key = strcspn(whole, " \t\r\v\f");
	struct import_pair pair = {.key = arena_copy(arena, whole, key)};

	if (whole[key] != '\0')
		pair.value = import_file_trim(arena, whole + key, strlen(whole + key));
	return pair;
}

static bool read_lines(struct arena *arena, const char *path, struct import_set *set,
                       struct problem *problem)
{
	const char *bytes, *at, *line, *file = import_draft_clean(arena, path, PATH_MAX);
	size_t length;

	if (!import_file_read(arena, path, SET_MAX, true, &bytes, &length, problem))
		return false;
	at = bytes;
	for (unsigned number = 1; (line = import_file_line(arena, &at, bytes + length)) != NULL;
	     number++) {
		struct import_pair pair = pair_of(arena, line, strcspn(line, "#"));

		pair.place = (struct import_place){file, number};
		pair.indented = text_is_space(line[0]);
		if (!import_set_add(arena, set, pair, problem))
			return false;
	}
	return true;
}

/* What comes before the first colon, unless a comma comes before that (a list of IPv6 addresses).
 */
static const char *kind_of(const char *value, char kind[KIND_MAX])
{
	size_t length = strcspn(value, ":,");

	kind[0] = '\0';
	if (value[length] != ':' || length >= KIND_MAX)
		return value;
	memcpy(kind, value, length);
	kind[length] = '\0';
	return value + length + 1;
}

static bool refuse_kind(const char *kind, struct problem *problem)
{
	static const char *const known[] = {"db",  "dsn",      "ldap",   "ldapi",  "ldaps",  "lua",
	                                    "mdb", "memcache", "erlang", "repute", "socket", NULL};

	if (text_word(known, kind) >= 0)
		return problem_say(
		    problem,
		    "it is in a database (%s:), which Assay does not query; write what it holds "
		    "into a file, a line an entry, and import again with file: or refile:",
		    kind);
	return problem_say(
	    problem,
	    "\"%.31s:\" is not a type of data set that opendkim knows; it does not start with it",
	    kind);
}

static bool read_set(struct arena *arena, const struct import_option *option, const char *base,
                     struct import_set *set, struct problem *problem)
{
	char kind[KIND_MAX];
	const char *rest = kind_of(option->value, kind);
	size_t length = strlen(option->value);

	*set = (struct import_set){.type = IMPORT_SET_FILE};
	if (kind[0] == '\0' && length > 3 && strcmp(option->value + length - 3, ".db") == 0)
		return refuse_kind("db", problem);
	if (text_same(kind, "csl") || (kind[0] == '\0' && rest[0] != '/'))
		return read_list(arena, rest, option->place, set, problem);
	if (kind[0] != '\0' && !text_same(kind, "file") && !text_same(kind, "refile"))
		return refuse_kind(kind, problem);
	if (text_same(kind, "refile"))
		set->type = IMPORT_SET_PATTERNS;
	if (rest[0] != '/')
		rest = arena_format(arena, "%s/%s", base, rest);
	return read_lines(arena, rest, set, problem);
}

static bool omit_unread(struct import_work *work, const struct import_option *option,
                        const struct problem *problem)
{
	import_work_missed(work, option, "%s", problem->message);
	return false;
}

bool import_set_read(struct import_work *work, const struct import_option *option,
                     struct import_set *set)
{
	struct problem problem;

	return read_set(work->arena, option, work->base, set, &problem) ||
	       omit_unread(work, option, &problem);
}

bool import_set_read_lines(struct import_work *work, const struct import_option *option,
                           struct import_set *set)
{
	struct problem problem;

	*set = (struct import_set){.type = IMPORT_SET_FILE};
	return read_lines(work->arena, option->value, set, &problem) ||
	       omit_unread(work, option, &problem);
}

void import_set_split(struct arena *arena, const struct import_option *option,
                      struct import_set *set)
{
	struct problem ignored; /* there cannot be more items than a line has bytes */

	*set = (struct import_set){.type = IMPORT_SET_LIST};
	read_list(arena, option->value, option->place, set, &ignored);
}

static int by_key(const void *one, const void *other)
{
	const struct import_pair *a = *(const struct import_pair *const *)one;
	const struct import_pair *b = *(const struct import_pair *const *)other;
	int order = strcmp(a->key, b->key);

	return order != 0 ? order : (a > b) - (a < b);
}

static void sort(struct arena *arena, struct import_set *set)
{
	set->sorted = arena_allocate(arena, (set->count + 1) * sizeof *set->sorted);
	for (size_t i = 0; i < set->count; i++)
		set->sorted[i] = &set->items[i];
	if (set->count > 1)
		qsort(set->sorted, set->count, sizeof *set->sorted, by_key);
}

/* The first pair of this key, by binary search. */
static const struct import_pair *find_sorted(const struct import_set *set, const char *key)
{
	size_t low = 0, high = set->count;

	invariant(set->count == 0 || set->sorted != NULL);
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(set->sorted[middle]->key, key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < set->count && strcmp(set->sorted[low]->key, key) == 0 ? set->sorted[low]
	                                                                   : NULL;
}

const struct import_pair *import_set_find(struct arena *arena, struct import_set *set,
                                          const char *key)
{
	if (set->type != IMPORT_SET_PATTERNS) {
		if (set->sorted == NULL)
			sort(arena, set);
		return find_sorted(set, key);
	}
	for (size_t i = 0; i < set->count; i++)
		if (text_matches(set->items[i].key, key))
			return &set->items[i];
	return NULL;
}
