/*
 * key_note.c - keeps what key_record.c reads with the answer. Called by signature_key.c.
 *
 * Reading a key takes as many instructions as verifying with it. Only records that all have a key
 * without an objection are kept: the others are rare, and have texts that belong to the message.
 */
#include "dkim/key_note.h"

#include <stdlib.h>
#include <string.h>

#include "answer_note.h"
#include "base/invariant.h"

struct key_note {
	struct answer_note note;
	size_t count;
	struct key_record records[KEYS_MAX];
	unsigned char bytes[]; /* of the keys */
};

static const char key_note_reader[] = "keys";

static void key_note_free(struct answer_note *note)
{
	struct key_note *keys = (struct key_note *)note;

	for (size_t i = 0; i < keys->count; i++)
		crypto_public_close(keys->records[i].key.opened);
	free(keys);
}

/* Adds a record with a copy of its key at `place`. */
static bool key_note_add(struct key_note *keys, const struct key_record *record,
                         unsigned char *place)
{
	struct key_record *copy = &keys->records[keys->count];

	invariant(keys->count < KEYS_MAX);
	*copy = *record;
	copy->key.bytes = memcpy(place, record->key.bytes, record->key.length);
	copy->key.opened = crypto_public_open(&copy->key);
	if (copy->key.opened == NULL)
		return false;
	keys->count++;
	return true;
}

/* NULL if one of them cannot be kept. */
static struct key_note *key_note_make(const struct key_record *records, size_t count)
{
	struct key_note *keys;
	size_t bytes = 0, at = 0;

	for (size_t i = 0; i < count; i++) {
		if (!records[i].has_key || records[i].problem != NULL ||
		    records[i].key.bits > CRYPTO_RSA_BITS_MAX)
			return NULL;
		bytes += records[i].key.length;
	}
	keys = calloc(1, sizeof *keys + bytes);
	if (keys == NULL)
		return NULL;
	keys->note = (struct answer_note){
	    key_note_reader, sizeof *keys + bytes + count * CRYPTO_PUBLIC_BYTES, key_note_free};
	for (size_t i = 0; i < count; at += records[i++].key.length)
		if (!key_note_add(keys, &records[i], keys->bytes + at)) {
			key_note_free(&keys->note);
			return NULL;
		}
	return keys;
}

static const struct key_record *key_note_found(const struct answer *answer, size_t *count)
{
	const struct key_note *keys =
	    (const struct key_note *)answer_note_find(answer, key_note_reader);

	if (keys == NULL)
		return NULL;
	*count = keys->count;
	return keys->records;
}

const struct key_record *key_note_records(struct arena *arena, const struct answer *answer,
                                          size_t *count)
{
	const struct key_record *found = key_note_found(answer, count);
	struct key_record *records;
	struct key_note *keys;

	if (found != NULL)
		return found;
	*count = answer->count < KEYS_MAX ? answer->count : KEYS_MAX;
	records = arena_allocate(arena, KEYS_MAX * sizeof *records);
	for (size_t i = 0; i < *count; i++)
		key_record_read(arena, answer->records[i].text, answer->records[i].text_length,
		                &records[i]);
	if (*count == 0 || answer->note_place == NULL)
		return records;
	keys = key_note_make(records, *count);
	if (keys != NULL && answer_note_keep(answer, &keys->note))
		return keys->records;
	if (keys != NULL)
		key_note_free(&keys->note);
	return records;
}
