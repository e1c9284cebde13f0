/*
 * row_fold.h - a row with less in it, so that more messages are like it.
 *
 * Whoever sends mail chooses most of what stands in its rows, and can make each message a row of
 * its own. Where there are more rows than a place has room for, they are folded: what the sender
 * chose is left out, and what the receiver found out stays. store_count.c folds what comes into the
 * store, store_rows.c what goes into a report.
 */
#ifndef ASSAY_ROW_FOLD_H
#define ASSAY_ROW_FOLD_H

#include "rows/row.h"

enum row_detail {
	ROW_WHOLE,
	ROW_RELATED, /* of envelope and auth_results only names near header_from, the first
	                ROW_RELATED_DKIM_MAX results, and no reasons */
	ROW_SOURCE,  /* header_from is the policy domain; of an IPv6 source its /64; no auth_results
	              */
	ROW_REST,    /* the source is ROW_REST_SOURCE */
	ROW_DETAILS
};

enum {
	ROW_RELATED_DKIM_MAX = 3
};

/* "This host on this network" (RFC 6890): nobody's source, and an address to readers of both
 * schemas. */
#define ROW_REST_SOURCE "0.0.0.0"

/* What is in the arena lives on with the row that was given. */
const struct report_row *row_fold(const struct report_row *row, enum row_detail detail,
                                  struct arena *arena);

/* The source as it stands in a row of ROW_SOURCE. */
const char *row_fold_source(const char *source, struct arena *arena);

#endif
