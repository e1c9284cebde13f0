/*
 * store_guard.c - what is asked of a store's files and of its schema before they are used. Called
 * by store.c, store_query.c and store_schema.c when they open a store.
 */
#include "store/store_guard.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
	NAME_ROOM = 4096
};

static bool store_guard_refuse(const char *path, const char *what, struct problem *problem)
{
	return problem_say(problem, "%s is %s: look who laid it there, and move it away", path,
	                   what);
}

static bool check_file(const char *path, struct problem *problem)
{
	struct stat found;

	if (lstat(path, &found) != 0)
		return errno == ENOENT ||
		       problem_say(problem, "cannot look at %s: %s", path, strerror(errno));
	if (S_ISLNK(found.st_mode) && found.st_uid != 0)
		return store_guard_refuse(path, "a symbolic link, which is not followed", problem);
	if (S_ISLNK(found.st_mode) && stat(path, &found) != 0)
		return problem_say(problem, "cannot look at %s: %s", path, strerror(errno));
	return S_ISREG(found.st_mode) || store_guard_refuse(path, "no regular file", problem);
}

/* SQLite keeps these where the store is, not where a link to it is. */
static bool check_beside(const char *path, struct problem *problem)
{
	static const char *const endings[] = {"-wal", "-shm", "-journal"};
	char *store = realpath(path, NULL);
	char name[NAME_ROOM];
	bool good = true;

	for (size_t i = 0; store != NULL && good && i < sizeof endings / sizeof endings[0]; i++) {
		if ((size_t)snprintf(name, sizeof name, "%s%s", store, endings[i]) >= sizeof name)
			good = problem_say(problem, "the path of the report store is too long");
		else
			good = check_file(name, problem);
	}
	free(store);
	return good;
}

enum store_outcome store_guard_files(const char *path, struct problem *problem)
{
	return check_file(path, problem) && check_beside(path, problem) ? STORE_DONE : STORE_BROKEN;
}

void store_guard_connection(struct store *store)
{
	sqlite3_db_config(store->database, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(store->database, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
}

/* The columns of `wanted` are what `there` asks for. */
static int store_guard_find(sqlite3_stmt *there, sqlite3_stmt *wanted)
{
	int code;

	for (int i = 0; i < 3; i++)
		sqlite3_bind_value(there, i + 1, sqlite3_column_value(wanted, i));
	code = sqlite3_step(there);
	sqlite3_reset(there);
	return code;
}

static enum store_outcome differs(struct store *store, const char *kind, const char *name,
                                  struct problem *problem)
{
	problem_say(problem,
	            "the %s %s of the report store %s is not as Assay makes it: look who changed "
	            "it; move the store away and a new one is made",
	            kind, name, store->path);
	return STORE_FOREIGN;
}

static enum store_outcome store_guard_compare(struct store *store, sqlite3_stmt *wanted,
                                              sqlite3_stmt *there, struct problem *problem)
{
	int code;

	while ((code = sqlite3_step(wanted)) == SQLITE_ROW) {
		code = store_guard_find(there, wanted);
		if (code == SQLITE_DONE)
			return differs(store, store_sqlite_text(wanted, 0),
			               store_sqlite_text(wanted, 1), problem);
		if (code != SQLITE_ROW)
			return store_sqlite_error(store, problem);
	}
	if (code == SQLITE_DONE)
		return STORE_DONE;
	problem_say(problem, "no memory to look at the report store %s", store->path);
	return STORE_BROKEN;
}

static enum store_outcome check_triggers(struct store *store, struct problem *problem)
{
	sqlite3_stmt *statement = NULL;
	int code = sqlite3_prepare_v2(store->database,
	                              "SELECT 1 FROM sqlite_schema WHERE type = 'trigger'", -1,
	                              &statement, NULL);

	if (code == SQLITE_OK)
		code = sqlite3_step(statement);
	sqlite3_finalize(statement);
	if (code == SQLITE_DONE)
		return STORE_DONE;
	if (code != SQLITE_ROW)
		return store_sqlite_error(store, problem);
	problem_say(problem, "the report store %s has a trigger, which Assay did not make: drop it",
	            store->path);
	return STORE_FOREIGN;
}

enum store_outcome store_guard_schema(struct store *store, struct sqlite3 *model,
                                      struct problem *problem)
{
	static const char all[] = "SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL";
	static const char one[] =
	    "SELECT 1 FROM sqlite_schema WHERE type = ?1 AND name = ?2 AND sql = ?3";
	sqlite3_stmt *wanted = NULL, *there = NULL;
	enum store_outcome outcome;

	if (sqlite3_prepare_v2(store->database, one, -1, &there, NULL) != SQLITE_OK)
		return store_sqlite_error(store, problem);
	sqlite3_prepare_v2(model, all, -1, &wanted, NULL);
	outcome = store_guard_compare(store, wanted, there, problem);
	sqlite3_finalize(wanted);
	sqlite3_finalize(there);
	return outcome == STORE_DONE ? check_triggers(store, problem) : outcome;
}
