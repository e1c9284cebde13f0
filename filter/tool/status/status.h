/*
 * status.h - what the files of `assay status` share: status.c (arguments), status_fetch_curl.c
 * (asks the daemon), status_read.c (reads its answer), status_print.c (prints it).
 */
#ifndef ASSAY_STATUS_H
#define ASSAY_STATUS_H

#include <stdbool.h>
#include <time.h>

#include "base/arena.h"
#include "base/problem.h"
#include "metrics/listen_address.h"

enum {
	STATUS_ACTIONS = 4,
	STATUS_BYTES_MAX = 256 * 1024
};

/* Counts of messages by verdict, in the order of action_names. */
struct status_messages {
	long of[STATUS_ACTIONS];
};

/* What is printed of the daemon's answer (filter/metrics/status_text.c writes it). Times are
 * seconds since 1970, 0 for never; strings are NULL if there is none. */
struct status {
	const char *version, *settings_file, *problem;
	time_t now, started, loaded, oldest_report, oldest_key;
	long process;
	struct status_messages today, since_start;
	double minute, hour; /* messages a second */
	long under_way, under_way_limit, connections;
	double message_p50, message_p99, dns_p50, dns_p99; /* seconds */
	long lookups, failed_lookups, in_flight, entries;
	long hits, misses, joined;
	bool keeps_rows, sends_reports;
	long rows_written, rows_waiting, rows_lost;
	long sent, refused, given_up, waiting, due;
	long keys;
	long resident_bytes, open_files, max_files;
	size_t warning_count;
	const char **warnings;
};

/* The page /status, for free(). NULL and a problem, which is the reason alone: "Connection
 * refused". */
char *status_fetch(const struct listen_address *place, struct arena *arena,
                   struct problem *problem);

/* False: it is not the answer of an assayd of this version. Strings are in the arena. */
bool status_read(const char *json, struct arena *arena, struct status *status);

/* Prints the status for people. */
void status_print(const struct status *status, struct arena *arena);

#endif
