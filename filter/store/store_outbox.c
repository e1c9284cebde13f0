/*
 * store_outbox.c - taking reports, and marking what became of them. The sender calls it; store.c
 * adds the rows, store_rows.c reads them.
 *
 * Every mark is a transaction of its own that is on disk when the function returns: what is handed
 * over must not be forgotten by a power cut either.
 */
#include "store/store_outbox.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/invariant.h"
#include "base/log.h"
#include "base/text.h"
#include "rows/row_text.h"
#include "store/store_ceiling.h"
#include "store/store_sqlite.h"

enum {
	DAY = 24 * 60 * 60,
	BUSY_MS = 60000,    /* the recorder's transactions are short; others may vacuum */
	RESERVE = 32 * 1024 /* octets of the lock's file */
};

const char *const store_outbox_delivery_names[] = {
    [OUTBOX_WAITING] = "waiting", [OUTBOX_HANDING] = "handing",   [OUTBOX_SENT] = "sent",
    [OUTBOX_REFUSED] = "refused", [OUTBOX_GIVEN_UP] = "given up", NULL};
const char *const store_outbox_names[] = {
    [OUTBOX_OPEN] = "open",     [OUTBOX_TAKEN] = "taken",   [OUTBOX_DONE] = "sent",
    [OUTBOX_FAILED] = "failed", [OUTBOX_NOBODY] = "nobody", [OUTBOX_MANY] = "too many",
    [OUTBOX_OLD] = "too old",   [OUTBOX_AHEAD] = "ahead",   NULL};

/*
 * The lock's file takes up room that store_outbox_mark() can give back: on a full disk a mail could
 * be handed over and not be noted, and would go out again with each run.
 */
static bool reserve(int lock)
{
	int error = posix_fallocate(lock, 0, RESERVE);

	return error != ENOSPC && error != EDQUOT && error != EFBIG;
}

/* The lock is on a file of its own: SQLite's locks on the store itself would go with any descriptor
 * of it. */
static enum store_outcome lock_sending(const char *path, int *lock, struct problem *problem)
{
	char name[4096];

	if ((size_t)snprintf(name, sizeof name, "%s.sending", path) >= sizeof name) {
		problem_say(problem, "the path of the report store is too long");
		return STORE_BROKEN;
	}
	*lock = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
	if (*lock < 0) {
		problem_say(problem, "cannot open %s, which keeps two senders apart: %s%s", name,
		            strerror(errno),
		            errno == EACCES || errno == EPERM ? "; run it as the user of the daemon"
		                                              : "");
		return STORE_BROKEN;
	}
	if (flock(*lock, LOCK_EX | LOCK_NB) != 0) {
		problem_say(problem, "another process is sending reports from %s", path);
		close(*lock);
		return STORE_LOCKED;
	}
	if (reserve(*lock))
		return STORE_DONE;
	problem_say(problem,
	            "there is no room to note in %s what was sent: make room on its file system",
	            path);
	close(*lock);
	return STORE_FULL;
}

/* Every mark is to be on disk, and worth waiting for. */
static enum store_outcome set_up(struct store *store, struct problem *problem)
{
	sqlite3_busy_timeout(store->database, BUSY_MS);
	return store_sqlite_execute(store, "PRAGMA synchronous = FULL")
	           ? STORE_DONE
	           : store_sqlite_error(store, problem);
}

enum store_outcome store_outbox_open(const char *path, struct store **store,
                                     struct problem *problem)
{
	enum store_outcome outcome;
	struct store *opened;
	int lock;

	if (access(path, F_OK) != 0) {
		problem_say(problem,
		            "there is no report store %s yet: assayd makes it when it first starts",
		            path);
		return STORE_BROKEN;
	}
	outcome = lock_sending(path, &lock, problem);
	if (outcome != STORE_DONE)
		return outcome;
	outcome = store_open(path, &opened, problem);
	if (outcome != STORE_DONE) {
		close(lock);
		return outcome;
	}
	opened->lock = lock;
	log_debug("report store %s: reserved for this sender", path);
	outcome = set_up(opened, problem);
	if (outcome == STORE_DONE)
		*store = opened;
	else
		store_close(opened);
	return outcome;
}

