/*
 * received_stats.h - what the reports of others say, by the store: the reader is a process of its
 * own.
 *
 * For one thread (monitoring/sampler.c).
 */
#ifndef ASSAY_RECEIVED_STATS_H
#define ASSAY_RECEIVED_STATS_H

#include "metrics/facts.h"

/* Filled with zeros before the first call. */
struct received_stats {
	time_t next; /* when the store may be read again */
	struct facts_reported reported;
};

/* Notes a domain that is ours, once; beyond RECEIVED_WATCH_DOMAINS none. A name that is longer than
 * a domain's is left out. */
void received_stats_add_domain(struct received_stats *stats, const char *domain);

/* Reads the store about these domains, unless the last time is too short ago. If it cannot be read,
 * the numbers stay. */
void received_stats_update(struct received_stats *stats, const char *store, time_t now);

#endif
