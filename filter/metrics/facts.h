/*
 * facts.h - what is known about the running daemon at one moment: everything that /metrics, /health
 * and /status tell.
 *
 * facts.c gathers them from who counts; metrics_table.c says which member is which metric;
 * metrics_text.c, health.c, status_text.c and warnings.c only read. Numbers of metrics are unsigned
 * long or double: times are seconds since 1970, 0 for never.
 */
#ifndef ASSAY_FACTS_H
#define ASSAY_FACTS_H

#include <time.h>

#include "dns/resolver.h"
#include "metrics/metrics.h"
#include "recorder/recorder.h"
#include "store/store.h"

/* What stops report rows on their way; a metric of its own each, 0 or 1. */
enum facts_trouble {
	FACTS_STORE_LOCKED,
	FACTS_STORE_FULL,
	FACTS_STORE_READ_ONLY,
	FACTS_STORE_NEWER,
	FACTS_STORE_BROKEN,
	FACTS_JOURNAL,
	FACTS_TROUBLES
};
extern const char *const facts_trouble_names[]; /* "locked", ..., "journal", NULL */

/* What became of reports, as the store has it (report_stats.c). */
enum facts_delivery {
	FACTS_SENT,
	FACTS_REFUSED, /* nothing may be sent there */
	FACTS_GIVEN_UP,
	FACTS_DELIVERIES
};
extern const char *const facts_delivery_names[];

struct facts_reports {
	unsigned long ended[FACTS_DELIVERIES]; /* since the process began */
	unsigned long waiting;                 /* mails that are to be sent, or tried again */
	unsigned long due; /* reports that are over and that nobody has begun to send */
	double oldest_due; /* end of the oldest period of these */
	double oldest;     /* of all that waits or is due */
	double looked;     /* when the store was last read */
};

/* How many messages were answered a second, and how DNS did, of late (history.c). */
struct facts_recent {
	double minute, hour;                   /* messages a second */
	unsigned long today[METRICS_ACTIONS];  /* since midnight, or since the process began */
	struct histogram message, dns;         /* of the last hour */
	unsigned long lookups, failed_lookups; /* of the last hour */
};

struct facts_process {
	double started;
	unsigned long resident_bytes, open_files, most_files;
	double processor_seconds;
};

/* The requests to the cache, by what came of them. */
enum facts_cache {
	FACTS_HIT,
	FACTS_MISS,
	FACTS_JOINED,         /* was under way for another message */
	FACTS_REFUSED_LOOKUP, /* too many were under way */
	FACTS_CACHES
};
extern const char *const facts_cache_names[];

struct facts {
	double now;
	bool stopping;
	struct metrics_counts counts;
	unsigned long under_way, under_way_most, connections;

	struct resolver_counts dns;
	unsigned long cache[FACTS_CACHES];

	bool keeps_rows, sends_reports;
	unsigned long rows_written, rows_waiting, rows_lost;
	unsigned long trouble[FACTS_TROUBLES];
	struct facts_reports reports;
	struct facts_recent recent;

	unsigned long keys;
	double oldest_key; /* when its file was last changed */

	const char *settings_file;
	unsigned long generation;
	double loaded, failed;
	struct problem why_failed;

	struct facts_process process;
	unsigned long build;
};

struct shared;

/* Who the daemon is; stays the same while it runs. */
struct facts_source {
	struct shared *shared;
	const char *settings_file;
	double started; /* process_started() */
	struct sampler *watch;
};

/* From any thread; takes some locks for moments, and waits for nothing. */
void facts_gather(const struct facts_source *source, struct facts *facts);

#endif
