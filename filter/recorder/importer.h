/*
 * importer.h - journal segments into the store, batch by batch. The recorder's writer thread owns it.
 */
#ifndef ASSAY_IMPORTER_H
#define ASSAY_IMPORTER_H

#include "recorder/journal.h"
#include "store/store.h"

struct importer;

/* `path` of the store; nothing is opened yet. `period`: seconds of a report's period. NULL: no memory. */
struct importer *importer_new(const char *path, struct journal *journal, long period);
void importer_free(struct importer *importer);

/*
 * Imports all there is, opening the store where it is not open, and deletes segments that are done. `adopt`:
 * look for segments of killed daemons too. STORE_DONE: everything that was in the journal at the call is in
 * the store. Otherwise the problem says why not; the next call goes on where this one stopped.
 */
enum store_outcome importer_run(struct importer *importer, bool adopt, struct problem *problem);

struct importer_counts {
	unsigned long stored; /* rows */
	unsigned long
	    damaged; /* records that could not be read: torn by a full disk or a kill, never acknowledged */
};
const struct importer_counts *importer_count(const struct importer *importer);

#endif
