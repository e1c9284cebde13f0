/*
 * store_sqlite.h - what the files of the store share of SQLite: the open store, its prepared
 * statements, and how errors and values are read. store.c (opening, batches), store_count.c (rows
 * come in), store_schema.c and store_guard.c (the schema), store_query.c and store_watch.c (what is
 * asked), store_outbox.c and store_ceiling.c (what is sent), store_rows.c (the rows of a report),
 * retention.c (what ages out), store_clock.c (the times of runs). These know SQLite, nobody else
 * does. A store is used by one thread.
 */
#ifndef ASSAY_STORE_SQLITE_H
#define ASSAY_STORE_SQLITE_H

#include <stdbool.h>
#include <sys/types.h>
#include <time.h>

#include "store/store.h"

struct sqlite3; /* <sqlite3.h> */
struct sqlite3_stmt;

enum store_statement {
	STATEMENT_BEGIN,
	STATEMENT_COMMIT,
	STATEMENT_ROLLBACK,
	STATEMENT_POSITION,
	STATEMENT_ADVANCE_NEW,
	STATEMENT_ADVANCE,
	STATEMENT_FORGET,
	STATEMENT_FIND_REPORT,
	STATEMENT_ADD_REPORT,
	STATEMENT_SET_POLICY,
	STATEMENT_NOTE_ROW,
	STATEMENT_NOTE_FOLDED,
	STATEMENT_ROWS_OF_SOURCE,
	STATEMENT_COUNT_ROW,
	STATEMENT_ADD_ROW,
	STATEMENT_COUNT
};

struct store {
	struct sqlite3 *database;
	char *path;
	dev_t device; /* of the file that was opened */
	ino_t file;
	struct identity key;
	int lock; /* of the sender, -1 for none */
	struct sqlite3_stmt *statements[STATEMENT_COUNT];
};

/* Runs a statement whose parameters are bound, and makes it ready for the next time. */
bool store_sqlite_run(struct store *store, enum store_statement which);

/* The last error of the database as an outcome, and in words. */
enum store_outcome store_sqlite_error(struct store *store, struct problem *problem);

/* Was the last error that of an entry, which others need not wait for? */
bool store_sqlite_broke_constraint(const struct store *store);

/* The same for a function that ends in false; the statement (NULL is allowed) is finalized. */
bool store_sqlite_fail(struct store *store, struct sqlite3_stmt *statement,
                       struct problem *problem);

/* Statements without parameters or results. */
bool store_sqlite_execute(struct store *store, const char *text);

/* `text` stays until the statement has run. */
void store_sqlite_bind_text(struct sqlite3_stmt *statement, int index, const char *text);

void store_sqlite_bind_identity(struct sqlite3_stmt *statement, int index,
                                const struct identity *identity);

/* "" for NULL; valid until the statement goes on. */
const char *store_sqlite_text(struct sqlite3_stmt *statement, int index);

/* How many lines a DELETE of what is older than ?1, of at most ?2 lines, deleted; -1 after a
 * problem. */
long store_sqlite_delete(struct store *store, const char *text, time_t before, int max,
                         struct problem *problem);

#endif