static sqlite3_stmt *store_outbox_prepare(struct store *store, const char *question, int64_t first)
{
	sqlite3_stmt *statement = NULL;

	if (sqlite3_prepare_v2(store->database, question, -1, &statement, NULL) == SQLITE_OK)
		sqlite3_bind_int64(statement, 1, first);
	return statement;
}

/* A change whose parameters are bound. */
static bool change(struct store *store, sqlite3_stmt *statement, struct problem *problem)
{
	if (statement == NULL || sqlite3_step(statement) != SQLITE_DONE)
		return store_sqlite_fail(store, statement, problem);
	sqlite3_finalize(statement);
	return true;
}

static const char *column(sqlite3_stmt *statement, int index, struct arena *arena)
{
	return arena_string(arena, store_sqlite_text(statement, index));
}

/* A change by two moments; how many lines it changed is added to `count`, which may be NULL. */
static bool change_dated(struct store *store, const char *names, time_t one, time_t other,
                         unsigned long *count, struct problem *problem)
{
	sqlite3_stmt *statement = store_outbox_prepare(store, names, one);

	if (statement != NULL)
		sqlite3_bind_int64(statement, 2, other);
	if (!change(store, statement, problem))
		return false;
	if (count != NULL)
		*count += (unsigned long)sqlite3_changes(store->database);
	return true;
}

/* A report that is too old is open again if the clock goes back, which made it too old; rows of the
 * future stay wrong, and apart from true ones of the same period, as in freeze(). */
bool store_outbox_set_aside(struct store *store, const struct outbox_times *times,
                            struct outbox_undated *undated, struct problem *problem)
{
	static const char young[] = "UPDATE reports SET state = 'open', words = ''"
	                            " WHERE state = 'too old' AND period_end >= ?1";
	static const char old[] =
	    "UPDATE reports SET state = 'too old', words = 'too old: its period ended more than ' "
	    "|| ((?2 - ?1) / 3600) || ' hours ago (reports.retry_hours), and it was never sent' "
	    "WHERE state = 'open' AND policy_domain <> '' AND rua <> '' AND period_end < ?1";
	static const char ahead[] = "UPDATE reports SET state = 'ahead',"
	                            " identity = randomblob(17), taken = ?2, words = 'not sent: its"
	                            " rows were dated while the clock was ahead'"
	                            " WHERE state = 'open' AND period_begin > ?1";

	*undated = (struct outbox_undated){0};
	if (!change_dated(store, young, times->oldest, 0, NULL, problem) ||
	    !change_dated(store, old, times->oldest, times->now, &undated->old, problem) ||
	    (times->clock_trusted &&
	     !change_dated(store, ahead, times->now + DAY, times->now, &undated->ahead, problem)))
		return false;
	log_debug("report store %s: %lu reports are too old, %lu of the future", store->path,
	          undated->old, undated->ahead);
	return true;
}

/* The numbers that the question finds; the statement is finalized. */
static bool store_outbox_read_numbers(struct store *store, sqlite3_stmt *statement,
                                      struct arena *arena, size_t *count, const int64_t **reports,
                                      struct problem *problem)
{
	int64_t *found = NULL;
	size_t capacity = 0;
	int code = SQLITE_ERROR;

	*count = 0;
	while (statement != NULL && (code = sqlite3_step(statement)) == SQLITE_ROW) {
		found = arena_grow(arena, found, *count, &capacity, 64, sizeof *found);
		found[(*count)++] = sqlite3_column_int64(statement, 0);
	}
	*reports = found;
	if (code != SQLITE_DONE)
		return store_sqlite_fail(store, statement, problem);
	sqlite3_finalize(statement);
	return true;
}

