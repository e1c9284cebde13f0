/*
 * store_schema.h - the tables of a store, and older versions of them brought up to date. For
 * store.c and store_query.c when they open one.
 */
#ifndef ASSAY_STORE_SCHEMA_H
#define ASSAY_STORE_SCHEMA_H

#include "store/store_sqlite.h"

enum {
	STORE_SCHEMA_VERSION = 8
};

/* Looks at a database just opened: STORE_DONE with its schema version (0: new and empty),
 * STORE_NEWER, STORE_FOREIGN or an error. */
enum store_outcome store_schema_check(struct store *store, int *version, struct problem *problem);

/* Brings a database of `version` up to date. */
enum store_outcome store_schema_update(struct store *store, int version, struct problem *problem);

/* Creates an empty file (mode 0640) where there is none. */
enum store_outcome store_schema_create_file(const char *path, struct problem *problem);

#endif
