/*
 * store_rows.h - the rows of one report, added up as its records are: what aggregate.h is fed with.
 */
#ifndef ASSAY_STORE_ROWS_H
#define ASSAY_STORE_ROWS_H

#include <stdbool.h>

#include "rows/row_fold.h"
#include "store/store.h"

/* False ends it: the row was not taken. The row is valid during the call. */
typedef bool store_rows_function(const struct report_row *row, unsigned long count, void *with);

/*
 * The rows with this much detail: first those that passed, which no forger can make; of these and
 * of the others those that stand for most messages. Always in the same order. Rows that say the
 * same in a report are one. `told`: how many were taken of each detail before this one; the
 * messages of these are not told again. Those of messages that were asked to come again, and of
 * clients without an IP address, have no place in a report. False: the store failed, and the
 * problem says how.
 */
bool store_rows_each(struct store *store, int64_t report, enum row_detail detail,
                     const unsigned long *told, store_rows_function *each, void *with,
                     struct problem *problem);

#endif
