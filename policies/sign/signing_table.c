/*
 * signing_table.c - the private keys of a settings snapshot: filled by filter/settings/keys.c,
 * asked by sign.c for each message.
 *
 * A hash table with chains that doubles as it fills; the keys of one entry and domain are one slot.
 */
#include "sign/signing_table.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/invariant.h"

enum {
	BUCKETS_FIRST = 64,
	KEYS_FIRST = 2,
	ALL_FIRST = 64
};

struct signing_table_slot {
	struct signing_table_slot *chain;
	uint64_t hash;
	size_t entry;
	struct signing_keys keys;
	struct signing_key *room; /* what keys.keys points to */
	size_t capacity;
};

struct numbered {
	const struct signing_table_slot *slot;
	struct crypto_private *private;
};

struct signing_table {
	struct arena *arena;
	struct signing_table_slot **buckets;
	size_t bucket_count, slot_count;
	struct numbered *all;
	size_t count, capacity;
};

struct signing_table *signing_table_new(void)
{
	struct arena *arena = arena_new();
	struct signing_table *table = arena_allocate(arena, sizeof *table);

	table->arena = arena;
	table->bucket_count = BUCKETS_FIRST;
	table->buckets = arena_allocate(arena, BUCKETS_FIRST * sizeof(struct signing_table_slot *));
	return table;
}

void signing_table_free(struct signing_table *table)
{
	if (table == NULL)
		return;
	for (size_t i = 0; i < table->count; i++)
		crypto_private_free(table->all[i].private);
	arena_free(table->arena);
}

/* FNV-1a: the names are the operator's, so collisions need not be feared. */
static uint64_t hash_of(size_t entry, const char *domain)
{
	uint64_t hash = 14695981039346656037U ^ entry;

	for (; *domain != '\0'; domain++)
		hash = (hash ^ (unsigned char)*domain) * 1099511628211U;
	return hash;
}

static struct signing_table_slot *signing_table_find_all(const struct signing_table *table,
                                                         size_t entry, const char *domain)
{
	uint64_t hash = hash_of(entry, domain);
	struct signing_table_slot *slot = table->buckets[hash % table->bucket_count];

	while (slot != NULL && (slot->hash != hash || slot->entry != entry ||
	                        strcmp(slot->keys.domain, domain) != 0))
		slot = slot->chain;
	return slot;
}

static void grow(struct signing_table *table)
{
	size_t count = table->bucket_count * 2;
	struct signing_table_slot **buckets =
	    arena_allocate(table->arena, count * sizeof(struct signing_table_slot *));

	for (size_t i = 0; i < table->bucket_count; i++) {
		struct signing_table_slot *next;

		for (struct signing_table_slot *slot = table->buckets[i]; slot != NULL;
		     slot = next) {
			next = slot->chain;
			slot->chain = buckets[slot->hash % count];
			buckets[slot->hash % count] = slot;
		}
	}
	table->buckets = buckets;
	table->bucket_count = count;
}

static struct signing_table_slot *slot_for(struct signing_table *table, size_t entry,
                                           const char *domain)
{
	struct signing_table_slot *slot = signing_table_find_all(table, entry, domain);

	if (slot != NULL)
		return slot;
	if (table->slot_count++ >= table->bucket_count)
		grow(table);
	invariant(table->bucket_count > 0);
	slot = arena_allocate(table->arena, sizeof *slot);
	slot->hash = hash_of(entry, domain);
	slot->entry = entry;
	slot->keys.domain = arena_string(table->arena, domain);
	slot->chain = table->buckets[slot->hash % table->bucket_count];
	table->buckets[slot->hash % table->bucket_count] = slot;
	return slot;
}

static void count_in(struct signing_table *table, const struct signing_table_slot *slot,
                     struct crypto_private *private)
{
	table->all = arena_grow(table->arena, table->all, table->count, &table->capacity, ALL_FIRST,
	                        sizeof *table->all);
	table->all[table->count++] = (struct numbered){slot, private};
}

/* Keeps the order in which keys came, but every RSA key before every other. */
void signing_table_add(struct signing_table *table, size_t entry, const char *domain,
                       const char *selector, struct crypto_private *private, const char *file)
{
	struct signing_table_slot *slot = slot_for(table, entry, domain);
	size_t at;

	invariant(private != NULL && selector != NULL);
	slot->keys.keys = slot->room = arena_grow(table->arena, slot->room, slot->keys.count,
	                                          &slot->capacity, KEYS_FIRST, sizeof *slot->room);
	at = slot->keys.count++;
	if (crypto_private_kind(private) == CRYPTO_RSA)
		for (; at > 0 && crypto_private_kind(slot->room[at - 1].private) != CRYPTO_RSA;
		     at--)
			slot->room[at] = slot->room[at - 1];
	slot->room[at] = (struct signing_key){arena_string(table->arena, selector), private,
	                                      arena_string(table->arena, file)};
	count_in(table, slot, private);
}

const struct signing_keys *signing_table_find(const struct signing_table *table, size_t entry,
                                              const char *domain)
{
	const struct signing_table_slot *slot = signing_table_find_all(table, entry, domain);

	return slot == NULL ? NULL : &slot->keys;
}

size_t signing_table_count(const struct signing_table *table)
{
	return table->count;
}

const struct signing_key *signing_table_key(const struct signing_table *table, size_t number,
                                            const char **domain)
{
	const struct signing_table_slot *slot;

	invariant(number < table->count);
	slot = table->all[number].slot;
	*domain = slot->keys.domain;
	for (size_t i = 0; i < slot->keys.count; i++)
		if (slot->room[i].private == table->all[number].private)
			return &slot->room[i];
	return NULL;
}
