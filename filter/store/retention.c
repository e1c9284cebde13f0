/*
 * retention.c - old rows go. The sender's run ends with it; `assay report list` tells the size.
 */
#include "store/retention.h"

#include <sqlite3.h>

#include "base/log.h"
#include "store/store_sqlite.h"

enum {
	ROWS_AT_ONCE = 2000,
	WORTH_SHRINKING = 16 * 1024 * 1024 /* octets */
};

static bool retention_ask(struct store *store, const char *question, sqlite3_int64 *number,
                          struct problem *problem)
{
	sqlite3_stmt *statement = NULL;
	bool good =
	    sqlite3_prepare_v2(store->database, question, -1, &statement, NULL) == SQLITE_OK &&
	    sqlite3_step(statement) == SQLITE_ROW;

	if (good)
		*number = sqlite3_column_int64(statement, 0);
	else
		store_sqlite_error(store, problem);
	sqlite3_finalize(statement);
	return good;
}

bool retention_measure(struct store *store, struct retention_size *size, struct problem *problem)
{
	sqlite3_int64 page, pages, unused, rows, reports, oldest;

	if (!retention_ask(store, "PRAGMA page_size", &page, problem) ||
	    !retention_ask(store, "PRAGMA page_count", &pages, problem) ||
	    !retention_ask(store, "PRAGMA freelist_count", &unused, problem) ||
	    !retention_ask(store, "SELECT count(*) FROM counted", &rows, problem) ||
	    !retention_ask(store, "SELECT count(*) FROM reports", &reports, problem) ||
	    !retention_ask(store, "SELECT coalesce(min(period_begin), 0) FROM reports", &oldest,
	                   problem))
		return false;
	*size = (struct retention_size){.octets = (unsigned long)(page * pages),
	                                .unused = (unsigned long)(page * unused),
	                                .rows = (unsigned long)rows,
	                                .reports = (unsigned long)reports,
	                                .oldest = (time_t)oldest};
	return true;
}

static bool shrink(struct store *store, struct problem *problem)
{
	struct retention_size size;

	if (!retention_measure(store, &size, problem))
		return false;
	if (size.unused < WORTH_SHRINKING || size.unused < size.octets / 4)
		return true;
	log_debug("report store %s: %lu of %lu octets are unused, it is made smaller", store->path,
	          size.unused, size.octets);
	return store_sqlite_execute(store, "VACUUM; PRAGMA wal_checkpoint(TRUNCATE)") ||
	       store_sqlite_fail(store, NULL, problem);
}

/* Old is what ended before ?1, and what was dated while the clock was ahead and found out before
 * ?1. */
#define OLD "(period_end < ?1 OR (reports.state = 'ahead' AND taken < ?1))"

bool retention_expire(struct store *store, time_t before, unsigned long *deleted,
                      struct problem *problem)
{
	static const char *const steps[] = {
	    "DELETE FROM counted WHERE id IN (SELECT counted.id FROM reports JOIN counted"
	    " ON counted.report = reports.id WHERE " OLD " LIMIT ?2)",
	    "DELETE FROM deliveries WHERE id IN (SELECT deliveries.id FROM reports JOIN deliveries"
	    " ON deliveries.report = reports.id WHERE " OLD " LIMIT ?2)",
	    "DELETE FROM files WHERE report IN (SELECT report FROM files JOIN reports"
	    " ON files.report = reports.id WHERE " OLD " LIMIT ?2)",
	    "DELETE FROM reports WHERE id IN (SELECT id FROM reports WHERE " OLD
	    " AND NOT EXISTS (SELECT 1 FROM counted WHERE report = reports.id) LIMIT ?2)"};

	*deleted = 0;
	for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
		long count;

		do {
			count = store_sqlite_delete(store, steps[i], before, ROWS_AT_ONCE, problem);
			*deleted += i == 0 && count > 0 ? (unsigned long)count : 0;
		} while (count > 0);
		if (count < 0)
			return false;
	}
	log_debug("report store %s: %lu rows deleted of periods that ended before %lld",
	          store->path, *deleted, (long long)before);
	return shrink(store, problem);
}
