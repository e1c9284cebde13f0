/*
 * store_watch.c - how sending stands, read from the SQLite store. Called by metrics/report_stats.c
 * now and then.
 */
#include "store/store_watch.h"
#include "store/store_query.h"
#include "store/store_sqlite.h"

#include <sqlite3.h>

#include "base/text.h"

static void count_state(sqlite3_stmt *statement, struct store_watch *watch)
{
	int state =
	    text_word(store_outbox_delivery_names, (const char *)sqlite3_column_text(statement, 0));

	if (state < 0)
		return;
	for (int i = 0; i < 2; i++)
		watch->since[i][state] = (unsigned long)sqlite3_column_int64(statement, 1 + i);
	if (state == OUTBOX_WAITING || state == OUTBOX_HANDING)
		watch->waiting += (unsigned long)sqlite3_column_int64(statement, 3);
}

static bool read_deliveries(struct store *store, const time_t since[2], struct store_watch *watch,
                            struct problem *problem)
{
	static const char question[] =
	    "SELECT state, sum(changed >= ?1), sum(changed >= ?2), count(*)"
	    " FROM deliveries GROUP BY state";
	sqlite3_stmt *statement = NULL;
	int code;

	if (sqlite3_prepare_v2(store->database, question, -1, &statement, NULL) != SQLITE_OK)
		return store_sqlite_fail(store, statement, problem);
	sqlite3_bind_int64(statement, 1, since[0]);
	sqlite3_bind_int64(statement, 2, since[1]);
	while ((code = sqlite3_step(statement)) == SQLITE_ROW)
		count_state(statement, watch);
	if (code != SQLITE_DONE)
		return store_sqlite_fail(store, statement, problem);
	sqlite3_finalize(statement);
	return true;
}

/* Unfinished reports alone, which have an index. */
static bool read_reports(struct store *store, time_t now, struct store_watch *watch,
                         struct problem *problem)
{
	static const char question[] =
	    "SELECT count(*) FILTER (WHERE state = 'open'), min(period_end) FILTER (WHERE state = "
	    "'open'), min(period_end) FROM reports WHERE state IN ('open', 'taken') AND "
	    "policy_domain <> '' AND rua <> '' AND period_end <= ?1";
	sqlite3_stmt *statement = NULL;

	if (sqlite3_prepare_v2(store->database, question, -1, &statement, NULL) != SQLITE_OK)
		return store_sqlite_fail(store, statement, problem);
	sqlite3_bind_int64(statement, 1, now);
	if (sqlite3_step(statement) != SQLITE_ROW)
		return store_sqlite_fail(store, statement, problem);
	watch->due = (unsigned long)sqlite3_column_int64(statement, 0);
	watch->oldest_due = (time_t)sqlite3_column_int64(statement, 1);
	watch->oldest = (time_t)sqlite3_column_int64(statement, 2);
	sqlite3_finalize(statement);
	return true;
}

bool store_watch_read(const char *path, time_t now, const time_t since[2],
                      struct store_watch *watch, struct problem *problem)
{
	struct store_query *query = store_query_open(path, problem);
	bool good;

	*watch = (struct store_watch){.waiting = 0};
	if (query == NULL)
		return false;
	good = read_deliveries(store_query_store(query), since, watch, problem) &&
	       read_reports(store_query_store(query), now, watch, problem) &&
	       store_failures_count(store_query_store(query), watch->failures, problem) &&
	       store_failures_beyond(store_query_store(query), &watch->failures_beyond, problem);
	store_query_close(query);
	return good;
}
