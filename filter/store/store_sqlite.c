/*
 * store_sqlite.c - what the files of the store share of SQLite: errors as outcomes, statements and
 * values. See store_sqlite.h for who uses it.
 */
#include "store/store_sqlite.h"

#include <errno.h>
#include <sqlite3.h>
#include <string.h>

#include "base/invariant.h"

static enum store_outcome outcome_of(int code, int system_error)
{
	if (system_error == ENOSPC || system_error == EDQUOT || system_error == EFBIG)
		return STORE_FULL;
	switch (code & 0xFF) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return STORE_LOCKED;
	case SQLITE_FULL:
		return STORE_FULL;
	case SQLITE_READONLY:
	case SQLITE_PERM:
		return STORE_READ_ONLY;
	case SQLITE_CANTOPEN:
		return system_error == EACCES || system_error == EROFS ? STORE_READ_ONLY
		                                                       : STORE_BROKEN;
	case SQLITE_NOTADB:
		return STORE_FOREIGN;
	default:
		return STORE_BROKEN;
	}
}

enum store_outcome store_sqlite_error(struct store *store, struct problem *problem)
{
	static const char *const advice[] = {
	    [STORE_LOCKED] = "another program holds it; end that program's transaction",
	    [STORE_FULL] = "make room on its file system",
	    [STORE_READ_ONLY] =
	        "make it and its folder writable for the user that the daemon runs as",
	    [STORE_FOREIGN] = "name another file in reports.store",
	    [STORE_BROKEN] = "move it away and a new one is made",
	};
	int code = sqlite3_extended_errcode(store->database);
	/* an I/O error keeps the system's errno, any other error may have a stale one */
	bool system = (code & 0xFF) == SQLITE_IOERR || (code & 0xFF) == SQLITE_CANTOPEN;
	int system_error = system ? sqlite3_system_errno(store->database) : 0;
	enum store_outcome outcome = outcome_of(code, system_error);
	const char *action;

	invariant((size_t)outcome < sizeof advice / sizeof advice[0] && advice[outcome] != NULL);
	action = advice[outcome];

	/* no fault of the file's: it is not to be thrown away */
	if (outcome == STORE_BROKEN && (system_error != 0 || (code & 0xFF) == SQLITE_NOMEM))
		action = strerror(system_error != 0 ? system_error : ENOMEM);
	problem_say(problem, "the report store %s: %s (SQLite code %d): %s", store->path,
	            sqlite3_errmsg(store->database), code, action);
	return outcome;
}

bool store_sqlite_fail(struct store *store, sqlite3_stmt *statement, struct problem *problem)
{
	store_sqlite_error(store, problem);
	sqlite3_finalize(statement);
	return false;
}

bool store_sqlite_execute(struct store *store, const char *text)
{
	return sqlite3_exec(store->database, text, NULL, NULL, NULL) == SQLITE_OK;
}

void store_sqlite_bind_text(sqlite3_stmt *statement, int index, const char *text)
{
	sqlite3_bind_text(statement, index, text, -1, SQLITE_STATIC);
}

const char *store_sqlite_text(sqlite3_stmt *statement, int index)
{
	const unsigned char *text = sqlite3_column_text(statement, index);

	return text == NULL ? "" : (const char *)text;
}

bool store_sqlite_run(struct store *store, enum store_statement which)
{
	bool good;

	invariant(which < STATEMENT_COUNT && store->statements[which] != NULL);
	good = sqlite3_step(store->statements[which]) == SQLITE_DONE;

	return sqlite3_reset(store->statements[which]) == SQLITE_OK && good;
}

void store_sqlite_bind_identity(sqlite3_stmt *statement, int index, const struct identity *identity)
{
	sqlite3_bind_blob(statement, index, identity->bytes, IDENTITY_BYTES, SQLITE_STATIC);
}

bool store_sqlite_broke_constraint(const struct store *store)
{
	return (sqlite3_extended_errcode(store->database) & 0xFF) == SQLITE_CONSTRAINT;
}

long store_sqlite_delete(struct store *store, const char *text, time_t before, int max,
                         struct problem *problem)
{
	sqlite3_stmt *statement = NULL;
	long deleted = -1;

	if (sqlite3_prepare_v2(store->database, text, -1, &statement, NULL) == SQLITE_OK) {
		sqlite3_bind_int64(statement, 1, before);
		sqlite3_bind_int64(statement, 2, max);
		if (sqlite3_step(statement) == SQLITE_DONE)
			deleted = sqlite3_changes(store->database);
	}
	if (deleted < 0)
		store_sqlite_error(store, problem);
	sqlite3_finalize(statement);
	return deleted;
}
