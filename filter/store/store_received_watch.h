/*
 * store_received_watch.h - the reports of others in a few numbers: for those who watch the daemon
 * (metrics/received_stats.c).
 */
#ifndef ASSAY_STORE_RECEIVED_WATCH_H
#define ASSAY_STORE_RECEIVED_WATCH_H

#include "rows/received_report.h"
#include "store/store_received.h"

enum {
	RECEIVED_WATCH_DOMAINS = 20, /* that are watched at most */
	RECEIVED_WATCH_DAYS = 7,     /* that shares are of */
	RECEIVED_WATCH_NEW = 100,    /* messages that fail, from which on a new source counts */
	RECEIVED_WATCH_SILENT = 3,   /* days without a report */
	RECEIVED_KINDS = RECEIVED_FAILURE + 1,
	RECEIVED_OUTCOMES = RECEIVED_UNTRUSTED + 1
};

struct received_watch {
	/* since the store was made */
	unsigned long reports[RECEIVED_KINDS][RECEIVED_OUTCOMES];
	time_t newest; /* arrival of the newest report that counts; 0: none */
	/* sources of the watched domains that failed for so many messages in the last two days with
	 * reports, and were in no report of the four weeks before */
	unsigned long new_sources;
	/* reporters of five days of the last 30 or more that sent nothing for some days */
	unsigned long silent_reporters;
	/* of each watched domain in the last days: messages; of these without an aligned pass */
	int64_t messages[RECEIVED_WATCH_DOMAINS], failing[RECEIVED_WATCH_DOMAINS];
};

/* Reads the store at `path`, which others write meanwhile. False: the problem says why not. */
bool store_received_watch_read(const char *path, time_t now, size_t count,
                               const char *const *domains, struct received_watch *watch,
                               struct problem *problem);

#endif
