/*
 * facts.c - gathers the facts about the running daemon (facts.h) from the modules that count.
 * pages.c calls it.
 */
#include "metrics/facts.h"

#include <time.h>

#include "base/invariant.h"
#include "monitoring/process.h"
#include "monitoring/sampler.h"
#include "session/session.h"
#include "session/slots.h"
#include "settings/settings_active.h"

static double time_of_day(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static unsigned long not_negative(long number)
{
	return number < 0 ? 0 : (unsigned long)number;
}

static void gather_messages(struct shared *shared, struct facts *facts)
{
	metrics_sum(shared->metrics, &facts->counts);
	facts->stopping = atomic_load(&shared->stopping);
	facts->under_way = not_negative(slots_taken(shared->slots));
	facts->connections = not_negative(atomic_load(&shared->connections));
}

static void gather_dns(struct shared *shared, struct facts *facts)
{
	resolver_count(shared->resolver, &facts->dns);
	facts->cache[FACTS_HIT] = facts->dns.hits;
	facts->cache[FACTS_MISS] = facts->dns.misses;
	facts->cache[FACTS_JOINED] = facts->dns.joined;
	facts->cache[FACTS_REFUSED_LOOKUP] = facts->dns.refused;
}

static enum facts_trouble trouble_of(int outcome)
{
	switch (outcome) {
	case STORE_LOCKED:
		return FACTS_STORE_LOCKED;
	case STORE_FULL:
		return FACTS_STORE_FULL;
	case STORE_READ_ONLY:
		return FACTS_STORE_READ_ONLY;
	case STORE_NEWER:
		return FACTS_STORE_NEWER;
	default:
		return FACTS_STORE_BROKEN;
	}
}

static void gather_rows(struct shared *shared, struct facts *facts)
{
	struct recorder_counts counts;

	facts->keeps_rows = shared->recorder != NULL;
	if (!facts->keeps_rows)
		return;
	recorder_count(shared->recorder, &counts);
	facts->rows_written = counts.stored;
	facts->rows_waiting = counts.waiting;
	facts->rows_lost = counts.lost;
	if (counts.store_trouble != STORE_DONE)
		facts->trouble[trouble_of(counts.store_trouble)] = 1;
	facts->trouble[FACTS_JOURNAL] = counts.journal_trouble != 0;
}

static void gather_received(struct shared *shared, struct facts *facts)
{
	if (shared->captures == NULL)
		return;
	capture_folder_count(shared->captures, &facts->received);
	facts->received_oldest = (double)facts->received.oldest;
}

static void gather_settings(const struct facts_source *source, struct facts *facts)
{
	struct settings *settings = settings_active_ref();
	struct settings_active_state state;

	settings_active_status(&state);
	facts->settings_file = source->settings_file;
	facts->generation = state.generation;
	facts->loaded = (double)state.loaded;
	facts->failed = (double)state.failed;
	facts->why_failed = state.why;
	facts->under_way_limit = not_negative(settings->limits.messages);
	facts->sends_reports = facts->keeps_rows && settings->reports.email[0] != '\0';
	settings_release(settings);
}

/* Reports are due only if the daemon is set up to send them. */
static void clear_unsent_reports(struct facts *facts)
{
	if (facts->sends_reports)
		return;
	facts->reports.due = 0;
	facts->reports.oldest_due = 0;
	facts->reports.oldest = 0;
}

void facts_gather(const struct facts_source *source, struct facts *facts)
{
	invariant(source->shared != NULL);
	*facts = (struct facts){.now = time_of_day(), .build = 1};
	gather_messages(source->shared, facts);
	gather_dns(source->shared, facts);
	gather_rows(source->shared, facts);
	gather_received(source->shared, facts);
	gather_settings(source, facts);
	sampler_report(source->sampler, facts);
	clear_unsent_reports(facts);
	process_measure(&facts->process);
	facts->process.started = source->started;
}
