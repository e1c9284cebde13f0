/*
 * store_failures.c - failure reports in SQLite. store.c adds what the journal had, the sender takes
 * and marks.
 */
#include "store/store_failures.h"

#include <sqlite3.h>
#include <string.h>

#include "base/invariant.h"
#include "base/log.h"
#include "rows/failure_text.h"
#include "store/store_sqlite.h"

enum {
	HOUR = 3600,
	DAY = 24 * HOUR,
	KEY_DAYS = 90,
	DUE_MAX = 5000 /* in one run */
};

const char *const store_failures_names[] = {
    [FAILURE_OPEN] = "open",       [FAILURE_WAITING] = "waiting", [FAILURE_HANDING] = "handing",
    [FAILURE_SENT] = "sent",       [FAILURE_REFUSED] = "refused", [FAILURE_DROPPED] = "dropped",
    [FAILURE_UNKNOWN] = "unknown", [FAILURE_STATES] = NULL};

static sqlite3_stmt *failures_prepare(struct store *store, const char *text)
{
	sqlite3_stmt *statement = NULL;

	return sqlite3_prepare_v2(store->database, text, -1, &statement, NULL) == SQLITE_OK
	           ? statement
	           : NULL;
}

/* A change whose parameters are bound; the statement is finalized. */
static bool failures_change(struct store *store, sqlite3_stmt *statement, struct problem *problem)
{
	if (statement == NULL || sqlite3_step(statement) != SQLITE_DONE)
		return store_sqlite_fail(store, statement, problem);
	sqlite3_finalize(statement);
	return true;
}

/* A change by two moments and a text. */
static bool failures_change_dated(struct store *store, const char *text, time_t one, time_t other,
                                  const char *words, struct problem *problem)
{
	sqlite3_stmt *statement = failures_prepare(store, text);

	if (statement != NULL) {
		sqlite3_bind_int64(statement, 1, one);
		sqlite3_bind_int64(statement, 2, other);
		store_sqlite_bind_text(statement, 3, words);
	}
	return failures_change(store, statement, problem);
}

enum store_outcome store_failures_key(struct store *store, time_t now, struct failure_key *key,
                                      struct problem *problem)
{
	static const char old[] =
	    "DELETE FROM failure_key WHERE made < ?1 OR made > ?2 OR length(key) <> 32 OR ?3 <> ''";
	static const char make[] = "INSERT INTO failure_key (made, key) SELECT ?1, randomblob(32)"
	                           " WHERE NOT EXISTS (SELECT 1 FROM failure_key) AND ?2 = 0"
	                           " AND ?3 = ''";
	sqlite3_stmt *statement;
	bool found;

	if (!failures_change_dated(store, old, now - KEY_DAYS * DAY, now + DAY, "", problem) ||
	    !failures_change_dated(store, make, now, 0, "", problem))
		return store_sqlite_error(store, problem);
	statement = failures_prepare(store, "SELECT key FROM failure_key");
	found = statement != NULL && sqlite3_step(statement) == SQLITE_ROW &&
	        sqlite3_column_bytes(statement, 0) == (int)sizeof key->bytes;
	if (found)
		memcpy(key->bytes, sqlite3_column_blob(statement, 0), sizeof key->bytes);
	sqlite3_finalize(statement);
	return found ? STORE_DONE : store_sqlite_error(store, problem);
}

/* What adds the failures of a batch. */
struct failures_adding {
	struct store *store;
	sqlite3_stmt *again, *fresh, *open, *beyond;
	long all; /* open ones */
};

/* The number that the statement finds; -1 where it fails. */
static long failures_number(sqlite3_stmt *statement)
{
	long number = -1;

	if (statement != NULL && sqlite3_step(statement) == SQLITE_ROW)
		number = (long)sqlite3_column_int64(statement, 0);
	sqlite3_reset(statement);
	return number;
}

static bool failures_run(sqlite3_stmt *statement)
{
	int code = statement == NULL ? SQLITE_ERROR : sqlite3_step(statement);

	return sqlite3_reset(statement) == SQLITE_OK && code == SQLITE_DONE;
}

static bool add_fresh(struct failures_adding *adding, const struct failure *failure,
                      const struct store_failure *record)
{
	long open;

	store_sqlite_bind_text(adding->open, 1, failure->policy_domain);
	open = failures_number(adding->open);
	if (open < 0)
		return false;
	if (open >= STORE_FAILURES_DOMAIN || adding->all >= STORE_FAILURES_ALL)
		return failures_run(adding->beyond);
	adding->all++;
	store_sqlite_bind_text(adding->fresh, 1, failure->group);
	sqlite3_bind_int64(adding->fresh, 2, failure->received);
	store_sqlite_bind_text(adding->fresh, 3, failure->policy_domain);
	store_sqlite_bind_text(adding->fresh, 4, failure->header_from);
	sqlite3_bind_text(adding->fresh, 5, record->bytes, (int)record->length, SQLITE_STATIC);
	return failures_run(adding->fresh);
}

