/*
 * recorder.c - from the message's path into the store: recorder_add() appends to the journal, one
 * writer thread imports. finish.c calls recorder_add(), main.c opens and closes.
 *
 * The writer wakes every second, or when many rows have come. What goes wrong is logged once when
 * it begins, every few minutes while it lasts, and once when it is over.
 */
#include "recorder/recorder.h"

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/clock.h"
#include "base/invariant.h"
#include "base/log.h"
#include "base/thread.h"
#include "recorder/backlog.h"
#include "recorder/journal_import.h"
#include "rows/failure_text.h"
#include "rows/row_text.h"

enum {
	WAKE_MS = 1000,
	WAKE_ROWS = 2000,     /* as many new rows wake the writer earlier */
	HURRY_MS = 100,       /* between attempts while somebody waits for a flush */
	KEY_SECONDS = 3600,   /* between looks for a renewed key of failure reports */
	ADOPT_SECONDS = 60,   /* between looks for segments of killed daemons */
	REPEAT_SECONDS = 300, /* between warnings about the same trouble */
	CLOSE_MS = 5000
};

static const struct journal_limits limits = {.segment = 16L << 20, .all = 1L << 30};

/* A state that lasts, and when it was last logged. */
struct trouble {
	int state; /* 0: none */
	time_t logged;
};

struct recorder {
	struct journal *journal;
	struct backlog *backlog;
	char *folder; /* of the journal */
	pthread_t writer;

	pthread_mutex_t lock; /* of all below */
	pthread_cond_t wake, flushed;
	unsigned long added, lost, stored;
	unsigned long unseen;          /* rows since the writer last woke */
	unsigned long wanted, flushes; /* flushes asked for, and done */
	bool stop;
	int store_state, journal_state; /* the writer's troubles, for others to read */
	bool key_wanted, key_known;     /* of failure reports */
	struct failure_key key;

	/* of the writer alone */
	struct journal_import *import;
	struct trouble store_trouble, journal_trouble;
	unsigned long lost_logged, damaged_logged;
	time_t adopted, key_read;
};

/* Is it time to log that the state is new, or still lasts? */
static bool should_log(struct trouble *trouble, int state)
{
	time_t now = clock_monotonic_seconds();

	if (state == trouble->state && (state == 0 || now - trouble->logged < REPEAT_SECONDS))
		return false;
	trouble->state = state;
	trouble->logged = now;
	return true;
}

static void log_store_trouble(struct recorder *recorder, enum store_outcome outcome,
                              const struct problem *problem)
{
	struct recorder_counts counts;

	if (!should_log(&recorder->store_trouble, (int)outcome))
		return;
	recorder_count(recorder, &counts);
	if (outcome == STORE_DONE)
		log_info("report rows reach the store again");
	else
		log_warning("%s (%lu report rows wait in %s, %lu were lost so far; mail goes on)",
		            problem->message, counts.waiting, recorder->folder, counts.lost);
}

static void log_journal_trouble(struct recorder *recorder, int error)
{
	struct recorder_counts counts;

	if (!should_log(&recorder->journal_trouble, error))
		return;
	recorder_count(recorder, &counts);
	if (error == 0)
		log_info("report rows are written to %s again", recorder->folder);
	else
		log_warning(
		    "report rows cannot be written to %s: %s; make room there (%zu rows wait in "
		    "memory, %lu were lost so far; mail goes on)",
		    recorder->folder,
		    error == EDQUOT
		        ? "the quota is used up, or it holds as much as it may until the store "
		          "takes rows again"
		        : strerror(error),
		    backlog_count(recorder->backlog), counts.lost);
}

static void log_losses(struct recorder *recorder)
{
	unsigned long damaged = journal_import_count(recorder->import)->damaged;
	struct recorder_counts counts;

	recorder_count(recorder, &counts);
	/* while the journal is in trouble, its warnings have the number */
	if (counts.lost > recorder->lost_logged && recorder->journal_trouble.state == 0) {
		log_warning("%lu report rows were lost (%lu in all)",
		            counts.lost - recorder->lost_logged, counts.lost);
		recorder->lost_logged = counts.lost;
	}
	if (damaged > recorder->damaged_logged) {
		log_warning("%lu torn records in %s were passed over",
		            damaged - recorder->damaged_logged, recorder->folder);
		recorder->damaged_logged = damaged;
	}
}

/* From memory to the journal. 0, or the errno that stops it. */
static int write_waiting(struct recorder *recorder)
{
	const char *record;
	size_t length;

	while ((record = backlog_oldest(recorder->backlog, &length)) != NULL) {
		int error = journal_append(recorder->journal, record, length);

		if (error != 0)
			return error;
		backlog_remove(recorder->backlog);
	}
	return 0;
}

