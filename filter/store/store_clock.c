/*
 * store_clock.c - see store_clock.h. The table `clock` has one line. `assay report send` calls it
 * at the beginning of a run, under the sender's lock.
 */
#include "store/store_clock.h"

#include <sqlite3.h>

#include "store/store_sqlite.h"

enum {
	HOUR = 60 * 60,
	DAY = 24 * HOUR
};

/* All 0 before the first run. */
struct seen {
	time_t last;    /* run */
	time_t doubted; /* the run since which the clock is doubted, or 0 */
	bool back;      /* since it went back then, or was seen for the first time */
};

static bool read_seen(struct store *store, struct seen *seen, struct problem *problem)
{
	sqlite3_stmt *statement = NULL;

	if (sqlite3_prepare_v2(store->database, "SELECT last, doubted, back FROM clock", -1,
	                       &statement, NULL) != SQLITE_OK ||
	    sqlite3_step(statement) != SQLITE_ROW)
		return store_sqlite_fail(store, statement, problem);
	*seen = (struct seen){.last = (time_t)sqlite3_column_int64(statement, 0),
	                      .doubted = (time_t)sqlite3_column_int64(statement, 1),
	                      .back = sqlite3_column_int(statement, 2) != 0};
	sqlite3_finalize(statement);
	return true;
}

static bool write_seen(struct store *store, const struct seen *seen, struct problem *problem)
{
	sqlite3_stmt *statement = NULL;

	if (sqlite3_prepare_v2(store->database,
	                       "UPDATE clock SET last = ?1, doubted = ?2, back = ?3", -1,
	                       &statement, NULL) != SQLITE_OK)
		return store_sqlite_fail(store, statement, problem);
	sqlite3_bind_int64(statement, 1, seen->last);
	sqlite3_bind_int64(statement, 2, seen->doubted);
	sqlite3_bind_int(statement, 3, seen->back);
	if (sqlite3_step(statement) != SQLITE_DONE)
		return store_sqlite_fail(store, statement, problem);
	sqlite3_finalize(statement);
	return true;
}

/* After a step back, a step ahead may be to the same wrong time as before: that one counts anew. */
static struct seen see(const struct seen *before, time_t now)
{
	bool back = now < before->last - HOUR || before->last == 0;
	bool ahead = now > before->last + 2 * DAY && (before->doubted == 0 || before->back);
	struct seen seen = {.last = now, .doubted = before->doubted, .back = before->back};

	if (back || ahead) {
		seen.doubted = now;
		seen.back = back;
	} else if (now >= before->doubted + DAY) {
		seen.doubted = 0;
	}
	return seen;
}

bool store_clock_note(struct store *store, time_t now, bool *steady, bool *jumped,
                      struct problem *problem)
{
	struct seen before = {0}, seen;

	if (!read_seen(store, &before, problem))
		return false;
	seen = see(&before, now);
	*steady = seen.doubted == 0;
	*jumped = seen.doubted == now && before.last != 0 && before.last != now;
	return write_seen(store, &seen, problem);
}