static bool add_failure_of_batch(struct failures_adding *adding, const struct store_failure *record,
                                 struct arena *arena)
{
	const struct failure *failure = failure_text_read(record->bytes, record->length, arena);

	if (failure == NULL)
		return true; /* of another version: no report is made of it */
	store_sqlite_bind_text(adding->again, 1, failure->group);
	sqlite3_bind_int64(adding->again, 2, failure->received);
	return failures_run(adding->again) &&
	       (sqlite3_changes(adding->store->database) > 0 || add_fresh(adding, failure, record));
}

bool store_failures_add(struct store *store, const struct store_batch *batch)
{
	struct failures_adding adding = {.store = store};
	struct arena *arena;
	sqlite3_stmt *all;
	bool good;

	if (batch->failure_count == 0)
		return true;
	adding.again = failures_prepare(
	    store,
	    "UPDATE failures SET incidents = incidents + 1, first_seen = min(first_seen, ?2),"
	    " last_seen = max(last_seen, ?2) WHERE kin = ?1");
	adding.fresh = failures_prepare(
	    store, "INSERT INTO failures (kin, incidents, first_seen, last_seen, policy_domain,"
	           " header_from, record) VALUES (?1, 1, ?2, ?2, ?3, ?4, ?5)");
	adding.open = failures_prepare(
	    store, "SELECT count(*) FROM failures WHERE policy_domain = ?1 AND state = 'open'");
	adding.beyond =
	    failures_prepare(store, "INSERT INTO failure_counts (what, count) VALUES ('beyond', 1)"
	                            " ON CONFLICT (what) DO UPDATE SET count = count + 1");
	all = failures_prepare(store, "SELECT count(*) FROM failures WHERE state = 'open'");
	adding.all = failures_number(all);
	arena = arena_new();
	good = adding.all >= 0 && adding.again != NULL && adding.fresh != NULL &&
	       adding.open != NULL && adding.beyond != NULL;
	for (size_t i = 0; good && i < batch->failure_count; i++) {
		good = add_failure_of_batch(&adding, &batch->failures[i], arena);
		arena_reset(arena);
	}
	arena_free(arena);
	sqlite3_finalize(adding.again);
	sqlite3_finalize(adding.fresh);
	sqlite3_finalize(adding.open);
	sqlite3_finalize(adding.beyond);
	sqlite3_finalize(all);
	return good;
}

bool store_failures_due(struct store *store, time_t now, time_t begun, struct arena *arena,
                        size_t *count, int64_t **numbers, struct problem *problem)
{
	sqlite3_stmt *statement = failures_prepare(
	    store, "SELECT id FROM failures WHERE state = 'handing' OR (state = 'waiting' AND"
	           " next_attempt <= ?1) OR (state = 'open' AND first_seen <= ?2)"
	           " ORDER BY state = 'handing' DESC, state = 'waiting' DESC, first_seen, id"
	           " LIMIT ?3");
	int code = SQLITE_ERROR;

	*count = 0;
	*numbers = arena_allocate(arena, DUE_MAX * sizeof **numbers);
	if (statement != NULL) {
		sqlite3_bind_int64(statement, 1, now);
		sqlite3_bind_int64(statement, 2, begun);
		sqlite3_bind_int64(statement, 3, DUE_MAX);
		while ((code = sqlite3_step(statement)) == SQLITE_ROW && *count < DUE_MAX)
			(*numbers)[(*count)++] = sqlite3_column_int64(statement, 0);
	}
	if (code != SQLITE_DONE)
		return store_sqlite_fail(store, statement, problem);
	sqlite3_finalize(statement);
	return true;
}

#define COLUMNS                                                                                    \
	"id, state, incidents, first_seen, last_seen, policy_domain, header_from, report_id,"      \
	" addresses, attempts, doubts, next_attempt, words"
enum {
	COLUMN_RECORD = 13,
	COLUMN_MAIL
};

static enum failure_state store_failures_state(const char *name)
{
	for (int i = 0; i < FAILURE_STATES; i++)
		if (strcmp(store_failures_names[i], name) == 0)
			return (enum failure_state)i;
	return FAILURE_UNKNOWN;
}

static const char *failures_text(sqlite3_stmt *statement, int index, struct arena *arena)
{
	return arena_string(arena, store_sqlite_text(statement, index));
}

