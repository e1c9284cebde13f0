/*
 * store_guard.h - what stands at the path of a store is looked at before SQLite gets it, and what
 * it says before it is asked: whoever owns the folder may have laid anything there. For store.c and
 * store_query.c.
 */
#ifndef ASSAY_STORE_GUARD_H
#define ASSAY_STORE_GUARD_H

#include "store/store_sqlite.h"

/*
 * STORE_DONE where the store and the files that SQLite keeps beside it are regular files or
 * missing: opening a FIFO would wait for ever. Of links those of root alone are followed. Else
 * STORE_BROKEN and a problem.
 */
enum store_outcome store_guard_files(const char *path, struct problem *problem);

/* After opening: what the schema names is not trusted, and nobody writes to it behind SQLite's
 * back. */
void store_guard_connection(struct store *store);

/*
 * STORE_DONE where each table, index and view that `model`, a database made by our own steps, has
 * is there word for word, and no trigger: a view in the place of a table can be endless. Else
 * STORE_FOREIGN or an error, and a problem.
 */
enum store_outcome store_guard_schema(struct store *store, struct sqlite3 *model,
                                      struct problem *problem);

#endif
