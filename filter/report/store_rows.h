/*
 * store_rows.h - the rows of one report, added up as its records are: what aggregate.h is fed with.
 */
#ifndef ASSAY_STORE_ROWS_H
#define ASSAY_STORE_ROWS_H

#include <stdbool.h>

#include "report/row.h"
#include "report/store.h"

/* False ends it early. The row is valid during the call. */
typedef bool store_rows_function(const struct report_row *row, unsigned long count, void *with);

/*
 * Rows that say the same in a report are one; always in the same order. Those of messages that were asked to
 * come again, and of clients without an IP address, have no place in a report. False: the store failed, and
 * the problem says how, or the function returned false.
 */
bool store_rows_each(struct store *store, int64_t report, store_rows_function *each, void *with,
                     struct problem *problem);

#endif
