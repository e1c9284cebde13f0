/*
 * history.h - how things went of late: totals noted now and then, and what came since. No clock, no
 * lock: its owner (sampler.c) has both.
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
	HISTORY_STEP_S = 10 /* how often history_note() is to be called */
};

/* NULL: no memory. Begins with totals of nothing at `now`. */
struct history *history_new(time_t now);
void history_free(struct history *history);

/* `now` never goes back. */
void history_note(struct history *history, time_t now, const struct history_totals *totals);

/* A new day begins: what came before is not of today. */
void history_begin_day(struct history *history, const struct history_totals *totals);

void history_tell(const struct history *history, time_t now, const struct history_totals *totals,
                  struct facts_recent *recent);

#endif
