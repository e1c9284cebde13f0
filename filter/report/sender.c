/*
 * sender.c - one run of the sender: which reports are due, and one after the other. `assay report
 * send` calls it, by hand or started by the daemon (scheduler.c).
 */
#include "report/sender.h"

#include "base/invariant.h"
#include "base/log.h"
#include "report/pace.h"
#include "report/sender_report.h"
#include "store/store_ceiling.h"

enum {
	HOUR = 3600
};

static bool stopped(const struct sender *sender)
{
	return sender->stop != NULL && *sender->stop != 0;
}

/* Reports under way and ahead: the one with index i stands at i modulo the size. */
struct sender_window {
	struct sender_work works[PACE_AHEAD_MAX + 1];
	size_t started;
};

static struct sender_work *work_at(struct sender_window *window, size_t index)
{
	return &window->works[index % (PACE_AHEAD_MAX + 1)];
}

static void start_until(struct sender_window *window, size_t end, const int64_t *reports,
                        const struct sender_work *fresh)
{
	for (; window->started < end; window->started++) {
		struct sender_work *work = work_at(window, window->started);

		*work = *fresh;
		work->arena = arena_new();
		sender_report_prefetch(work, reports[window->started]);
	}
}

static bool run_all(const struct sender_work *fresh, const int64_t *reports, size_t count)
{
	const struct sender *sender = fresh->sender;
	struct sender_totals *totals = fresh->totals;
	struct sender_window window = {.started = 0};
	bool good = true;

	for (size_t i = 0; good && i < count && !stopped(sender); i++) {
		size_t end = i + 1 + pace_ahead(sender->spread_ms, count);

		sender->progress(i, count, sender->context);
		start_until(&window, end < count ? end : count, reports, fresh);
		invariant(window.started > i && window.started - i <= PACE_AHEAD_MAX + 1);
		good = sender_report_send(work_at(&window, i), reports[i]);
		sender_report_end(work_at(&window, i));
		totals->reports++;
		if (good && i + 1 < count)
			pace_rest(sender->spread_ms, count);
	}
	for (size_t i = totals->reports; i < window.started; i++)
		sender_report_end(work_at(&window, i));
	return good;
}

/* Reports are spread, and somebody else's timer may come an hour later: so long none grows too old.
 */
long sender_age_hours(const struct report_settings *settings)
{
	long spread = settings->jitter_minutes / 60 + 1;

	return settings->retry_hours > spread ? settings->retry_hours : spread;
}

static struct outbox_times times_of(const struct sender *sender)
{
	return (struct outbox_times){.now = sender->now,
	                             .clock_trusted = sender->clock_trusted,
	                             .oldest =
	                                 sender->now - sender_age_hours(sender->settings) * HOUR,
	                             .ended = sender->now - SENDER_SETTLE_S,
	                             .next_latest = sender->now + SENDER_REPORT_RETRY_MAX_S};
}

bool sender_run(const struct sender *sender, struct sender_totals *totals, struct problem *problem)
{
	const struct sender_work fresh = {.sender = sender, .totals = totals, .problem = problem};
	const struct outbox_times times = times_of(sender);
	struct arena *list = arena_new();
	const int64_t *reports;
	size_t count = 0;
	bool good;

	*totals = (struct sender_totals){0};
	log_debug("sender: run of %lld begins, the clock is %s", (long long)sender->now,
	          sender->clock_trusted ? "trusted" : "doubted");
	good = (sender->dry_run ||
	        store_outbox_set_aside(sender->store, &times, &totals->undated, problem)) &&
	       store_ceiling_apply(sender->store, &times, sender->dry_run, sender->surplus,
	                           sender->context, problem) &&
	       store_outbox_due(sender->store, &times, list, &count, &reports, problem) &&
	       run_all(&fresh, reports, count);
	if (good)
		sender->progress(totals->reports, count, sender->context);
	invariant(totals->reports <= count);
	totals->stopped = good && totals->reports < count;
	log_debug("sender: run ends after %lu of %zu reports%s", totals->reports, count,
	          totals->stopped ? ", stopped" : "");
	arena_free(list);
	return good;
}
