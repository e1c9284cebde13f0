/*
 * answer_note.h - what a reader made of an answer, kept with it, so that the next message need not
 * read the same records again. A note lives as long as its answer: what leaves the DNS cache takes
 * its note along, and no note is older than the time to live.
 *
 * An answer keeps one note at most. Notes are never changed once they are kept. All functions are
 * safe from any thread.
 */
#ifndef ASSAY_ANSWER_NOTE_H
#define ASSAY_ANSWER_NOTE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

struct answer;

/* The first member of what a reader keeps. */
struct answer_note {
	const void *reader; /* whose it is: the address of something of the reader's own */
	size_t bytes;       /* of memory that it takes, at most */
	void (*release)(
	    struct answer_note *note); /* called once, with the last use of the answer */
};

/* The memory that all notes of a cache may take. */
struct answer_note_budget {
	size_t max;
	atomic_size_t used;
};

/* The place for the note of one answer, in the memory of the answer. */
struct answer_note_place {
	struct answer_note_budget *budget; /* NULL: no note may be kept */
	_Atomic(struct answer_note *) note;
};

/* The note that this reader keeps with the answer; NULL if there is none. Valid as long as the
 * answer. */
const struct answer_note *answer_note_find(const struct answer *answer, const void *reader);

/*
 * Keeps a note with the answer, which then belongs to it. False if there is no place for it,
 * another one is there already or the memory for notes is used up: then it still belongs to the
 * caller.
 */
bool answer_note_keep(const struct answer *answer, struct answer_note *note);

/* For the owner of the answer, when nobody uses it any more. */
void answer_note_release(struct answer_note_place *place);

#endif
