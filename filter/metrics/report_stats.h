/*
 * report_stats.h - how aggregate reports ended, by the store. `assay report send` is a process of
 * its own, started by the daemon, by a timer or by hand: only the store knows about all of them.
 *
 * For one thread (monitoring/sampler.c).
 */
#ifndef ASSAY_REPORT_STATS_H
#define ASSAY_REPORT_STATS_H

#include "metrics/facts.h"

/* Filled with zeros before the first call. */
struct report_stats {
	bool known;   /* `counted` is filled in */
	time_t since; /* the time from which `counted` counts */
	unsigned long counted[FACTS_DELIVERIES];
	time_t next; /* when the store may be read again */
	struct facts_reports reports;
};

/* Reads the store, unless the last time is too short ago. If it cannot be read, the numbers
 * stay. */
void report_stats_update(struct report_stats *stats, const char *store, time_t now);

#endif
