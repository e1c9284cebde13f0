/*
 * store.h - where rows end: counts per period, policy and row. The seam between the recorder and
 * SQLite; a shared store of another kind would stand behind the same functions.
 *
 * A store is used by one thread. The daemon's writer opens it with store_open(), `assay report`
 * with store_query_open() (store_query.h).
 *
 * Rows come in batches with the place in the journal where the batch begins and ends. The store
 * keeps the place in the same transaction as the counts and refuses a batch that does not begin
 * where the last one ended: whatever is killed whenever, every row counts once.
 */
#ifndef ASSAY_STORE_H
#define ASSAY_STORE_H

#include <stdint.h>

#include "base/problem.h"
#include "rows/tally.h"

enum store_outcome {
	STORE_DONE,
	STORE_LOCKED,    /* another program holds it */
	STORE_FULL,      /* the disk */
	STORE_READ_ONLY, /* permissions, or a read-only mount */
	STORE_NEWER,     /* its schema is of a later version */
	STORE_FOREIGN,   /* not a store of Assay's */
	STORE_MOVED,     /* the journal's place is another than the batch says */
	STORE_BROKEN     /* anything else */
};

struct store;

/* Creates it where it is missing (mode 0640) and brings an older schema up to date. All but
 * STORE_DONE come with a problem that says what to do. */
enum store_outcome store_open(const char *path, struct store **store, struct problem *problem);

/* NULL is allowed. */
void store_close(struct store *store);

/* Is the opened store still what the path leads to? */
bool store_in_place(const struct store *store);

/* The key for tally_add(). */
const struct identity *store_key(const struct store *store);

/* How far a journal is imported; 0 where the store does not know it. */
enum store_outcome store_position(struct store *store, const char *journal, int64_t *position,
                                  struct problem *problem);

/* The record of a failure as it stands in the journal (failure_text.h). */
struct store_failure {
	const char *bytes;
	size_t length;
};

struct store_batch {
	const char *journal;
	int64_t from, to; /* octets */
	const struct tally *tally;
	const struct store_failure *failures;
	size_t failure_count;
};

/* What of a batch is not in the store. */
struct store_skipped {
	unsigned long unreadable; /* messages of entries whose fields make no row */
	unsigned long refused;    /* messages of entries that break a constraint of the store */
	struct problem first;     /* where `refused` is not 0: the domain of one, and why */
};

/* All or nothing, but for what is skipped: no entry holds up the others. */
enum store_outcome store_record(struct store *store, const struct store_batch *batch,
                                struct store_skipped *skipped, struct problem *problem);

/* The journal's file is gone. */
enum store_outcome store_forget(struct store *store, const char *journal, struct problem *problem);

/* The version of SQLite that runs. */
void store_version(char *text, size_t room);

#endif
