/*
 * sampler.c - the thread behind sampler.h. monitoring.c starts and stops it, facts.c asks what it
 * saw.
 *
 * What is slow (the store, the files of keys) is done without the lock.
 */
#include "monitoring/sampler.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/clock.h"
#include "base/thread.h"
#include "metrics/history.h"
#include "metrics/report_stats.h"
#include "settings/settings_active.h"

struct sampler {
	struct shared *shared;
	pthread_t thread;
	struct report_stats outbox; /* the thread's alone */
	int day;                    /* of the year, in local time; the thread's alone */
	unsigned long
	    generation; /* of the settings whose keys were looked at; the thread's alone */

	pthread_mutex_t lock; /* of all below */
	pthread_cond_t wake;
	bool stop, look;
	struct history *history;
	struct facts_reports reports;
	unsigned long keys;
	double oldest_key;
};

static struct history_totals totals_of(const struct metrics_counts *counts,
                                       const struct resolver_counts *dns)
{
	struct history_totals totals = {.message = counts->message, .dns = dns->seconds};

	for (size_t origin = 0; origin < METRICS_ORIGINS; origin++)
		for (size_t action = 0; action < METRICS_ACTIONS; action++)
			totals.messages[action] += counts->messages[origin][action];
	for (size_t type = 0; type < RESOLVER_TYPES; type++)
		totals.failed_lookups += dns->lookups[type][LOOKUP_FAILED];
	totals.lookups = histogram_count(&dns->seconds);
	return totals;
}

static int day_of_year(void)
{
	time_t now = time(NULL);
	struct tm local;

	return localtime_r(&now, &local) == NULL ? 0 : local.tm_yday;
}

static void sampler_note(struct sampler *watch)
{
	struct metrics_counts counts;
	struct resolver_counts dns;
	struct history_totals totals;
	int day = day_of_year();

	metrics_sum(watch->shared->metrics, &counts);
	resolver_count(watch->shared->resolver, &dns);
	totals = totals_of(&counts, &dns);
	pthread_mutex_lock(&watch->lock);
	history_note(watch->history, clock_monotonic_seconds(), &totals);
	if (day != watch->day)
		history_begin_day(watch->history, &totals);
	pthread_mutex_unlock(&watch->lock);
	watch->day = day;
}

static double oldest_key(const struct signing_table *table)
{
	double oldest = 0;
	const char *domain;
	struct stat found;

	for (size_t i = 0; i < signing_table_count(table); i++)
		if (stat(signing_table_key(table, i, &domain)->file, &found) == 0 &&
		    (oldest <= 0 || (double)found.st_mtime < oldest))
			oldest = (double)found.st_mtime;
	return oldest;
}

/* The keys that sign are those that were read with the settings, whatever became of the files
 * since. */
static void look_at_keys(struct sampler *watch, const struct settings *settings,
                         unsigned long generation)
{
	double oldest;

	if (generation == watch->generation)
		return;
	watch->generation = generation;
	oldest = oldest_key(settings->sign.table);
	pthread_mutex_lock(&watch->lock);
	watch->keys = signing_table_count(settings->sign.table);
	watch->oldest_key = oldest;
	pthread_mutex_unlock(&watch->lock);
}

/* The generation is asked for first: what is newer than it says is looked at once more. */
static void look_at_settings(struct sampler *watch)
{
	struct settings_active_state state;
	struct settings *settings;

	settings_active_status(&state);
	settings = settings_active_ref();
	look_at_keys(watch, settings, state.generation);
	if (settings->reports.store[0] != '\0')
		report_stats_update(&watch->outbox, settings->reports.store, time(NULL));
	settings_release(settings);
	pthread_mutex_lock(&watch->lock);
	watch->reports = watch->outbox.reports;
	pthread_mutex_unlock(&watch->lock);
}

/* False: it is to stop. */
static bool rest(struct sampler *watch)
{
	struct timespec until = clock_deadline_after(HISTORY_STEP_S * 1000);
	bool stop;

	pthread_mutex_lock(&watch->lock);
	while (!watch->stop && !watch->look &&
	       pthread_cond_timedwait(&watch->wake, &watch->lock, &until) == 0)
		;
	watch->look = false;
	stop = watch->stop;
	pthread_mutex_unlock(&watch->lock);
	return !stop;
}

static void *sampler_run(void *with)
{
	struct sampler *watch = with;

	do {
		look_at_settings(watch);
		sampler_note(watch);
	} while (rest(watch));
	return NULL;
}

static void sampler_free(struct sampler *watch)
{
	history_free(watch->history);
	pthread_cond_destroy(&watch->wake);
	pthread_mutex_destroy(&watch->lock);
	free(watch);
}

struct sampler *sampler_start(struct shared *shared)
{
	struct sampler *watch = calloc(1, sizeof *watch);

	if (watch == NULL)
		return NULL;
	watch->shared = shared;
	watch->day = day_of_year();
	watch->history = history_new(clock_monotonic_seconds());
	pthread_mutex_init(&watch->lock, NULL);
	clock_condition_init(&watch->wake);
	if (watch->history != NULL && thread_start(&watch->thread, sampler_run, watch))
		return watch;
	sampler_free(watch);
	return NULL;
}

void sampler_stop(struct sampler *watch)
{
	if (watch == NULL)
		return;
	pthread_mutex_lock(&watch->lock);
	watch->stop = true;
	pthread_cond_signal(&watch->wake);
	pthread_mutex_unlock(&watch->lock);
	pthread_join(watch->thread, NULL);
	sampler_free(watch);
}

void sampler_wake(struct sampler *watch)
{
	if (watch == NULL)
		return;
	pthread_mutex_lock(&watch->lock);
	watch->look = true;
	pthread_cond_signal(&watch->wake);
	pthread_mutex_unlock(&watch->lock);
}

void sampler_report(struct sampler *watch, struct facts *facts)
{
	struct history_totals totals = totals_of(&facts->counts, &facts->dns);

	if (watch == NULL)
		return;
	pthread_mutex_lock(&watch->lock);
	history_tell(watch->history, clock_monotonic_seconds(), &totals, &facts->recent);
	facts->reports = watch->reports;
	facts->keys = watch->keys;
	facts->oldest_key = watch->oldest_key;
	pthread_mutex_unlock(&watch->lock);
}
