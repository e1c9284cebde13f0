/*
 * store.c - rows come into the SQLite store: opening, and the one transaction that counts a batch
 * and notes how far its journal is imported. Called by the recorder's writer thread alone;
 * store_query.c reads what it wrote.
 *
 * WAL, so that `assay report` reads while the daemon writes. synchronous=NORMAL: what is committed
 * outlives the process at once, and a power cut from the next checkpoint on.
 */
#include "store/store.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/invariant.h"
#include "base/log.h"
#include "store/store_count.h"
#include "store/store_failures.h"
#include "store/store_guard.h"
#include "store/store_schema.h"
#include "store/store_sqlite.h"

enum {
	BUSY_MS = 1000 /* how long the writer waits for another program's transaction */
};

static const char *const statements[STATEMENT_COUNT] = {
    [STATEMENT_BEGIN] = "BEGIN IMMEDIATE",
    [STATEMENT_COMMIT] = "COMMIT",
    [STATEMENT_ROLLBACK] = "ROLLBACK",
    [STATEMENT_POSITION] = "SELECT position FROM journals WHERE name = ?1",
    /* both change exactly one line, or the batch does not belong here */
    [STATEMENT_ADVANCE_NEW] = "INSERT INTO journals (name, position) VALUES (?1, ?3) "
                              "ON CONFLICT (name) DO UPDATE SET position = ?3 WHERE position = ?2",
    [STATEMENT_ADVANCE] = "UPDATE journals SET position = ?3 WHERE name = ?1 AND position = ?2",
    [STATEMENT_FORGET] = "DELETE FROM journals WHERE name = ?1",
    /* one report for a domain and a period, whatever records the domain had in it (RFC 9990 3.1.2)
     */
    [STATEMENT_FIND_REPORT] =
        "SELECT id, identity = ?4, policy_seen, passed_rows, failed_rows FROM reports"
        " WHERE policy_domain = ?1 AND period_begin = ?2 AND period_end = ?3"
        " AND state IN ('open', 'too old') ORDER BY id LIMIT 1",
    [STATEMENT_ADD_REPORT] =
        "INSERT INTO reports (identity, period_begin, period_end, policy_seen, policy_domain, p, "
        "sp, np, adkim, aspf, fo, testing, psd, discovery, rua, record_error) VALUES (?2, ?3, ?4, "
        "?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)",
    [STATEMENT_SET_POLICY] =
        "UPDATE reports SET identity = ?2, policy_seen = ?5, p = ?7, sp = ?8, np = ?9, adkim = ?10,"
        " aspf = ?11, fo = ?12, testing = ?13, psd = ?14, discovery = ?15, rua = ?16,"
        " record_error = ?17 WHERE id = ?1 AND period_begin = ?3 AND period_end = ?4"
        " AND policy_domain = ?6",
    [STATEMENT_NOTE_ROW] = "UPDATE reports SET passed_rows = passed_rows + ?2,"
                           " failed_rows = failed_rows + 1 - ?2 WHERE id = ?1",
    [STATEMENT_NOTE_FOLDED] = "UPDATE reports SET folded = folded + ?2 WHERE id = ?1",
    [STATEMENT_ROWS_OF_SOURCE] =
        "SELECT count(*) FROM (SELECT 1 FROM counted WHERE report = ?1"
        " AND network = ?2 AND dkim_aligned = ?3 AND spf_aligned = ?4 LIMIT ?5)",
    [STATEMENT_COUNT_ROW] =
        "UPDATE counted SET count = count + ?3, first_seen = min(first_seen, ?4), "
        "last_seen = max(last_seen, ?5) WHERE report = ?1 AND identity = ?2",
    [STATEMENT_ADD_ROW] =
        "INSERT INTO counted (report, identity, count, first_seen, last_seen, source, "
        "disposition, dkim_aligned, spf_aligned, override_type, override_comment, action, dmarc, "
        "header_from, envelope_from, envelope_to, spf_domain, spf_scope, spf_result, spf_reason, "
        "dkim, network, sealer, sealer_outcome) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, "
        "?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24)",
};