static struct failure_report failures_row(sqlite3_stmt *statement, struct arena *arena)
{
	return (struct failure_report){
	    .number = sqlite3_column_int64(statement, 0),
	    .state = store_failures_state(store_sqlite_text(statement, 1)),
	    .incidents = (unsigned long)sqlite3_column_int64(statement, 2),
	    .first = (time_t)sqlite3_column_int64(statement, 3),
	    .last = (time_t)sqlite3_column_int64(statement, 4),
	    .policy_domain = failures_text(statement, 5, arena),
	    .header_from = failures_text(statement, 6, arena),
	    .report_id = failures_text(statement, 7, arena),
	    .addresses = failures_text(statement, 8, arena),
	    .attempts = (long)sqlite3_column_int64(statement, 9),
	    .doubts = (long)sqlite3_column_int64(statement, 10),
	    .next_attempt = (time_t)sqlite3_column_int64(statement, 11),
	    .text = failures_text(statement, 12, arena),
	    .record = "",
	    .mail = ""};
}

bool store_failures_read(struct store *store, int64_t number, struct arena *arena,
                         struct failure_report *report, struct problem *problem)
{
	sqlite3_stmt *statement =
	    failures_prepare(store, "SELECT " COLUMNS ", record, mail FROM failures WHERE id = ?1");

	if (statement != NULL)
		sqlite3_bind_int64(statement, 1, number);
	if (statement == NULL || sqlite3_step(statement) != SQLITE_ROW) {
		sqlite3_finalize(statement);
		return problem_say(problem, "there is no failure report with the number %lld",
		                   (long long)number);
	}
	*report = failures_row(statement, arena);
	report->record = failures_text(statement, COLUMN_RECORD, arena);
	report->mail = failures_text(statement, COLUMN_MAIL, arena);
	sqlite3_finalize(statement);
	return true;
}

/* What was noted while the clock was ahead counts too: it may have been sent just now. */
bool store_failures_used(struct store *store, time_t now, const char *policy_domain,
                         const char *address, struct failure_usage *usage, struct problem *problem)
{
	sqlite3_stmt *statement = failures_prepare(
	    store,
	    "SELECT (SELECT count(*) FROM failure_mails WHERE policy_domain = ?1 AND handed > ?3),"
	    " (SELECT count(*) FROM failure_mails WHERE address = ?2 AND handed > ?4),"
	    " (SELECT count(*) FROM failure_mails WHERE handed > ?4)");

	if (statement != NULL) {
		store_sqlite_bind_text(statement, 1, policy_domain);
		store_sqlite_bind_text(statement, 2, address);
		sqlite3_bind_int64(statement, 3, now - HOUR);
		sqlite3_bind_int64(statement, 4, now - DAY);
	}
	if (statement == NULL || sqlite3_step(statement) != SQLITE_ROW)
		return store_sqlite_fail(store, statement, problem);
	usage->domain_hour = (long)sqlite3_column_int64(statement, 0);
	usage->destination_day = (long)sqlite3_column_int64(statement, 1);
	usage->day = (long)sqlite3_column_int64(statement, 2);
	sqlite3_finalize(statement);
	return true;
}

static bool note_mail(struct store *store, const char *address, size_t length,
                      const struct failure_report *report, time_t now, struct problem *problem)
{
	sqlite3_stmt *statement = failures_prepare(
	    store,
	    "INSERT INTO failure_mails (address, policy_domain, handed) VALUES (?1, ?2, ?3)");

	if (statement != NULL) {
		sqlite3_bind_text(statement, 1, address, (int)length, SQLITE_STATIC);
		store_sqlite_bind_text(statement, 2, report->policy_domain);
		sqlite3_bind_int64(statement, 3, now);
	}
	return failures_change(store, statement, problem);
}

static bool note_taken(struct store *store, const struct failure_report *report,
                       struct problem *problem)
{
	sqlite3_stmt *statement = failures_prepare(
	    store, "UPDATE failures SET state = 'handing', kin = NULL, report_id = ?2,"
	           " addresses = ?3, mail = ?4, attempts = ?5, doubts = ?6, words = ''"
	           " WHERE id = ?1");

	if (statement != NULL) {
		sqlite3_bind_int64(statement, 1, report->number);
		store_sqlite_bind_text(statement, 2, report->report_id);
		store_sqlite_bind_text(statement, 3, report->addresses);
		store_sqlite_bind_text(statement, 4, report->mail);
		sqlite3_bind_int64(statement, 5, report->attempts);
		sqlite3_bind_int64(statement, 6, report->doubts);
	}
	return failures_change(store, statement, problem);
}

bool store_failures_take(struct store *store, const struct failure_report *report, time_t now,
                         struct problem *problem)
{
	bool good;

