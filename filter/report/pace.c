/*
 * pace.c - see pace.h.
 */
#include "report/pace.h"

#include <sys/random.h>
#include <time.h>

#include "base/invariant.h"

enum {
	AHEAD_MS =
	    30000 /* lookups of a report start at most so long before its turn: answers age */
};

/* On average the spread's share of each report. */
static long pace_ms(long spread_ms, size_t reports)
{
	return reports == 0 ? 0 : spread_ms / (long)reports;
}

void pace_rest(long spread_ms, size_t reports)
{
	long milliseconds = pace_ms(spread_ms, reports);
	unsigned random = 0;
	struct timespec pause;

	if (milliseconds <= 0 || getrandom(&random, sizeof random, 0) < 0)
		return;
	milliseconds = (long)((double)milliseconds * 2 * (random / 4294967296.0));
	pause = (struct timespec){milliseconds / 1000, milliseconds % 1000 * 1000000};
	nanosleep(&pause, NULL);
}

size_t pace_ahead(long spread_ms, size_t reports)
{
	long pace = pace_ms(spread_ms, reports);
	size_t ahead =
	    pace * PACE_AHEAD_MAX > AHEAD_MS ? (size_t)(AHEAD_MS / pace) : PACE_AHEAD_MAX;

	invariant(ahead <= PACE_AHEAD_MAX);
	return ahead;
}
