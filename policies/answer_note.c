/*
 * answer_note.c - the one note of an answer. Readers of records call it (dkim/key_note.c); the DNS
 * cache owns the answers and has their notes released.
 */
#include "answer_note.h"

#include "base/invariant.h"
#include "services.h"

const struct answer_note *answer_note_find(const struct answer *answer, const void *reader)
{
	const struct answer_note *note;

	if (answer->note_place == NULL)
		return NULL;
	note = atomic_load_explicit(&answer->note_place->note, memory_order_acquire);
	return note != NULL && note->reader == reader ? note : NULL;
}

/* Is there memory for that many octets more? Then they are taken. */
static bool note_take(struct answer_note_budget *budget, size_t bytes)
{
	size_t before = atomic_fetch_add_explicit(&budget->used, bytes, memory_order_relaxed);

	if (before <= budget->max && bytes <= budget->max - before)
		return true;
	atomic_fetch_sub_explicit(&budget->used, bytes, memory_order_relaxed);
	return false;
}

bool answer_note_keep(const struct answer *answer, struct answer_note *note)
{
	struct answer_note_place *place = answer->note_place;
	struct answer_note *none = NULL;

	invariant(note->reader != NULL && note->release != NULL);
	if (place == NULL || place->budget == NULL || !note_take(place->budget, note->bytes))
		return false;
	if (atomic_compare_exchange_strong_explicit(&place->note, &none, note, memory_order_acq_rel,
	                                            memory_order_relaxed))
		return true;
	atomic_fetch_sub_explicit(&place->budget->used, note->bytes, memory_order_relaxed);
	return false;
}

void answer_note_release(struct answer_note_place *place)
{
	struct answer_note *note = atomic_load_explicit(&place->note, memory_order_acquire);

	if (note == NULL)
		return;
	invariant(place->budget != NULL);
	atomic_fetch_sub_explicit(&place->budget->used, note->bytes, memory_order_relaxed);
	note->release(note);
}
