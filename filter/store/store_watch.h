/*
 * store_watch.h - how sending stands, in a few numbers: for those who watch the daemon
 * (metrics/report_stats.c).
 */
#ifndef ASSAY_STORE_WATCH_H
#define ASSAY_STORE_WATCH_H

#include <time.h>

#include "store/store_failures.h"
#include "store/store_outbox.h"

struct store_watch {
	/* deliveries by state that changed since the two moments asked for */
	unsigned long since[2][OUTBOX_GIVEN_UP + 1];
	unsigned long waiting;                  /* deliveries to be sent or tried again */
	unsigned long due;                      /* reports over at `now` that nobody has taken */
	time_t oldest_due;                      /* the end of the oldest period of these; 0: none */
	time_t oldest;                          /* of all that is due or waiting */
	unsigned long failures[FAILURE_STATES]; /* failure reports in the store */
	unsigned long failures_beyond;          /* failures that are in none of them */
};

/* Reads the store at `path`, which others write meanwhile. False: the problem says why not. */
bool store_watch_read(const char *path, time_t now, const time_t since[2],
                      struct store_watch *watch, struct problem *problem);

#endif
