/*
 * history.c - a ring of totals over the last hour (history.h). sampler.c fills it, facts.c asks.
 */
#include "metrics/history.h"

#include <stdlib.h>

enum {
	MINUTE = 60,
	HOUR = 3600,
	NOTES = HOUR / HISTORY_STEP_S + 2
};

struct note {
	time_t at;
	struct history_totals totals;
};

struct history {
	struct note notes[NOTES]; /* a ring */
	size_t next, count;
	struct history_totals day;
};

struct history *history_new(time_t now)
{
	struct history *history = calloc(1, sizeof *history);

	if (history == NULL)
		return NULL;
	history->notes[0].at = now;
	history->next = history->count = 1;
	return history;
}

void history_free(struct history *history)
{
	free(history);
}

void history_note(struct history *history, time_t now, const struct history_totals *totals)
{
	history->notes[history->next] = (struct note){now, *totals};
	history->next = (history->next + 1) % NOTES;
	if (history->count < NOTES)
		history->count++;
}

void history_begin_day(struct history *history, const struct history_totals *totals)
{
	history->day = *totals;
}

/* The youngest note that is so old, or the oldest there is. */
static const struct note *note_before(const struct history *history, time_t moment)
{
	const struct note *note = NULL;

	for (size_t back = 1; back <= history->count; back++) {
		note = &history->notes[(history->next + NOTES - back) % NOTES];
		if (note->at <= moment)
			break;
	}
	return note;
}

static unsigned long all_messages(const struct history_totals *totals)
{
	unsigned long all = 0;

	for (size_t action = 0; action < METRICS_ACTIONS; action++)
		all += totals->messages[action];
	return all;
}

static double rate(const struct note *then, time_t now, const struct history_totals *totals)
{
	double seconds = now > then->at ? (double)(now - then->at) : 1;

	return (double)(all_messages(totals) - all_messages(&then->totals)) / seconds;
}

static void subtract(struct histogram *result, const struct histogram *from,
                     const struct histogram *what)
{
	for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++)
		result->buckets[i] = from->buckets[i] - what->buckets[i];
	result->microseconds = from->microseconds - what->microseconds;
}

void history_tell(const struct history *history, time_t now, const struct history_totals *totals,
                  struct facts_recent *recent)
{
	const struct note *hour = note_before(history, now - HOUR);

	recent->minute = rate(note_before(history, now - MINUTE), now, totals);
	recent->hour = rate(hour, now, totals);
	for (size_t action = 0; action < METRICS_ACTIONS; action++)
		/* the day may have begun after `totals` were added up */
		recent->today[action] =
		    totals->messages[action] < history->day.messages[action]
		        ? 0
		        : totals->messages[action] - history->day.messages[action];
	recent->lookups = totals->lookups - hour->totals.lookups;
	recent->failed_lookups = totals->failed_lookups - hour->totals.failed_lookups;
	subtract(&recent->message, &totals->message, &hour->totals.message);
	subtract(&recent->dns, &totals->dns, &hour->totals.dns);
}