/* Nothing is asked for, and no key made, before a failure is to be recorded. */
static void read_key(struct recorder *recorder)
{
	struct failure_key key;
	bool wanted;

	pthread_mutex_lock(&recorder->lock);
	wanted =
	    recorder->key_wanted &&
	    (!recorder->key_known || clock_monotonic_seconds() - recorder->key_read >= KEY_SECONDS);
	pthread_mutex_unlock(&recorder->lock);
	if (!wanted || !journal_import_key(recorder->import, &key))
		return;
	recorder->key_read = clock_monotonic_seconds();
	pthread_mutex_lock(&recorder->lock);
	recorder->key = key;
	recorder->key_known = true;
	pthread_mutex_unlock(&recorder->lock);
}

/* True: all that was there when it began is in the store. */
static bool writer_step(struct recorder *recorder, bool last)
{
	bool adopt = recorder->adopted == 0 ||
	             clock_monotonic_seconds() - recorder->adopted >= ADOPT_SECONDS;
	int error = last ? 0 : journal_renew(recorder->journal);
	int unwritten = write_waiting(recorder);
	enum store_outcome outcome;
	struct problem problem;

	if (last)
		journal_retire(recorder->journal);
	outcome = journal_import_run(recorder->import, adopt, &problem);
	if (outcome == STORE_DONE)
		read_key(recorder);
	if (outcome == STORE_DONE && adopt)
		recorder->adopted = clock_monotonic_seconds();
	pthread_mutex_lock(&recorder->lock);
	recorder->stored = journal_import_count(recorder->import)->stored;
	recorder->store_state = (int)outcome;
	recorder->journal_state = unwritten != 0 ? unwritten : error;
	pthread_mutex_unlock(&recorder->lock);
	log_store_trouble(recorder, outcome, &problem);
	log_journal_trouble(recorder, unwritten != 0 ? unwritten : error);
	log_losses(recorder);
	return outcome == STORE_DONE && unwritten == 0;
}

/* After a failure only time helps: more rows are no reason to hurry. */
static bool has_work(const struct recorder *recorder, bool failed)
{
	return recorder->stop ||
	       (!failed && (recorder->wanted > recorder->flushes || recorder->unseen >= WAKE_ROWS));
}

static void writer_wait(struct recorder *recorder, bool failed)
{
	struct timespec until = clock_deadline_after(
	    failed && recorder->wanted > recorder->flushes ? HURRY_MS : WAKE_MS);
	int timed_out = 0;

	while (timed_out == 0 && !has_work(recorder, failed))
		timed_out = pthread_cond_timedwait(&recorder->wake, &recorder->lock, &until);
	recorder->unseen = 0;
}

static void *write_rows(void *context)
{
	struct recorder *recorder = context;
	bool failed = false;

	pthread_mutex_lock(&recorder->lock);
	while (!recorder->stop) {
		unsigned long wanted;

		writer_wait(recorder, failed);
		wanted = recorder->wanted;
		pthread_mutex_unlock(&recorder->lock);
		failed = !writer_step(recorder, false);
		pthread_mutex_lock(&recorder->lock);
		invariant(recorder->flushes <= recorder->wanted);
		if (!failed && wanted > recorder->flushes) {
			recorder->flushes = wanted;
			pthread_cond_broadcast(&recorder->flushed);
		}
	}
	pthread_mutex_unlock(&recorder->lock);
	writer_step(recorder, true);
	return NULL;
}

static void recorder_free(struct recorder *recorder)
{
	journal_import_free(recorder->import);
	if (recorder->journal != NULL)
		journal_close(recorder->journal);
	backlog_free(recorder->backlog);
	pthread_cond_destroy(&recorder->flushed);
	pthread_cond_destroy(&recorder->wake);
	pthread_mutex_destroy(&recorder->lock);
	free(recorder->folder);
	free(recorder);
}

static struct recorder *recorder_new(const struct report_settings *settings)
{
	struct recorder *recorder = calloc(1, sizeof *recorder);

	if (recorder == NULL)
		return NULL;
	pthread_mutex_init(&recorder->lock, NULL);
	clock_condition_init(&recorder->wake);
	clock_condition_init(&recorder->flushed);
	recorder->backlog = backlog_new((size_t)settings->waiting);
	if (asprintf(&recorder->folder, "%s.rows", settings->store) < 0)
		recorder->folder = NULL;
	if (recorder->backlog != NULL && recorder->folder != NULL)
		return recorder;
	recorder_free(recorder);
	return NULL;
}

