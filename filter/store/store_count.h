/*
 * store_count.h - the entries of a batch, counted in the transaction that store.c opened.
 */
#ifndef ASSAY_STORE_COUNT_H
#define ASSAY_STORE_COUNT_H

#include "store/store_sqlite.h"

/* Counts what a batch's tally has, in the caller's transaction. `isolated`: an entry that breaks a
 * constraint is undone and skipped, which costs a savepoint for each. False: SQLite failed. */
bool store_count_all(struct store *store, const struct tally *tally, bool isolated,
                     struct store_skipped *skipped);

#endif
