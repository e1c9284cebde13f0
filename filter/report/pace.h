/*
 * pace.h - how reports are spread over time. Asked by sender.c.
 */
#ifndef ASSAY_PACE_H
#define ASSAY_PACE_H

#include <stddef.h>

enum {
	PACE_AHEAD_MAX = 50 /* reports whose destinations are asked for before their turn comes */
};

/* Waits some moment around each report's share of the spread; a signal ends it early. */
void pace_rest(long spread_ms, size_t reports);

/* How many reports after the present one are looked at ahead, no more than PACE_AHEAD_MAX. */
size_t pace_ahead(long spread_ms, size_t reports);

#endif
