/*
 * report_stats.h - what becomes of aggregate reports, as the store has it. `assay report send` is a
 * process of its own, started by the daemon, by a timer or by hand: the store is the one place that
 * knows of all of them.
 *
 * For one thread (sampler.c).
 */
#ifndef ASSAY_REPORT_STATS_H
#define ASSAY_REPORT_STATS_H

#include "metrics/facts.h"

/* Filled with zeros before the first call. */
struct report_stats {
	bool known;   /* whether `counted` is there */
	time_t since; /* what `counted` counts from */
	unsigned long counted[FACTS_DELIVERIES];
	time_t next; /* not to be read again before */
	struct facts_reports reports;
};

/* Reads the store if it is time. What can't be read leaves the numbers as they were. */
void report_stats_update(struct report_stats *outbox, const char *store, time_t now);

#endif
