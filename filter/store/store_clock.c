/*
 * store_clock.c - see store_clock.h. The table `clock` has one line. `assay report send` calls it
 * at the beginning of a run, under the sender's lock.
 */
#include "store/store_clock.h"

#include <sqlite3.h>

#include "base/log.h"
#include "store/store_sqlite.h"

enum {
	HOUR = 60 * 60,
	DAY = 24 * HOUR
};

/* All 0 before the first run. */
struct clock_state {
	time_t last;    /* run */
	time_t doubted; /* the run since which the clock is doubted, or 0 */
	bool back;      /* since it went back then, or was seen for the first time */
};

static bool read_state(struct store *store, struct clock_state *state, struct problem *problem)
{
	sqlite3_stmt *statement = NULL;

	if (sqlite3_prepare_v2(store->database, "SELECT last, doubted, back FROM clock", -1,
	                       &statement, NULL) != SQLITE_OK ||
	    sqlite3_step(statement) != SQLITE_ROW)
		return store_sqlite_fail(store, statement, problem);
	*state = (struct clock_state){.last = (time_t)sqlite3_column_int64(statement, 0),
	                              .doubted = (time_t)sqlite3_column_int64(statement, 1),
	                              .back = sqlite3_column_int(statement, 2) != 0};
	sqlite3_finalize(statement);
	return true;
}

static bool write_state(struct store *store, const struct clock_state *state,
                        struct problem *problem)
{
	sqlite3_stmt *statement = NULL;

	if (sqlite3_prepare_v2(store->database,
	                       "UPDATE clock SET last = ?1, doubted = ?2, back = ?3", -1,
	                       &statement, NULL) != SQLITE_OK)
		return store_sqlite_fail(store, statement, problem);
	sqlite3_bind_int64(statement, 1, state->last);
	sqlite3_bind_int64(statement, 2, state->doubted);
	sqlite3_bind_int(statement, 3, state->back);
	if (sqlite3_step(statement) != SQLITE_DONE)
		return store_sqlite_fail(store, statement, problem);
	sqlite3_finalize(statement);
	return true;
}

/* After a step back, a step ahead may be to the same wrong time as before: that one counts anew. */
static struct clock_state next_state(const struct clock_state *before, time_t now)
{
	bool back = now < before->last - HOUR || before->last == 0;
	bool ahead = now > before->last + 2 * DAY && (before->doubted == 0 || before->back);
	struct clock_state state = {.last = now, .doubted = before->doubted, .back = before->back};

	if (back || ahead) {
		state.doubted = now;
		state.back = back;
	} else if (now >= before->doubted + DAY) {
		state.doubted = 0;
	}
	return state;
}

bool store_clock_note(struct store *store, time_t now, bool *clock_trusted, bool *jumped,
                      struct problem *problem)
{
	struct clock_state before = {0}, state;

	if (!read_state(store, &before, problem))
		return false;
	state = next_state(&before, now);
	*clock_trusted = state.doubted == 0;
	*jumped = state.doubted == now && before.last != 0 && before.last != now;
	log_debug("clock of the sender: now %lld, last run %lld, %s", (long long)now,
	          (long long)before.last, *clock_trusted ? "trusted" : "doubted");
	return write_state(store, &state, problem);
}
