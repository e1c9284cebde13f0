/*
 * store_query.h - questions to the store, for `assay report`: read-only, also while the daemon
 * writes.
 *
 * Rows of messages that were asked to come again (action tempfail) are not counted: they came
 * again.
 */
#ifndef ASSAY_STORE_QUERY_H
#define ASSAY_STORE_QUERY_H

#include <stdbool.h>
#include <time.h>

#include "base/problem.h"
#include "store/store.h"

struct store_query;

/* NULL and a problem where the store cannot be read. */
struct store_query *store_query_open(const char *path, struct problem *problem);
void store_query_close(struct store_query *query); /* NULL is allowed */

/* The store behind it, for the functions of store_outbox.h, store_rows.h and retention.h that only
 * read. */
struct store *store_query_store(struct store_query *query);

/* Which periods: those that begin at `since` or later and before `before`. */
struct store_query_range {
	time_t since, before;
};

/* All messages of one period and policy domain. The strings are valid during the call. */
struct store_query_period {
	time_t begin, end;
	const char *policy_domain; /* "" where DMARC found no policy */
	const char *p;
	unsigned long messages, passed, sources;
	/*
	 * What became of the reports: "no policy", "no address" (nobody asks for them), "open" (the
	 * period is not over), "due", "waiting" (to be tried again), "sent", "given up", "too old"
	 * (never sent), "too many" (not sent, store_ceiling.h), "not sent" (rows dated while the
	 * clock was ahead), "nobody" (nobody may get them); why, in words, where there is something
	 * to tell; and everything about them as JSON:
	 * [{"report_id":..,"state":..,"destinations":[..]},..]
	 */
	const char *report, *text, *reports;
};
typedef void store_query_period_function(const struct store_query_period *period, void *context);

/* Newest period first, in it the domain with most messages. False: the problem says why. */
bool store_query_periods(struct store_query *query, const struct store_query_range *range,
                         store_query_period_function *each, void *context, struct problem *problem);

/* Messages alike that claimed to come from a domain, over all periods of the range. */
struct store_query_sender {
	const char *source, *header_from, *dmarc, *disposition;
	const char *dkim_aligned, *spf_aligned;
	const char *override_type, *override_comment;
	const char *spf_domain, *spf_result;
	const char *dkim;       /* JSON, as row_text_dkim_json() wrote it */
	const char *dkim_words; /* "pass example.org/s1, fail ..." */
	time_t first, last;
	unsigned long messages;
};
typedef void store_query_sender_function(const struct store_query_sender *sender, void *context);

/* `domain` (internal form) or a name below it in From. Most messages first, at most `most`. */
bool store_query_senders(struct store_query *query, const char *domain,
                         const struct store_query_range *range, long max,
                         store_query_sender_function *each, void *context, struct problem *problem);

/* Messages that fail DMARC, and that a sealer of ARC has in its chain. */
struct store_query_sealer {
	const char *domain; /* d=; valid during the call */
	/* all of them; those that it restored; those that it would restore if it were listed */
	unsigned long messages, restored, would_restore;
	unsigned long authors; /* policy domains of these */
	time_t last;
};
typedef void store_query_sealer_function(const struct store_query_sealer *sealer, void *context);

/* Most of those that would be, or were, restored first; at most `max`. */
bool store_query_sealers(struct store_query *query, const struct store_query_range *range, long max,
                         store_query_sealer_function *each, void *context, struct problem *problem);

struct store_query_total {
	unsigned long messages, passed, sources,
	    rows; /* rows: of store_query_senders() without a limit */
};
bool store_query_totals(struct store_query *query, const char *domain,
                        const struct store_query_range *range, struct store_query_total *total,
                        struct problem *problem);

#endif
