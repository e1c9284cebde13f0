/*
 * spf_note.h - an SPF record read into its terms once, for as long as its answer is kept: a message
 * goes through each record twice, when it prefetches and when it evaluates, and the next message
 * through the same ones.
 */
#ifndef ASSAY_SPF_NOTE_H
#define ASSAY_SPF_NOTE_H

#include "spf/spf_record.h"

/* Terms of a correct record, in their order, modifiers included. */
struct spf_note_terms {
	struct spf_record record;
	size_t count;
	const struct spf_term *terms;
};

/* The terms that are kept with the answer, or NULL: then spf_record.h has to read them. */
const struct spf_note_terms *spf_note_find(const struct answer *answer);

/*
 * Keeps the terms of the one record of the answer, which spf_record_read() found correct. Returns
 * what spf_note_find() returns from now on: NULL if there are very many terms, or no memory for
 * them.
 */
const struct spf_note_terms *spf_note_keep(const struct answer *answer,
                                           const struct spf_record *record);

#endif
