/*
 * journal_import.h - journal segments into the store, batch by batch. The recorder's writer thread
 * owns it.
 */
#ifndef ASSAY_JOURNAL_IMPORT_H
#define ASSAY_JOURNAL_IMPORT_H

#include "recorder/journal.h"
#include "rows/failure_redact.h"
#include "store/store.h"

struct journal_import;

/* `path` of the store; nothing is opened yet. `period`: seconds of a report's period. NULL: no
 * memory. */
struct journal_import *journal_import_new(const char *path, struct journal *journal, long period);
void journal_import_free(struct journal_import *import);

/*
 * Imports all there is, opening the store where it is not open, and deletes segments that are done.
 * `adopt`: look for segments of killed daemons too. STORE_DONE: everything that was in the journal
 * at the call is in the store. Otherwise the problem says why not; the next call goes on where this
 * one stopped.
 */
enum store_outcome journal_import_run(struct journal_import *import, bool adopt,
                                      struct problem *problem);

/* The key for addresses in failure reports, made or renewed if need be. False: the store is not
 * open, or cannot be written. */
bool journal_import_key(struct journal_import *import, struct failure_key *key);

struct journal_import_counts {
	unsigned long stored;  /* rows */
	unsigned long damaged; /* records that could not be read: torn by a full disk or a kill,
	                          never acknowledged */
};
const struct journal_import_counts *journal_import_count(const struct journal_import *import);

#endif
