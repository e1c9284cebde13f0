/*
 * sampler.c - the thread that samples what cannot be counted as it happens (sampler.h).
 * monitoring.c starts and stops it, facts.c asks for its numbers.
 *
 * What is slow (reading the store, the files of keys) is done without the lock.
 */
#include "monitoring/sampler.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/clock.h"
#include "base/invariant.h"
#include "base/log.h"
#include "base/thread.h"
#include "metrics/history.h"
#include "metrics/received_stats.h"
#include "metrics/report_stats.h"
#include "settings/settings_active.h"

struct sampler {
	struct shared *shared;
	pthread_t thread;

	/* for the thread alone */
	struct report_stats report_stats;
	struct received_stats received_stats;
	int day;                  /* of the year, in local time */
	unsigned long generation; /* of the settings whose keys were sampled */

	pthread_mutex_t lock; /* of all below */
	pthread_cond_t wake;
	bool stop, wanted;
	struct history *history;
	struct facts_reports reports;
	struct facts_reported reported;
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

static void sample_totals(struct sampler *sampler)
{
	struct metrics_counts counts;
	struct resolver_counts dns;
	struct history_totals totals;
	int day = day_of_year();

	metrics_sum(sampler->shared->metrics, &counts);
	resolver_count(sampler->shared->resolver, &dns);
	totals = totals_of(&counts, &dns);
	pthread_mutex_lock(&sampler->lock);
	history_add(sampler->history, clock_monotonic_seconds(), &totals);
	if (day != sampler->day)
		history_begin_day(sampler->history, &totals);
	pthread_mutex_unlock(&sampler->lock);
	if (day != sampler->day)
		log_debug("sampler: a new day begins for the messages of today");
	sampler->day = day;
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

/* The keys that sign are those that were read with the settings, even if their files have changed
 * since. */
static void sample_keys(struct sampler *sampler, const struct settings *settings,
                        unsigned long generation)
{
	double oldest;

	if (generation == sampler->generation)
		return;
	invariant(generation > sampler->generation);
	sampler->generation = generation;
	oldest = oldest_key(settings->sign.table);
	log_debug(
	    "sampler: %zu signing keys in snapshot %lu of the settings, the oldest file is of "
	    "%.0f (seconds since 1970)",
	    signing_table_count(settings->sign.table), generation, oldest);
	pthread_mutex_lock(&sampler->lock);
	sampler->keys = signing_table_count(settings->sign.table);
	sampler->oldest_key = oldest;
	pthread_mutex_unlock(&sampler->lock);
}

/* Ours are the domains that we sign for, and those of the addresses that reports come to. */
static void sample_received(struct sampler *sampler, const struct settings *settings)
{
	const struct strings *addresses = &settings->received.addresses;
	const char *domain;

	for (size_t i = 0; i < addresses->count; i++) {
		domain = strrchr(addresses->items[i], '@');
		if (domain != NULL)
			received_stats_add_domain(&sampler->received_stats, domain + 1);
	}
	for (size_t i = 0; i < signing_table_count(settings->sign.table); i++) {
		signing_table_key(settings->sign.table, i, &domain);
		received_stats_add_domain(&sampler->received_stats, domain);
	}
	received_stats_update(&sampler->received_stats, settings->reports.store, time(NULL));
}

/* The generation is read before the settings: if these are newer, they are sampled once more. */
static void sample_store_and_keys(struct sampler *sampler)
{
	struct settings_active_state state;
	struct settings *settings;

	settings_active_status(&state);
	settings = settings_active_ref();
	sample_keys(sampler, settings, state.generation);
	if (settings->reports.store[0] != '\0') {
		report_stats_update(&sampler->report_stats, settings->reports.store, time(NULL));
		sample_received(sampler, settings);
	}
	settings_release(settings);
	pthread_mutex_lock(&sampler->lock);
	sampler->reports = sampler->report_stats.reports;
	sampler->reported = sampler->received_stats.reported;
	pthread_mutex_unlock(&sampler->lock);
}

/* Waits until the next sample is due. False: the thread is to stop. */
static bool wait_for_next(struct sampler *sampler)
{
	struct timespec until = clock_deadline_after(HISTORY_STEP_S * 1000);
	bool stop;

	pthread_mutex_lock(&sampler->lock);
	while (!sampler->stop && !sampler->wanted &&
	       pthread_cond_timedwait(&sampler->wake, &sampler->lock, &until) == 0)
		;
	sampler->wanted = false;
	stop = sampler->stop;
	pthread_mutex_unlock(&sampler->lock);
	return !stop;
}

static void *sampler_run(void *context)
{
	struct sampler *sampler = context;

	do {
		sample_store_and_keys(sampler);
		sample_totals(sampler);
	} while (wait_for_next(sampler));
	return NULL;
}

static void sampler_free(struct sampler *sampler)
{
	history_free(sampler->history);
	pthread_cond_destroy(&sampler->wake);
	pthread_mutex_destroy(&sampler->lock);
	free(sampler);
}

struct sampler *sampler_start(struct shared *shared)
{
	struct sampler *sampler = calloc(1, sizeof *sampler);

	invariant(shared->resolver != NULL && shared->metrics != NULL);
	if (sampler == NULL)
		return NULL;
	sampler->shared = shared;
	sampler->day = day_of_year();
	sampler->history = history_new(clock_monotonic_seconds());
	pthread_mutex_init(&sampler->lock, NULL);
	clock_condition_init(&sampler->wake);
	if (sampler->history != NULL && thread_start(&sampler->thread, sampler_run, sampler)) {
		log_debug("sampler: started, a sample every %d s", HISTORY_STEP_S);
		return sampler;
	}
	sampler_free(sampler);
	return NULL;
}

void sampler_stop(struct sampler *sampler)
{
	if (sampler == NULL)
		return;
	pthread_mutex_lock(&sampler->lock);
	sampler->stop = true;
	pthread_cond_signal(&sampler->wake);
	pthread_mutex_unlock(&sampler->lock);
	pthread_join(sampler->thread, NULL);
	log_debug("sampler: stopped");
	sampler_free(sampler);
}

void sampler_wake(struct sampler *sampler)
{
	if (sampler == NULL)
		return;
	pthread_mutex_lock(&sampler->lock);
	sampler->wanted = true;
	pthread_cond_signal(&sampler->wake);
	pthread_mutex_unlock(&sampler->lock);
}

void sampler_report(struct sampler *sampler, struct facts *facts)
{
	struct history_totals totals = totals_of(&facts->counts, &facts->dns);

	if (sampler == NULL)
		return;
	pthread_mutex_lock(&sampler->lock);
	history_report(sampler->history, clock_monotonic_seconds(), &totals, &facts->recent);
	facts->reports = sampler->reports;
	facts->reported = sampler->reported;
	facts->keys = sampler->keys;
	facts->oldest_key = sampler->oldest_key;
	pthread_mutex_unlock(&sampler->lock);
}
