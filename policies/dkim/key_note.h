/*
 * key_note.h - the key records of an answer, read and their keys opened once for all messages that
 * get the same answer from the cache.
 */
#ifndef ASSAY_KEY_NOTE_H
#define ASSAY_KEY_NOTE_H

#include "dkim/key_record.h"
#include "services.h"

enum {
	KEYS_MAX = 4 /* records of one name that are read */
};

/* The first KEYS_MAX records of an answer to a TXT question, in their order; *count says how many
 * there are. Valid as long as the arena and the answer. */
const struct key_record *key_note_records(struct arena *arena, const struct answer *answer,
                                          size_t *count);

#endif
