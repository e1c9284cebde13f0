/*
 * received_sums.h - the sums of a received report: what the commands show. Called by
 * store_received.c within the transaction that adds the report.
 *
 * A day is the beginning of one in UTC. A report belongs to the day of the middle of its range; one
 * whose range is longer than a day (and an hour, for clocks) is split evenly over its days, at most
 * RECEIVED_DAYS_MAX, so that every message is counted once.
 */
#ifndef ASSAY_RECEIVED_SUMS_H
#define ASSAY_RECEIVED_SUMS_H

#include "rows/received_report.h"
#include "store/store_sqlite.h"

enum {
	RECEIVED_DAYS_MAX = 31,
	/* of a report with more records every record counts for the middle day alone: the store is
	 * held for one statement a record, not for 31 */
	RECEIVED_SPLIT_MAX = 20000
};

/* False: SQLite failed, and its last error says how. */
bool received_sums_add(struct store *store, const struct received_report *report,
                       const struct received_arrival *arrival);

/* The days of a range: how many, and the first one. */
int received_sums_days(int64_t begin, int64_t end, int64_t *first);

/* The domain of the first signature that passed and is not the author's, "" for none: who can say
 * that the mail went through their hands. */
const char *received_sums_signer(const struct received_record *record, const char *domain);

#endif