	invariant(report->mail[0] != '\0' && report->addresses[0] != '\0');
	if (!store_sqlite_execute(store, "BEGIN IMMEDIATE"))
		return store_sqlite_fail(store, NULL, problem);
	good = note_taken(store, report, problem);
	for (const char *at = report->addresses; good && *at != '\0';) {
		size_t length = strcspn(at, ",");

		good = note_mail(store, at, length, report, now, problem);
		at += length;
		at += strspn(at, ", ");
	}
	if (good && store_sqlite_execute(store, "COMMIT"))
		return true;
	if (good)
		store_sqlite_fail(store, NULL, problem);
	store_sqlite_execute(store, "ROLLBACK");
	return false;
}

bool store_failures_mark(struct store *store, const struct failure_report *report,
                         struct problem *problem)
{
	bool done = report->state != FAILURE_OPEN && report->state != FAILURE_WAITING;
	sqlite3_stmt *statement = failures_prepare(
	    store, done ? "UPDATE failures SET state = ?2, words = ?3, next_attempt = ?4,"
	                  " record = '', mail = '', kin = NULL WHERE id = ?1"
	                : "UPDATE failures SET state = ?2, words = ?3, next_attempt = ?4"
	                  " WHERE id = ?1");

	invariant(report->state < FAILURE_STATES);
	if (statement != NULL) {
		sqlite3_bind_int64(statement, 1, report->number);
		store_sqlite_bind_text(statement, 2, store_failures_names[report->state]);
		store_sqlite_bind_text(statement, 3, report->text);
		sqlite3_bind_int64(statement, 4, report->next_attempt);
	}
	return failures_change(store, statement, problem);
}

bool store_failures_expire(struct store *store, time_t now, time_t open, time_t done,
                           const char *why, struct problem *problem)
{
	static const char drop[] =
	    "UPDATE failures SET state = 'dropped', words = ?3, record = '', mail = '', kin = NULL"
	    " WHERE state IN ('open', 'waiting') AND (first_seen < ?1 OR first_seen > ?2)";
	static const char doubt[] =
	    "UPDATE failures SET state = 'unknown', words = ?3, record = '', mail = '', kin = NULL"
	    " WHERE state = 'handing' AND (first_seen < ?1 OR first_seen > ?2)";
	static const char forget[] =
	    "DELETE FROM failures WHERE state NOT IN ('open', 'waiting', 'handing')"
	    " AND first_seen < ?1 AND ?2 = 0 AND ?3 = ''";
	static const char mails[] =
	    "DELETE FROM failure_mails WHERE (handed < ?1 OR handed > ?2) AND ?3 = ''";

	return failures_change_dated(store, drop, open, now + DAY, why, problem) &&
	       failures_change_dated(store, doubt, open, now + DAY, why, problem) &&
	       failures_change_dated(store, forget, done, 0, "", problem) &&
	       failures_change_dated(store, mails, now - 2 * DAY, now + DAY, "", problem);
}

bool store_failures_each(struct store *store, long limit,
                         void (*each)(const struct failure_report *report, void *context),
                         void *context, struct problem *problem)
{
	sqlite3_stmt *statement =
	    failures_prepare(store, "SELECT " COLUMNS " FROM failures ORDER BY id DESC LIMIT ?1");
	struct arena *arena = arena_new();
	int code = SQLITE_ERROR;

	if (statement != NULL) {
		sqlite3_bind_int64(statement, 1, limit);
		while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
			struct failure_report report = failures_row(statement, arena);

			each(&report, context);
			arena_reset(arena);
		}
	}
	arena_free(arena);
	if (code != SQLITE_DONE)
		return store_sqlite_fail(store, statement, problem);
	sqlite3_finalize(statement);
	return true;
}

bool store_failures_count(struct store *store, unsigned long counts[FAILURE_STATES],
                          struct problem *problem)
{
	sqlite3_stmt *statement =
	    failures_prepare(store, "SELECT state, count(*) FROM failures GROUP BY state");
	int code = SQLITE_ERROR;

	memset(counts, 0, FAILURE_STATES * sizeof *counts);
	while (statement != NULL && (code = sqlite3_step(statement)) == SQLITE_ROW)
		counts[store_failures_state(store_sqlite_text(statement, 0))] =
		    (unsigned long)sqlite3_column_int64(statement, 1);
	if (code != SQLITE_DONE)
		return store_sqlite_fail(store, statement, problem);
	sqlite3_finalize(statement);
	return true;
}

bool store_failures_beyond(struct store *store, unsigned long *count, struct problem *problem)
{
	sqlite3_stmt *statement = failures_prepare(
	    store, "SELECT coalesce(sum(count), 0) FROM failure_counts WHERE what = 'beyond'");
	long found = failures_number(statement);

	*count = found < 0 ? 0 : (unsigned long)found;
	if (found < 0)
		return store_sqlite_fail(store, statement, problem);
	sqlite3_finalize(statement);
	return true;
}
