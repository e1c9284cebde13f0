/*
 * store_received.h - reports of others, kept beside our own rows. The reader writes them with
 * store_received_add(), one report a transaction, and the sums that the commands show are made in
 * the same one.
 *
 * What is one report: the kind, the reporter that authenticated the mail (not what the report says
 * of its sender), whether it counts, the domain, the report id and the range. The same again counts
 * once; the same id with another range is another report; and nobody but a reporter himself can
 * take the place of his report.
 *
 * A report that counts has a reporter and a domain. One beyond what the store takes of a reporter
 * within a day is kept as untrusted. A range longer than a day is split evenly over its days
 * (received_sums.h).
 */
#ifndef ASSAY_STORE_RECEIVED_H
#define ASSAY_STORE_RECEIVED_H

#include "rows/received_report.h"
#include "store/store.h"

enum received_outcome {
	RECEIVED_STORED,
	RECEIVED_DUPLICATE, /* it was there already; the repetition is counted */
	RECEIVED_UNTRUSTED, /* stored, and moves no number */
};
extern const char *const received_outcome_names[]; /* "stored", "duplicate", "untrusted", NULL */

/* All or nothing. `outcome` is set with STORE_DONE. */
enum store_outcome store_received_add(struct store *store, const struct received_report *report,
                                      const struct received_arrival *arrival,
                                      enum received_outcome *outcome, struct problem *problem);

#endif