bool store_outbox_due(struct store *store, const struct outbox_times *times, struct arena *arena,
                      size_t *count, const int64_t **reports, struct problem *problem)
{
	const char *question = arena_format(
	    arena,
	    "SELECT id FROM reports WHERE policy_domain <> '' AND rua <> '' AND state IN ('open', "
	    "'taken') AND period_end <= ?1 AND CASE state WHEN 'open' THEN period_end >= ?3 ELSE "
	    "EXISTS (SELECT 1 FROM deliveries WHERE report = reports.id AND state IN ('waiting', "
	    "'handing') AND (next_attempt <= ?2 OR next_attempt > ?4)) OR NOT EXISTS (SELECT 1 "
	    "FROM deliveries WHERE report = reports.id AND state IN ('waiting', 'handing')) END "
	    "AND id NOT IN (SELECT id FROM%s) ORDER BY period_end, id",
	    store_ceiling_surplus);
	sqlite3_stmt *statement;

	if (!store_ceiling_prepare(store, problem))
		return false;
	statement = store_outbox_prepare(store, question, times->ended);
	if (statement != NULL) {
		sqlite3_bind_int64(statement, 2, times->now);
		sqlite3_bind_int64(statement, 3, times->oldest);
		sqlite3_bind_int64(statement, 4, times->next_latest);
	}
	if (!store_outbox_read_numbers(store, statement, arena, count, reports, problem))
		return false;
	log_debug("report store %s: %zu reports are due", store->path, *count);
	return true;
}

bool store_outbox_unsent(struct store *store, time_t ended, struct arena *arena, size_t *count,
                         const int64_t **reports, struct problem *problem)
{
	static const char question[] =
	    "SELECT id FROM reports WHERE policy_domain <> '' AND rua <> ''"
	    " AND state IN ('open', 'taken', 'too many', 'too old') AND "
	    "period_end <= ?1 ORDER BY period_end, id";

	return store_outbox_read_numbers(store, store_outbox_prepare(store, question, ended), arena,
	                                 count, reports, problem);
}

static int word_of(const char *const *names, const char *word)
{
	int index = text_word(names, word);

	return index < 0 ? 0 : index;
}

static void read_report(sqlite3_stmt *statement, struct arena *arena, struct outbox_report *report)
{
	struct report_row *policy = arena_allocate(arena, sizeof *policy);

	report->state = (enum outbox_state)word_of(store_outbox_names,
	                                           (const char *)sqlite3_column_text(statement, 0));
	report->begin = (time_t)sqlite3_column_int64(statement, 1);
	report->end = (time_t)sqlite3_column_int64(statement, 2);
	report->taken = (time_t)sqlite3_column_int64(statement, 3);
	report->report_id = column(statement, 4, arena);
	report->file_name = column(statement, 5, arena);
	for (int i = 0; i < ROW_TEXT_POLICY; i++)
		*(const char **)((char *)policy + row_text_policy[i]) =
		    column(statement, 6 + i, arena);
	report->policy = policy;
	report->folded = (unsigned long)sqlite3_column_int64(statement, 6 + ROW_TEXT_POLICY);
}

static void read_delivery(sqlite3_stmt *statement, struct arena *arena,
                          struct outbox_delivery *delivery)
{
	*delivery = (struct outbox_delivery){
	    .number = sqlite3_column_int64(statement, 0),
	    .uri = column(statement, 1, arena),
	    .state = (enum outbox_delivery_state)word_of(
	        store_outbox_delivery_names, (const char *)sqlite3_column_text(statement, 2)),
	    .addresses = column(statement, 3, arena),
	    .attempts = (long)sqlite3_column_int64(statement, 4),
	    .changed = (time_t)sqlite3_column_int64(statement, 5),
	    .next_attempt = (time_t)sqlite3_column_int64(statement, 6),
	    .text = column(statement, 7, arena)};
}

enum {
	DELIVERIES_MAX = 64 /* more than ever were written */
};

static bool read_deliveries(struct store *store, struct arena *arena, struct outbox_report *report,
                            struct problem *problem)
{
	sqlite3_stmt *statement =
	    store_outbox_prepare(store,
	                         "SELECT id, uri, state, addresses, attempts, changed, "
	                         "next_attempt, words FROM deliveries"
	                         " WHERE report = ?1 ORDER BY id",
	                         report->number);
	int code = SQLITE_ERROR;

