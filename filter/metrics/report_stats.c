/*
 * report_stats.c - how aggregate reports ended since the process began (report_stats.h). Called by
 * monitoring/sampler.c.
 *
 * The store deletes reports after reports.keep_days, but counters must not go back. So deliveries
 * that changed in the last day are counted; what has been added to that count since the last
 * reading is added to the counters.
 */
#include "metrics/report_stats.h"

#include "base/invariant.h"
#include "base/log.h"
#include "store/store_watch.h"

enum {
	PAUSE_S = 10,
	WINDOW_S = 24 * 3600,
	IDLE_SHARE = 100 /* the pause is at least so many times as long as the reading took */
};

static const enum outbox_delivery_state states[FACTS_DELIVERIES] = {
    [FACTS_SENT] = OUTBOX_SENT,
    [FACTS_REFUSED] = OUTBOX_REFUSED,
    [FACTS_GIVEN_UP] = OUTBOX_GIVEN_UP,
};

static void apply_failures(struct facts_reports *reports, const struct store_watch *found)
{
	const unsigned long *failures = found->failures;

	reports->failures[FACTS_FAILURES_WAITING] =
	    failures[FAILURE_OPEN] + failures[FAILURE_WAITING] + failures[FAILURE_HANDING];
	/* what was handed over twice without an answer has most likely gone out */
	reports->failures[FACTS_FAILURES_SENT] = failures[FAILURE_SENT] + failures[FAILURE_UNKNOWN];
	reports->failures[FACTS_FAILURES_REFUSED] = failures[FAILURE_REFUSED];
	reports->failures[FACTS_FAILURES_DROPPED] = failures[FAILURE_DROPPED];
	reports->failures_beyond = found->failures_beyond;
}

static void apply_counts(struct report_stats *stats, const struct store_watch *found, time_t now,
                         time_t since)
{
	for (size_t i = 0; i < FACTS_DELIVERIES; i++) {
		unsigned long then = found->since[0][states[i]];

		if (stats->known && then > stats->counted[i])
			stats->reports.ended[i] += then - stats->counted[i];
		stats->counted[i] = found->since[1][states[i]];
	}
	apply_failures(&stats->reports, found);
	stats->known = true;
	stats->since = since;
	stats->reports.waiting = found->waiting;
	stats->reports.due = found->due;
	stats->reports.oldest_due = (double)found->oldest_due;
	stats->reports.oldest = (double)found->oldest;
	stats->reports.read_at = (double)now;
}

void report_stats_update(struct report_stats *stats, const char *store, time_t now)
{
	const time_t since[2] = {stats->known ? stats->since : now - WINDOW_S, now - WINDOW_S};
	struct store_watch found;
	struct problem problem;
	time_t took;

	if (now < stats->next && stats->next - now <= WINDOW_S)
		return;
	invariant(store[0] != '\0');
	if (store_watch_read(store, now, since, &found, &problem)) {
		apply_counts(stats, &found, now, since[1]);
		log_debug("sampler: %s has %lu reports due, %lu mails waiting", store, found.due,
		          found.waiting);
	} else {
		log_debug("the report store was not read for the metrics: %s", problem.message);
	}
	took = time(NULL) - now;
	stats->next = now + PAUSE_S + took * IDLE_SHARE;
}