static bool store_prepare(struct store *store)
{
	for (size_t i = 0; i < STATEMENT_COUNT; i++)
		if (sqlite3_prepare_v3(store->database, statements[i], -1,
		                       SQLITE_PREPARE_PERSISTENT, &store->statements[i],
		                       NULL) != SQLITE_OK)
			return false;
	return true;
}

static bool store_read_key(struct store *store)
{
	sqlite3_stmt *statement = NULL;
	bool good = sqlite3_prepare_v2(store->database, "SELECT key FROM store", -1, &statement,
	                               NULL) == SQLITE_OK &&
	            sqlite3_step(statement) == SQLITE_ROW &&
	            sqlite3_column_bytes(statement, 0) == IDENTITY_BYTES;

	if (good)
		memcpy(store->key.bytes, sqlite3_column_blob(statement, 0), IDENTITY_BYTES);
	sqlite3_finalize(statement);
	return good;
}

static bool note_file(struct store *store)
{
	struct stat status;

	if (stat(store->path, &status) != 0)
		return false;
	store->device = status.st_dev;
	store->file = status.st_ino;
	return true;
}

static enum store_outcome connect(struct store *store, struct problem *problem)
{
	if (sqlite3_open_v2(store->path, &store->database,
	                    SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
		return store_sqlite_error(store, problem);
	store_guard_connection(store);
	sqlite3_extended_result_codes(store->database, 1);
	sqlite3_busy_timeout(store->database, BUSY_MS);
	if (sqlite3_db_readonly(store->database, "main") == 1) {
		problem_say(problem,
		            "the report store %s is read-only: make it and its folder writable for "
		            "the user that the daemon runs as",
		            store->path);
		return STORE_READ_ONLY;
	}
	return STORE_DONE;
}

static enum store_outcome set_up(struct store *store, struct problem *problem)
{
	static const char pragmas[] =
	    "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; "
	    "PRAGMA cache_size = -16384; PRAGMA journal_size_limit = 67108864";
	enum store_outcome outcome;
	int version = 0;

	outcome = store_schema_check(store, &version, problem);
	if (outcome != STORE_DONE)
		return outcome;
	if (!store_sqlite_execute(store, pragmas))
		return store_sqlite_error(store, problem);
	outcome = store_schema_update(store, version, problem);
	if (outcome != STORE_DONE)
		return outcome;
	if (!store_prepare(store) || !store_read_key(store) || !note_file(store))
		return store_sqlite_error(store, problem);
	return STORE_DONE;
}

enum store_outcome store_open(const char *path, struct store **store, struct problem *problem)
{
	enum store_outcome outcome = store_schema_create_file(path, problem);
	struct store *opened;

	if (outcome == STORE_DONE)
		outcome = store_guard_files(path, problem);
	if (outcome != STORE_DONE)
		return outcome;
	opened = calloc(1, sizeof *opened);
	if (opened != NULL)
		opened->lock = -1;
	if (opened == NULL || (opened->path = strdup(path)) == NULL) {
		free(opened);
		problem_say(problem, "no memory for the report store");
		return STORE_BROKEN;
	}
	outcome = connect(opened, problem);
	if (outcome == STORE_DONE)
		outcome = set_up(opened, problem);
	if (outcome == STORE_DONE) {
		log_debug("report store %s: opened", path);
		*store = opened;
	} else
		store_close(opened);
	return outcome;
}

void store_close(struct store *store)
{
	int keep = 1;

	if (store == NULL)
		return;
	/* the write-ahead log that lies beside a new store belongs to that one */
	if (!store_in_place(store))
		sqlite3_file_control(store->database, "main", SQLITE_FCNTL_PERSIST_WAL, &keep);
	for (size_t i = 0; i < STATEMENT_COUNT; i++)
		sqlite3_finalize(store->statements[i]);
	sqlite3_close(store->database);
	log_debug("report store %s: closed", store->path);
	if (store->lock >= 0)
		close(store->lock);
	free(store->path);
	free(store);
}

bool store_in_place(const struct store *store)
{
	struct stat status;

	return stat(store->path, &status) == 0 && status.st_dev == store->device &&
	       status.st_ino == store->file;
}

const struct identity *store_key(const struct store *store)
{
	return &store->key;
}

enum store_outcome store_position(struct store *store, const char *journal, int64_t *position,
                                  struct problem *problem)
{
	sqlite3_stmt *statement = store->statements[STATEMENT_POSITION];
	int code;

	store_sqlite_bind_text(statement, 1, journal);
	code = sqlite3_step(statement);
	*position = code == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
	sqlite3_reset(statement);
	if (code != SQLITE_ROW && code != SQLITE_DONE)
		return store_sqlite_error(store, problem);
	return STORE_DONE;
}

static bool advance(struct store *store, const struct store_batch *batch)
{
	enum store_statement which = batch->from == 0 ? STATEMENT_ADVANCE_NEW : STATEMENT_ADVANCE;
	sqlite3_stmt *statement = store->statements[which];

	store_sqlite_bind_text(statement, 1, batch->journal);
	sqlite3_bind_int64(statement, 2, batch->from);
	sqlite3_bind_int64(statement, 3, batch->to);
	return store_sqlite_run(store, which);
}

static enum store_outcome abandon(struct store *store, enum store_outcome outcome)
{
	/* SQLite has rolled back by itself after some errors: then there is nothing to undo */
	if (!sqlite3_get_autocommit(store->database))
		store_sqlite_run(store, STATEMENT_ROLLBACK);
	return outcome;
}

/* One transaction. `retry`: it is undone since an entry broke a constraint. */
static enum store_outcome store_record_once(struct store *store, const struct store_batch *batch,
                                            bool isolated, bool *retry,
                                            struct store_skipped *skipped, struct problem *problem)
{
	*skipped = (struct store_skipped){0};
	invariant(batch->from >= 0 && batch->to > batch->from);
	*retry = false;
	/* ROLLBACK needs memory, too */
	if (!sqlite3_get_autocommit(store->database)) {
		problem_say(problem,
		            "the report store %s: the transaction of a batch that failed "
		            "could not be undone",
		            store->path);
		return STORE_BROKEN;
	}
	if (!store_sqlite_run(store, STATEMENT_BEGIN) || !advance(store, batch))
		return abandon(store, store_sqlite_error(store, problem));
	if (sqlite3_changes(store->database) != 1) {
		problem_say(problem, "the report store %s has another place for the journal %s",
		            store->path, batch->journal);
		return abandon(store, STORE_MOVED);
	}
	if (!store_count_all(store, batch->tally, isolated, skipped) ||
	    !store_failures_add(store, batch)) {
		*retry = store_sqlite_broke_constraint(store);
		return abandon(store, store_sqlite_error(store, problem));
	}
	if (!store_sqlite_run(store, STATEMENT_COMMIT))
		return abandon(store, store_sqlite_error(store, problem));
	return STORE_DONE;
}

enum store_outcome store_record(struct store *store, const struct store_batch *batch,
                                struct store_skipped *skipped, struct problem *problem)
{
	bool retry;
	enum store_outcome outcome =
	    store_record_once(store, batch, false, &retry, skipped, problem);

	if (retry)
		log_debug(
		    "report store %s: a row of the journal %s breaks a constraint; each row is "
		    "counted by itself",
		    store->path, batch->journal);
	return retry ? store_record_once(store, batch, true, &retry, skipped, problem) : outcome;
}

enum store_outcome store_forget(struct store *store, const char *journal, struct problem *problem)
{
	store_sqlite_bind_text(store->statements[STATEMENT_FORGET], 1, journal);
	return store_sqlite_run(store, STATEMENT_FORGET) ? STORE_DONE
	                                                 : store_sqlite_error(store, problem);
}

void store_version(char *text, size_t room)
{
	snprintf(text, room, "%s", sqlite3_libversion());
}