	report->deliveries = arena_allocate(arena, DELIVERIES_MAX * sizeof *report->deliveries);
	report->delivery_count = 0;
	while (statement != NULL && (code = sqlite3_step(statement)) == SQLITE_ROW &&
	       report->delivery_count < DELIVERIES_MAX)
		read_delivery(statement, arena, &report->deliveries[report->delivery_count++]);
	if (code != SQLITE_DONE && code != SQLITE_ROW)
		return store_sqlite_fail(store, statement, problem);
	sqlite3_finalize(statement);
	return true;
}

bool store_outbox_read(struct store *store, int64_t number, struct arena *arena,
                       struct outbox_report *report, struct problem *problem)
{
	sqlite3_stmt *statement = store_outbox_prepare(
	    store,
	    "SELECT state, period_begin, period_end, taken, report_id, file_name, policy_domain, "
	    "p, sp, np, adkim, aspf, fo, testing, psd, discovery, rua, record_error, folded FROM "
	    "reports WHERE id = ?1",
	    number);

	*report = (struct outbox_report){.number = number};
	if (statement == NULL || sqlite3_step(statement) != SQLITE_ROW)
		return store_sqlite_fail(store, statement, problem);
	read_report(statement, arena, report);
	sqlite3_finalize(statement);
	return read_deliveries(store, arena, report, problem);
}

/* Seventeen octets: not an identity of rows, which have sixteen. */
static bool freeze(struct store *store, const struct outbox_report *report, struct problem *problem)
{
	sqlite3_stmt *statement =
	    store_outbox_prepare(store,
	                         "UPDATE reports SET identity = randomblob(17), state = 'taken', "
	                         "taken = ?2, report_id = ?3, file_name = ?4 WHERE id = ?1 AND "
	                         "state = 'open'",
	                         report->number);

	if (statement != NULL) {
		sqlite3_bind_int64(statement, 2, report->taken);
		store_sqlite_bind_text(statement, 3, report->report_id);
		store_sqlite_bind_text(statement, 4, report->file_name);
	}
	return change(store, statement, problem);
}

static bool add_delivery(struct store *store, int64_t report, struct outbox_delivery *delivery,
                         struct problem *problem)
{
	sqlite3_stmt *statement =
	    store_outbox_prepare(store,
	                         "INSERT INTO deliveries (report, uri, state, addresses, attempts, "
	                         "changed, next_attempt, words) VALUES (?1, ?2, ?3, ?4, 0, ?5, ?6, "
	                         "?7)",
	                         report);

	if (statement != NULL) {
		store_sqlite_bind_text(statement, 2, delivery->uri);
		store_sqlite_bind_text(statement, 3, store_outbox_delivery_names[delivery->state]);
		store_sqlite_bind_text(statement, 4, delivery->addresses);
		sqlite3_bind_int64(statement, 5, delivery->changed);
		sqlite3_bind_int64(statement, 6, delivery->next_attempt);
		store_sqlite_bind_text(statement, 7, delivery->text);
	}
	if (!change(store, statement, problem))
		return false;
	delivery->number = sqlite3_last_insert_rowid(store->database);
	return true;
}

static bool commit(struct store *store, bool good, struct problem *problem)
{
	if (good && store_sqlite_execute(store, "COMMIT"))
		return true;
	if (good)
		store_sqlite_error(store, problem);
	store_sqlite_execute(store, "ROLLBACK");
	return false;
}

static bool store_outbox_begin(struct store *store, struct problem *problem)
{
	return store_sqlite_execute(store, "BEGIN IMMEDIATE") ||
	       store_sqlite_fail(store, NULL, problem);
}

bool store_outbox_take(struct store *store, struct outbox_report *report, struct problem *problem)
{
	bool good;

	if (!store_outbox_begin(store, problem))
		return false;
	invariant(report->report_id[0] != '\0' && report->file_name[0] != '\0');
	good = freeze(store, report, problem);
	for (size_t i = 0; good && i < report->delivery_count; i++)
		good = add_delivery(store, report->number, &report->deliveries[i], problem);
	report->state = OUTBOX_TAKEN;
	log_debug("report %s on %s: taken, with %zu destinations", report->report_id,
	          report->policy->policy_domain, report->delivery_count);
	return commit(store, good, problem);
}

