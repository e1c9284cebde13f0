/*
 * store_rows.h - the rows of one report, added up as its records are: what aggregate.h is fed with.
 */
#ifndef ASSAY_STORE_ROWS_H
#define ASSAY_STORE_ROWS_H

#include <stdbool.h>

#include "rows/row_fold.h"
#include "store/store.h"

/* False ends it: the row was not written. The row is valid during the call. */
typedef bool store_rows_function(const struct report_row *row, unsigned long count, void *context);

/*
 * The rows with this much detail: first those that passed DMARC, which a forger of new messages
 * cannot make (but anybody who repeats a signed one can); of these and of the others those that
 * stand for most messages. Always in the same order. Rows that say the same in a report are one.
 * `written`: how many rows were written with each detail before this one; the messages of these
 * are not counted again. Messages that were deferred, and those of clients without an IP address,
 * have no place in a report. False: the store failed, and the problem says how.
 */
bool store_rows_each(struct store *store, int64_t report, enum row_detail detail,
                     const unsigned long *written, store_rows_function *each, void *context,
                     struct problem *problem);

#endif
