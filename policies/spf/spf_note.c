/*
 * spf_note.c - keeps the terms of a record with its answer. Called by spf_walk.c.
 */
#include "spf/spf_note.h"

#include <stdlib.h>

#include "answer_note.h"
#include "base/invariant.h"

enum {
	TERMS_MAX = 64 /* of a record that is kept; few have more than twenty */
};

struct spf_note {
	struct answer_note note;
	struct spf_note_terms read;
	struct spf_term terms[];
};

static const char spf_note_reader[] = "SPF";

static void spf_note_free(struct answer_note *note)
{
	free(note);
}

const struct spf_note_terms *spf_note_find(const struct answer *answer)
{
	const struct spf_note *kept =
	    (const struct spf_note *)answer_note_find(answer, spf_note_reader);

	return kept == NULL ? NULL : &kept->read;
}

static size_t spf_note_count(const struct spf_record *record)
{
	const char *at = record->terms;
	struct spf_fault fault;
	struct spf_term term;
	size_t count = 0;

	while (count <= TERMS_MAX && spf_record_next(&at, record->end, &term, &fault))
		count++;
	return count;
}

static struct spf_note *spf_note_make(const struct spf_record *record, size_t count)
{
	size_t bytes = sizeof(struct spf_note) + count * sizeof(struct spf_term);
	struct spf_note *made = calloc(1, bytes);
	const char *at = record->terms;
	struct spf_fault fault;

	if (made == NULL)
		return NULL;
	made->note = (struct answer_note){spf_note_reader, bytes, spf_note_free};
	made->read = (struct spf_note_terms){*record, count, made->terms};
	for (size_t i = 0; i < count; i++) {
		bool read = spf_record_next(&at, record->end, &made->terms[i], &fault);

		invariant(read);
	}
	return made;
}

const struct spf_note_terms *spf_note_keep(const struct answer *answer,
                                           const struct spf_record *record)
{
	size_t count = answer->note_place == NULL ? 0 : spf_note_count(record);
	struct spf_note *made;

	if (count == 0 || count > TERMS_MAX)
		return NULL;
	made = spf_note_make(record, count);
	if (made != NULL && answer_note_keep(answer, &made->note))
		return &made->read;
	free(made);
	return spf_note_find(answer);
}
