/*
 * recipient_set.c - the recipients of a message, sorted, and sets of them. Called by rules.c.
 */
#include "decision/recipient_set.h"

#include <stdlib.h>
#include <string.h>

#include "base/invariant.h"
#include "base/text.h"

enum {
	WORD_BITS = 64
};

struct recipient_key {
	const char *text;
	size_t recipient; /* its place in the message */
};

struct recipient_set_index {
	size_t count;                    /* recipients that the message lists */
	bool some_unlisted;              /* there are others */
	struct recipient_key *addresses; /* of all, sorted */
	struct recipient_key *domains;   /* "@domain" of those that have one, sorted */
	size_t domain_count;
};

static int compare_without_case(const char *one, const char *other)
{
	while (*one != '\0' && text_lower_byte(*one) == text_lower_byte(*other)) {
		one++;
		other++;
	}
	return (unsigned char)text_lower_byte(*one) - (unsigned char)text_lower_byte(*other);
}

static int compare_keys(const void *one, const void *other)
{
	return compare_without_case(((const struct recipient_key *)one)->text,
	                            ((const struct recipient_key *)other)->text);
}

struct recipient_set_index *recipient_set_index_make(const struct message *message,
                                                     struct arena *arena)
{
	struct recipient_set_index *index = arena_allocate(arena, sizeof *index);
	size_t count = message->recipient_count;

	index->count = count;
	index->some_unlisted = message->recipients_cut || count == 0;
	index->addresses = arena_allocate(arena, (count + 1) * sizeof *index->addresses);
	index->domains = arena_allocate(arena, (count + 1) * sizeof *index->domains);
	for (size_t i = 0; i < count; i++) {
		const char *address = message->recipients[i];
		const char *at = strrchr(address, '@');

		index->addresses[i] = (struct recipient_key){address, i};
		if (at != NULL)
			index->domains[index->domain_count++] = (struct recipient_key){at, i};
	}
	qsort(index->addresses, count, sizeof *index->addresses, compare_keys);
	qsort(index->domains, index->domain_count, sizeof *index->domains, compare_keys);
	return index;
}

struct recipient_set recipient_set_new(const struct recipient_set_index *index, struct arena *arena)
{
	size_t word_count = index->count / WORD_BITS + 1; /* with a bit for those not listed */

	return (struct recipient_set){word_count,
	                              arena_allocate(arena, word_count * sizeof(uint64_t))};
}

static void recipient_set_add(struct recipient_set *set, size_t member)
{
	invariant(member / WORD_BITS < set->word_count);
	set->words[member / WORD_BITS] |= (uint64_t)1 << (member % WORD_BITS);
}

void recipient_set_fill(const struct recipient_set_index *index, struct recipient_set *set)
{
	size_t members = index->count + index->some_unlisted;

	invariant(members > 0 && members <= set->word_count * WORD_BITS);
	memset(set->words, 0, set->word_count * sizeof *set->words);
	memset(set->words, 0xFF, members / WORD_BITS * sizeof *set->words);
	if (members % WORD_BITS != 0)
		set->words[members / WORD_BITS] = ((uint64_t)1 << (members % WORD_BITS)) - 1;
}

/* Where the keys begin that are not less than `text`. */
static size_t first_at_least(const struct recipient_key *keys, size_t count, const char *text)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_without_case(keys[middle].text, text) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void add_matches(struct recipient_set *set, const struct recipient_key *keys, size_t count,
                        const char *text)
{
	for (size_t i = first_at_least(keys, count, text);
	     i < count && text_same(keys[i].text, text); i++)
		recipient_set_add(set, keys[i].recipient);
}

void recipient_set_match(const struct recipient_set_index *index, const struct strings *patterns,
                         struct recipient_set *set)
{
	memset(set->words, 0, set->word_count * sizeof *set->words);
	for (size_t i = 0; i < patterns->count; i++) {
		const char *pattern = patterns->items[i];

		if (pattern[0] == '@')
			add_matches(set, index->domains, index->domain_count, pattern);
		else
			add_matches(set, index->addresses, index->count, pattern);
	}
}

bool recipient_set_is_empty(const struct recipient_set *set)
{
	for (size_t i = 0; i < set->word_count; i++)
		if (set->words[i] != 0)
			return false;
	return true;
}

bool recipient_set_remove(struct recipient_set *set, const struct recipient_set *removed)
{
	uint64_t common = 0;

	invariant(set->word_count == removed->word_count);
	for (size_t i = 0; i < set->word_count; i++) {
		common |= set->words[i] & removed->words[i];
		set->words[i] &= ~removed->words[i];
	}
	return common != 0;
}
