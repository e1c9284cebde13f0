/*
 * report_stats.c - what became of aggregate reports since the process began (report_stats.h).
 * sampler.c calls it.
 *
 * The store forgets reports after reports.keep_days. So that this does not look like going back,
 * deliveries are counted that changed in the last day: what the present look has more than the last
 * one, from the same moment on, is added.
 */
#include "metrics/report_stats.h"

#include "base/log.h"
#include "store/store_watch.h"

enum {
	PAUSE_S = 10,
	WINDOW_S = 24 * 3600,
	IDLE_SHARE = 100 /* so many times longer than a look takes nothing is read */
};

static const enum outbox_delivery_state states[FACTS_DELIVERIES] = {
    [FACTS_SENT] = OUTBOX_SENT,
    [FACTS_REFUSED] = OUTBOX_REFUSED,
    [FACTS_GIVEN_UP] = OUTBOX_GIVEN_UP,
};

static void report_stats_take(struct report_stats *outbox, const struct store_watch *found,
                              time_t now, time_t since)
{
	for (size_t i = 0; i < FACTS_DELIVERIES; i++) {
		unsigned long then = found->since[0][states[i]];

		if (outbox->known && then > outbox->counted[i])
			outbox->reports.ended[i] += then - outbox->counted[i];
		outbox->counted[i] = found->since[1][states[i]];
	}
	outbox->known = true;
	outbox->since = since;
	outbox->reports.waiting = found->waiting;
	outbox->reports.due = found->due;
	outbox->reports.oldest_due = (double)found->oldest_due;
	outbox->reports.oldest = (double)found->oldest;
	outbox->reports.looked = (double)now;
}

void report_stats_update(struct report_stats *outbox, const char *store, time_t now)
{
	const time_t since[2] = {outbox->known ? outbox->since : now - WINDOW_S, now - WINDOW_S};
	struct store_watch found;
	struct problem problem;
	time_t took;

	if (now < outbox->next && outbox->next - now <= WINDOW_S)
		return;
	if (store_watch_read(store, now, since, &found, &problem))
		report_stats_take(outbox, &found, now, since[1]);
	else
		log_debug("the report store was not read for the metrics: %s", problem.message);
	took = time(NULL) - now;
	outbox->next = now + PAUSE_S + took * IDLE_SHARE;
}
