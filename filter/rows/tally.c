/*
 * tally.c - a hash table of the records of one batch. Filled by the import, read by the store.
 */
#include "rows/tally.h"

#include <stdlib.h>
#include <string.h>

#include "base/invariant.h"

static size_t slot_of(const struct tally *tally, const struct tally_entry *entry)
{
	uint64_t one, other;

	memcpy(&one, entry->report.bytes, sizeof one);
	memcpy(&other, entry->row.bytes, sizeof other);
	return (size_t)((one ^ other) & (tally->slot_count - 1));
}

static bool same(const struct tally_entry *one, const struct tally_entry *other)
{
	return memcmp(&one->row, &other->row, sizeof one->row) == 0 &&
	       memcmp(&one->report, &other->report, sizeof one->report) == 0;
}

/* The slot that holds an equal entry, or the free one where it belongs. */
static uint32_t *tally_find(const struct tally *tally, const struct tally_entry *entry)
{
	size_t slot = slot_of(tally, entry);

	while (tally->slots[slot] != 0 && !same(&tally->entries[tally->slots[slot] - 1], entry))
		slot = (slot + 1) & (tally->slot_count - 1);
	return &tally->slots[slot];
}

/* Slots are twice the entries at least, so that a free one is always near. */
static bool grow(struct tally *tally)
{
	size_t capacity = tally->capacity == 0 ? 1024 : tally->capacity * 2;
	struct tally_entry *entries = realloc(tally->entries, capacity * sizeof *entries);
	uint32_t *slots;

	if (entries == NULL)
		return false;
	tally->entries = entries;
	slots = calloc(capacity * 2, sizeof *slots);
	if (slots == NULL)
		return false;
	free(tally->slots);
	tally->slots = slots;
	tally->capacity = capacity;
	tally->slot_count = capacity * 2;
	for (size_t i = 0; i < tally->count; i++)
		*tally_find(tally, &entries[i]) = (uint32_t)i + 1;
	return true;
}

static time_t period_of(time_t received, long length)
{
	invariant(length > 0 && length <= TALLY_DAY);
	return received < 0 ? 0 : received - received % length;
}

/* A day and the hour that it begins with are two periods. A day is identified by its beginning
 * alone, as in the stores that exist. Beginnings are whole hours, so no other two can be equal. */
static uint64_t seed_of(time_t period, long length)
{
	return (uint64_t)period + (length == TALLY_DAY ? 0 : (uint64_t)length / 60);
}

bool tally_add(struct tally *tally, const struct identity *key, const struct row_text *record)
{
	long length = tally->period == 0 ? TALLY_DAY : tally->period;
	time_t period = period_of(record->received, length);
	struct tally_entry entry = {.report = identity_of(key, seed_of(period, length),
	                                                  record->policy, record->policy_length),
	                            .row = identity_of(key, 0, record->row, record->row_length),
	                            .period = period,
	                            .end = period + length,
	                            .record = *record,
	                            .first = record->received,
	                            .last = record->received};
	uint32_t *slot;

	if (tally->count == tally->capacity && !grow(tally))
		return false;
	/* so that tally_find() meets a free slot */
	invariant(tally->count < tally->capacity && tally->slot_count == 2 * tally->capacity);
	slot = tally_find(tally, &entry);
	if (*slot == 0) {
		tally->entries[tally->count++] = entry;
		*slot = (uint32_t)tally->count;
	}
	struct tally_entry *kept = &tally->entries[*slot - 1];

	kept->count++;
	kept->first = entry.first < kept->first ? entry.first : kept->first;
	kept->last = entry.last > kept->last ? entry.last : kept->last;
	tally->messages++;
	return true;
}

void tally_clear(struct tally *tally)
{
	tally->count = 0;
	tally->messages = 0;
	if (tally->slots != NULL)
		memset(tally->slots, 0, tally->slot_count * sizeof *tally->slots);
}

void tally_free(struct tally *tally)
{
	free(tally->entries);
	free(tally->slots);
	*tally = (struct tally){0};
}
