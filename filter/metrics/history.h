/*
 * history.h - rates and durations of the last minute, hour and day, from totals that are added
 * every few seconds. It has neither clock nor lock: its owner (monitoring/sampler.c) has both.
 */
#ifndef ASSAY_HISTORY_H
#define ASSAY_HISTORY_H

#include "metrics/facts.h"

/* Totals since the process began. */
struct history_totals {
	unsigned long messages[METRICS_ACTIONS];
	unsigned long lookups, failed_lookups;
	struct histogram message, dns;
};

struct history;

enum {
	HISTORY_STEP_S = 10 /* the interval at which history_add() is called */
};

/* NULL: no memory. `now` is in seconds of any clock that never goes back; totals begin at 0. */
struct history *history_new(time_t now);
void history_free(struct history *history);

/* Adds the totals at `now`, which is not before that of the last call. */
void history_add(struct history *history, time_t now, const struct history_totals *totals);

/* A new day begins: `totals` are where its counts begin. */
void history_begin_day(struct history *history, const struct history_totals *totals);

/* Fills in `recent` from the totals at `now` and those that were added before. */
void history_report(const struct history *history, time_t now, const struct history_totals *totals,
                    struct facts_recent *recent);

#endif