bool store_outbox_keep(struct store *store, int64_t number, const unsigned char *bytes,
                       size_t length, struct problem *problem)
{
	sqlite3_stmt *statement = store_outbox_prepare(
	    store, "INSERT OR IGNORE INTO files (report, content) VALUES (?1, ?2)", number);

	if (statement != NULL)
		sqlite3_bind_blob64(statement, 2, bytes, length, SQLITE_STATIC);
	return change(store, statement, problem);
}

bool store_outbox_content(struct store *store, int64_t number, unsigned char **bytes,
                          size_t *length, struct problem *problem)
{
	sqlite3_stmt *statement =
	    store_outbox_prepare(store, "SELECT content FROM files WHERE report = ?1", number);
	int code = statement == NULL ? SQLITE_ERROR : sqlite3_step(statement);
	const void *content = code == SQLITE_ROW ? sqlite3_column_blob(statement, 0) : NULL;

	*bytes = NULL;
	*length = 0;
	if (code != SQLITE_ROW && code != SQLITE_DONE)
		return store_sqlite_fail(store, statement, problem);
	if (content != NULL) {
		size_t size = (size_t)sqlite3_column_bytes(statement, 0);

		*bytes = malloc(size);
		if (*bytes != NULL)
			memcpy(*bytes, content, *length = size);
	}
	sqlite3_finalize(statement);
	return content == NULL || *bytes != NULL || problem_say(problem, "no memory for a report");
}

static bool mark(struct store *store, const struct outbox_delivery *delivery,
                 struct problem *problem)
{
	sqlite3_stmt *statement = store_outbox_prepare(
	    store,
	    "UPDATE deliveries SET state = ?2, addresses = ?3, attempts = ?4, changed = ?5,"
	    " next_attempt = ?6, words = ?7 WHERE id = ?1",
	    delivery->number);

	if (statement != NULL) {
		store_sqlite_bind_text(statement, 2, store_outbox_delivery_names[delivery->state]);
		store_sqlite_bind_text(statement, 3, delivery->addresses);
		sqlite3_bind_int64(statement, 4, delivery->attempts);
		sqlite3_bind_int64(statement, 5, delivery->changed);
		sqlite3_bind_int64(statement, 6, delivery->next_attempt);
		store_sqlite_bind_text(statement, 7, delivery->text);
	}
	return change(store, statement, problem);
}

bool store_outbox_mark(struct store *store, const struct outbox_delivery *delivery,
                       struct problem *problem)
{
	struct problem again;

	invariant(delivery->state <= OUTBOX_GIVEN_UP && store->lock >= 0);
	if (mark(store, delivery, problem))
		return true;
	/* noted in the room that was reserved; the run has to end all the same */
	if (delivery->state != OUTBOX_HANDING && ftruncate(store->lock, 0) == 0)
		mark(store, delivery, &again);
	return false;
}

bool store_outbox_finish(struct store *store, int64_t number, enum outbox_state state,
                         const char *text, struct problem *problem)
{
	/* of a report that nobody gets: they would look like mails that are still to be sent */
	static const char plans[] =
	    "DELETE FROM deliveries WHERE report = ?1 AND state IN ('waiting', 'handing')";
	sqlite3_stmt *statement;
	bool good;

	invariant(state == OUTBOX_DONE || state == OUTBOX_FAILED || state == OUTBOX_NOBODY);
	if (!store_outbox_begin(store, problem))
		return false;
	statement = store_outbox_prepare(
	    store, "UPDATE reports SET state = ?2, words = ?3 WHERE id = ?1", number);
	if (statement != NULL) {
		store_sqlite_bind_text(statement, 2, store_outbox_names[state]);
		store_sqlite_bind_text(statement, 3, text);
	}
	log_debug("report %lld of the store: %s", (long long)number, store_outbox_names[state]);
	good = change(store, statement, problem) &&
	       change(store,
	              store_outbox_prepare(store, "DELETE FROM files WHERE report = ?1", number),
	              problem) &&
	       change(store, store_outbox_prepare(store, plans, number), problem);
	return commit(store, good, problem);
}
