/*
 * history.c - a ring of totals of the last hour (history.h). Called by monitoring/sampler.c.
 */
#include "metrics/history.h"

#include <stdlib.h>

#include "base/invariant.h"

enum {
	MINUTE = 60,
	HOUR = 3600,
	SAMPLES = HOUR / HISTORY_STEP_S + 2
};

struct sample {
	time_t at;
	struct history_totals totals;
};

struct history {
	struct sample samples[SAMPLES]; /* a ring */
	size_t next, count;
	struct history_totals day;
};

struct history *history_new(time_t now)
{
	struct history *history = calloc(1, sizeof *history);

	if (history == NULL)
		return NULL;
	history->samples[0].at = now;
	history->next = history->count = 1;
	return history;
}

void history_free(struct history *history)
{
	free(history);
}

void history_add(struct history *history, time_t now, const struct history_totals *totals)
{
	history->samples[history->next] = (struct sample){now, *totals};
	history->next = (history->next + 1) % SAMPLES;
	if (history->count < SAMPLES)
		history->count++;
}

void history_begin_day(struct history *history, const struct history_totals *totals)
{
	history->day = *totals;
}

/* The latest sample at or before a moment, or the oldest one. */
static const struct sample *sample_before(const struct history *history, time_t moment)
{
	const struct sample *sample = NULL;

	for (size_t back = 1; back <= history->count; back++) {
		sample = &history->samples[(history->next + SAMPLES - back) % SAMPLES];
		if (sample->at <= moment)
			break;
	}
	invariant(sample != NULL);
	return sample;
}

static unsigned long count_messages(const struct history_totals *totals)
{
	unsigned long all = 0;

	for (size_t action = 0; action < METRICS_ACTIONS; action++)
		all += totals->messages[action];
	return all;
}

static double rate(const struct sample *then, time_t now, const struct history_totals *totals)
{
	double seconds = now > then->at ? (double)(now - then->at) : 1;

	return (double)(count_messages(totals) - count_messages(&then->totals)) / seconds;
}

static void subtract(struct histogram *result, const struct histogram *from,
                     const struct histogram *less)
{
	for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++)
		result->buckets[i] = from->buckets[i] - less->buckets[i];
	result->microseconds = from->microseconds - less->microseconds;
}

void history_report(const struct history *history, time_t now, const struct history_totals *totals,
                    struct facts_recent *recent)
{
	const struct sample *hour = sample_before(history, now - HOUR);

	recent->minute = rate(sample_before(history, now - MINUTE), now, totals);
	recent->hour = rate(hour, now, totals);
	for (size_t action = 0; action < METRICS_ACTIONS; action++)
		/* midnight may have passed since `totals` were added up */
		recent->today[action] =
		    totals->messages[action] < history->day.messages[action]
		        ? 0
		        : totals->messages[action] - history->day.messages[action];
	recent->lookups = totals->lookups - hour->totals.lookups;
	recent->failed_lookups = totals->failed_lookups - hour->totals.failed_lookups;
	subtract(&recent->message, &totals->message, &hour->totals.message);
	subtract(&recent->dns, &totals->dns, &hour->totals.dns);
}
