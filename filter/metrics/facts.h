/*
 * facts.h - what is known about the running daemon at one moment: everything that /metrics, /health
 * and /status show.
 *
 * monitoring/facts.c gathers the facts from the modules that count; metrics_table.c says which
 * member is which metric; metrics_text.c, health.c, status_text.c and warnings.c only read them.
 * Numbers of metrics are unsigned long or double. Times are seconds since 1970, 0 for never.
 */
#ifndef ASSAY_FACTS_H
#define ASSAY_FACTS_H

#include <time.h>

#include "base/domain.h"
#include "dns/resolver.h"
#include "metrics/metrics.h"
#include "received/capture_folder.h"
#include "recorder/recorder.h"
#include "store/store.h"
#include "store/store_received_watch.h"

/* What keeps report rows from the store: a label of one metric, 0 or 1 each. */
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

/* How report mails ended, by the store (report_stats.c). */
enum facts_delivery {
	FACTS_SENT,
	FACTS_REFUSED, /* the destination does not want reports */
	FACTS_GIVEN_UP,
	FACTS_DELIVERIES
};
extern const char *const facts_delivery_names[]; /* "sent", "refused", "given_up", NULL */

/* enum metrics_received */
extern const char *const facts_received_names[]; /* "kept", ..., "failed", NULL */
/* Failure reports in the store, by what became of them. */
enum facts_failure {
	FACTS_FAILURES_WAITING, /* to be sent, or being sent */
	FACTS_FAILURES_SENT,
	FACTS_FAILURES_REFUSED,
	FACTS_FAILURES_DROPPED,
	FACTS_FAILURES
};
extern const char *const facts_failure_names[]; /* "waiting", "sent", ..., NULL */

struct facts_reports {
	unsigned long failures[FACTS_FAILURES];
	unsigned long failures_beyond; /* failures that are in none of them */

	unsigned long ended[FACTS_DELIVERIES]; /* since the process began */
	unsigned long waiting;                 /* mails to be sent or tried again */
	unsigned long due; /* reports whose period is over and that are not being sent yet */
	double oldest_due; /* end of the oldest period of these */
	double oldest;     /* the same, of all that is waiting or due */
	double read_at;    /* when the store was last read */
};

/* What reports of others say, by the store (received_stats.c). */
struct facts_reported {
	unsigned long reports[RECEIVED_KINDS][RECEIVED_OUTCOMES]; /* since the store was made */
	double newest;                               /* arrival of the newest that counts */
	unsigned long new_sources, silent_reporters; /* store_received_watch.h */
	size_t domain_count; /* ours alone: their names come from the settings */
	struct facts_reported_domain {
		char domain[DOMAIN_MAX + 1];
		double messages, failing_share; /* of the last seven days; 0 to 1 */
	} domains[RECEIVED_WATCH_DOMAINS];
};

/* Rates and durations of the last minute and hour (history.c). */
struct facts_recent {
	double minute, hour;                   /* messages a second */
	unsigned long today[METRICS_ACTIONS];  /* since midnight, or since the process began */
	struct histogram message, dns;         /* of the last hour */
	unsigned long lookups, failed_lookups; /* of the last hour */
};

struct facts_process {
	double started;
	unsigned long resident_bytes, open_files, max_files;
	double processor_seconds;
};

/* Queries of messages, by what the cache did with them. */
enum facts_cache {
	FACTS_HIT,
	FACTS_MISS,
	FACTS_JOINED,         /* in flight already, for another message */
	FACTS_REFUSED_LOOKUP, /* resolver.in_flight was reached */
	FACTS_CACHES
};
extern const char *const facts_cache_names[]; /* "hit", "miss", "joined", "refused", NULL */

struct facts {
	double now;
	bool stopping;
	struct metrics_counts counts;
	unsigned long under_way, under_way_limit, connections;

	struct resolver_counts dns;
	unsigned long cache[FACTS_CACHES];

	bool keeps_rows, sends_reports;
	unsigned long rows_written, rows_waiting, rows_lost;
	unsigned long trouble[FACTS_TROUBLES];
	struct facts_reports reports;
	struct facts_reported reported;
	struct facts_recent recent;

	struct capture_folder_counts received;
	double received_oldest; /* when the copy came */

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

/* What the facts are gathered from; stays the same while the daemon runs. */
struct facts_source {
	struct shared *shared;
	const char *settings_file;
	double started; /* process_started() */
	struct sampler *sampler;
};

/* Fills in `facts`; strings in it are those of `source`. From any thread; takes locks for
 * moments. */
void facts_gather(const struct facts_source *source, struct facts *facts);

#endif
