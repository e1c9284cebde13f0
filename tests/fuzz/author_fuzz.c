/*
 * author_fuzz.c - From values through author.c: whatever comes in, what comes out keeps to author.h
 * and finding.h.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "author.h"
#include "base/domain.h"
#include "base/text.h"
#include "mailbox_list.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void must(bool holds)
{
	if (!holds)
		abort();
}

static struct author *read_value(const char *value, struct arena *arena)
{
	struct author *author = author_begin(arena);

	author_field(author, value, arena);
	author_finish(author, false, arena);
	return author;
}

static bool reads(const struct author *author, const char *domain)
{
	for (size_t i = 0; i < author->domain_count; i++)
		if (domain_equal(author->domains[i], domain))
			return true;
	return false;
}

static void check(const struct author *author, struct arena *arena)
{
	must(author->state == AUTHOR_ONE || author->state == AUTHOR_SEVERAL ||
	     author->state == AUTHOR_BROKEN);
	must((author->state == AUTHOR_ONE) == (author->domain != NULL));
	must((author->state == AUTHOR_ONE) == (author->reason == NULL));
	must(author->domain_count <= MAILBOX_LIST_DOMAINS);
	must(author->state != AUTHOR_ONE || author->domain_count == 1);
	must(author->state != AUTHOR_SEVERAL || author->domain_count > 1);
	for (size_t i = 0; i < author->domain_count; i++) {
		const char *name = author->domains[i];
		const char *again = domain_normalize(arena, name, strlen(name));

		must(again != NULL && strcmp(again, name) == 0);
		for (size_t j = 0; j < i; j++)
			must(!domain_equal(author->domains[j], name));
	}
	must(author->reason == NULL || strlen(author->reason) < 2500);
}

/* One author stays that where a blank, a comment or an empty element follows. What an empty pair of
 * brackets follows has none, but the domain is among those that were read. */
static void check_additions(const struct author *author, const char *value, struct arena *arena)
{
	static const char *const after[] = {" ", "(x)", "\r\n\t", ",", ", \"a@b.example\" <>"};

	if (author->state != AUTHOR_ONE)
		return;
	for (size_t i = 0; i < sizeof after / sizeof *after; i++) {
		const struct author *other =
		    read_value(arena_format(arena, "%s%s", value, after[i]), arena);

		must((other->state == AUTHOR_ONE) == (i < 4));
		must(i < 4 ? domain_equal(other->domain, author->domain)
		           : reads(other, author->domain));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct arena *arena = arena_new();
	const char *value = arena_copy(arena, (const char *)bytes, length);
	const struct author *author = read_value(value, arena);

	check(author, arena);
	if (length < 2000)
		check_additions(author, value, arena);
	arena_free(arena);
	return 0;
}