/* The store's own folder, one level: packages make it, a first try by hand often has not. */
static void make_folder(const char *store)
{
	char *copy = strdup(store);

	if (copy != NULL)
		mkdir(dirname(copy), 0750);
	free(copy);
}

struct recorder *recorder_open(const struct report_settings *settings, struct problem *problem)
{
	struct recorder *recorder;

	invariant(settings->store[0] != '\0');
	recorder = recorder_new(settings);
	if (recorder == NULL) {
		problem_say(problem, "no memory for report rows");
		return NULL;
	}
	make_folder(settings->store);
	recorder->journal = journal_open(recorder->folder, &limits, problem);
	if (recorder->journal == NULL) {
		recorder_free(recorder);
		return NULL;
	}
	recorder->import =
	    journal_import_new(settings->store, recorder->journal, settings->period_hours * 3600);
	if (recorder->import == NULL || !thread_start(&recorder->writer, write_rows, recorder)) {
		problem_say(problem, "cannot start the thread that writes report rows");
		recorder_free(recorder);
		return NULL;
	}
	log_debug("report rows go to %s by %s", settings->store, recorder->folder);
	return recorder;
}

/* `kept` in the journal or in memory? */
static void count_added(struct recorder *recorder, bool kept)
{
	pthread_mutex_lock(&recorder->lock);
	if (kept)
		recorder->added++;
	else
		recorder->lost++;
	if (++recorder->unseen == WAKE_ROWS)
		pthread_cond_signal(&recorder->wake);
	pthread_mutex_unlock(&recorder->lock);
}

bool recorder_add(struct recorder *recorder, const struct report_row *row)
{
	struct arena *arena = arena_new();
	size_t length;
	const char *record = row_text_write(row, arena, &length);
	bool kept = record != NULL && (journal_append(recorder->journal, record, length) == 0 ||
	                               backlog_put(recorder->backlog, record, length));

	count_added(recorder, kept);
	arena_free(arena);
	return kept;
}

bool recorder_failure_key(struct recorder *recorder, struct failure_key *key)
{
	bool known;

	pthread_mutex_lock(&recorder->lock);
	recorder->key_wanted = true;
	known = recorder->key_known;
	if (known)
		*key = recorder->key;
	pthread_mutex_unlock(&recorder->lock);
	return known;
}

bool recorder_add_failure(struct recorder *recorder, const struct failure *failure)
{
	struct arena *arena = arena_new();
	size_t length;
	const char *record = failure_text_write(failure, arena, &length);
	bool kept = record != NULL && journal_append(recorder->journal, record, length) == 0;

	arena_free(arena);
	return kept;
}

void recorder_count(struct recorder *recorder, struct recorder_counts *counts)
{
	unsigned long waiting =
	    journal_waiting(recorder->journal) + backlog_count(recorder->backlog);

	pthread_mutex_lock(&recorder->lock);
	*counts = (struct recorder_counts){.added = recorder->added,
	                                   .stored = recorder->stored,
	                                   .waiting = waiting,
	                                   .lost = recorder->lost,
	                                   .store_trouble = recorder->store_state,
	                                   .journal_trouble = recorder->journal_state};
	pthread_mutex_unlock(&recorder->lock);
}

bool recorder_flush(struct recorder *recorder, long milliseconds)
{
	struct timespec until = clock_deadline_after(milliseconds);
	unsigned long wanted;
	int timed_out = 0;
	bool done;

	pthread_mutex_lock(&recorder->lock);
	wanted = ++recorder->wanted;
	pthread_cond_signal(&recorder->wake);
	while (recorder->flushes < wanted && timed_out == 0)
		timed_out = pthread_cond_timedwait(&recorder->flushed, &recorder->lock, &until);
	done = recorder->flushes >= wanted;
	pthread_mutex_unlock(&recorder->lock);
	log_debug("report rows: %s", done ? "flushed, all are in the store"
	                                  : "not flushed in time, some wait for the store");
	return done;
}

void recorder_close(struct recorder *recorder)
{
	size_t lost;

	if (recorder == NULL)
		return;
	recorder_flush(recorder, CLOSE_MS);
	pthread_mutex_lock(&recorder->lock);
	recorder->stop = true;
	pthread_cond_signal(&recorder->wake);
	pthread_mutex_unlock(&recorder->lock);
	pthread_join(recorder->writer, NULL);
	lost = backlog_count(recorder->backlog);
	log_debug("report rows: the writer has ended, %lu were stored", recorder->stored);
	if (lost > 0)
		log_warning(
		    "%zu report rows that waited in memory are lost: %s could not be written", lost,
		    recorder->folder);
	recorder_free(recorder);
}
