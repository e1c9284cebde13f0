/*
 * store_private.h - what the files of the SQLite store share: store.c (opening, batches),
 * store_count.c (rows come in), store_schema.c (the schema), store_query.c (questions),
 * store_outbox.c (what is sent), store_rows.c (the rows of a report), retention.c (what ages out),
 * store_clock.c (the times of runs). These know SQLite, nobody else does.
 */
#ifndef ASSAY_STORE_PRIVATE_H
#define ASSAY_STORE_PRIVATE_H

#include <stdbool.h>
#include <sys/types.h>

#include "store/store.h"

struct sqlite3; /* <sqlite3.h> */
struct sqlite3_stmt;

enum {
	SCHEMA_VERSION = 4 /* what store_schema.c brings a store to */
};

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

/* Looks at a database just opened: STORE_DONE with its schema version (0: new and empty),
 * STORE_NEWER, STORE_FOREIGN or an error. */
enum store_outcome store_schema_check(struct store *store, int *version, struct problem *problem);

/* Brings a database of `version` up to date. */
enum store_outcome store_schema_update(struct store *store, int version, struct problem *problem);

/* Creates an empty file (mode 0640) where there is none. */
enum store_outcome store_schema_create_file(const char *path, struct problem *problem);

/* Counts what a batch's tally has, in the caller's transaction. `isolated`: an entry that breaks a
 * constraint is undone and skipped, which costs a savepoint for each. False: SQLite failed. */
bool store_count_all(struct store *store, const struct tally *tally, bool isolated,
                     struct store_skipped *skipped);

/* Runs a statement whose parameters are bound, and makes it ready for the next time. */
bool store_run(struct store *store, enum store_statement which);

/* The last error of the database as an outcome, and in words. */
enum store_outcome store_failed(struct store *store, struct problem *problem);

/* Was the last error that of an entry, which others need not wait for? */
bool store_broke_constraint(const struct store *store);

/* The same for a function that ends in false; the statement (NULL is allowed) is finalized. */
bool store_fail(struct store *store, struct sqlite3_stmt *statement, struct problem *problem);

/* Statements without parameters or results. */
bool store_execute(struct store *store, const char *text);

/* `text` stays until the statement has run. */
void store_bind_text(struct sqlite3_stmt *statement, int index, const char *text);

void store_bind_identity(struct sqlite3_stmt *statement, int index,
                         const struct identity *identity);

/* "" for NULL; valid until the statement goes on. */
const char *store_column(struct sqlite3_stmt *statement, int index);

#endif
