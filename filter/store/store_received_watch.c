/*
 * store_received_watch.c - see store_received_watch.h. Called by metrics/received_stats.c now and
 * then, so every question has an index.
 */
#include "store/store_received_watch.h"

#include <sqlite3.h>

#include "base/invariant.h"
#include "base/text.h"
#include "store/store_received_query.h"
#include "store/store_sqlite.h"

enum {
	DAY = 24 * 60 * 60,
	NEW_DAYS = 3, /* today, and two days that reports are about */
	BEFORE_DAYS = 28,
	STEADY_DAYS = 5,
	MONTH_DAYS = 30
};

static void watch_count(const char *kind, const char *outcome, unsigned long count, void *context)
{
	struct received_watch *watch = context;
	int row = text_word(received_kind_names, kind);
	int column = text_word(received_outcome_names, outcome);

	if (row >= 0 && column >= 0)
		watch->reports[row][column] = count;
}

struct silence {
	struct received_watch *watch;
	time_t before;
};

static void watch_reporter(const struct received_reporter *reporter, void *context)
{
	const struct silence *silence = context;

	if (reporter->days >= STEADY_DAYS && reporter->last < silence->before)
		silence->watch->silent_reporters++;
}

static void watch_domain(const struct received_day *total, void *context)
{
	struct received_numbers *numbers = context;

	*numbers = total->numbers;
}

/* The one number of a question about a domain and two times. */
static bool watch_number(struct store_query *query, const char *question, const char *domain,
                         time_t since, time_t before, int64_t *number, struct problem *problem)
{
	struct store *store = store_query_store(query);
	sqlite3_stmt *statement = NULL;

	if (sqlite3_prepare_v2(store->database, question, -1, &statement, NULL) != SQLITE_OK)
		return store_sqlite_fail(store, statement, problem);
	sqlite3_bind_int64(statement, 1, since);
	sqlite3_bind_int64(statement, 2, before);
	sqlite3_bind_text(statement, 3, domain, -1, SQLITE_STATIC);
	sqlite3_bind_int64(statement, 4, RECEIVED_WATCH_NEW);
	if (sqlite3_step(statement) != SQLITE_ROW)
		return store_sqlite_fail(store, statement, problem);
	*number = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	return true;
}

static bool watch_one(struct store_query *query, const char *domain, size_t index, time_t today,
                      struct received_watch *watch, struct problem *problem)
{
	static const char new_sources[] =
	    "SELECT count(*) FROM (SELECT source FROM received_sources WHERE domain = ?3 AND"
	    " day >= ?2 GROUP BY source HAVING sum(failing) >= ?4) AS fails WHERE NOT EXISTS"
	    " (SELECT 1 FROM received_sources WHERE domain = ?3 AND day >= ?1 AND day < ?2 AND"
	    " source = fails.source)";
	const struct received_question question = {
	    domain, {today - (RECEIVED_WATCH_DAYS - 1) * (time_t)DAY, today + DAY}};
	struct received_numbers numbers = {.messages = 0};
	time_t since = today - (NEW_DAYS - 1) * (time_t)DAY;
	int64_t count = 0;

	if (!store_received_query_domains(query, &question, watch_domain, &numbers, problem) ||
	    !watch_number(query, new_sources, domain, since - BEFORE_DAYS * (time_t)DAY, since,
	                  &count, problem))
		return false;
	watch->messages[index] = numbers.messages;
	watch->failing[index] = received_numbers_lost(&numbers);
	watch->new_sources += (unsigned long)count;
	return true;
}

static bool watch_all(struct store_query *query, time_t now, size_t count,
                      const char *const *domains, struct received_watch *watch,
                      struct problem *problem)
{
	time_t today = now - now % DAY;
	struct silence silence = {watch, today - (RECEIVED_WATCH_SILENT + 1) * (time_t)DAY};
	const struct received_question month = {
	    NULL, {today - (MONTH_DAYS - 1) * (time_t)DAY, today + DAY}};
	int64_t newest = 0;
	bool good =
	    store_received_query_counts(query, watch_count, watch, problem) &&
	    store_received_query_reporters(query, &month, watch_reporter, &silence, problem) &&
	    watch_number(query,
	                 "SELECT coalesce(max(got), 0) FROM received WHERE trusted = 1"
	                 " AND got >= ?1 AND got <= ?2",
	                 NULL, today - MONTH_DAYS * (time_t)DAY, now, &newest, problem);

	watch->newest = (time_t)newest;
	for (size_t i = 0; good && i < count; i++)
		good = watch_one(query, domains[i], i, today, watch, problem);
	return good;
}

bool store_received_watch_read(const char *path, time_t now, size_t count,
                               const char *const *domains, struct received_watch *watch,
                               struct problem *problem)
{
	struct store_query *query = store_query_open(path, problem);
	bool good;

	invariant(count <= RECEIVED_WATCH_DOMAINS);
	*watch = (struct received_watch){.newest = 0};
	if (query == NULL)
		return false;
	good = watch_all(query, now, count, domains, watch, problem);
	store_query_close(query);
	return good;
}
