/*
 * store_received_query.c - see store_received_query.h.
 */
#include "store/store_received_query.h"

#include <sqlite3.h>
#include <string.h>

#include "base/arena.h"
#include "base/invariant.h"
#include "store/store_sqlite.h"

/* In the order of received_query_numbers(). */
#define NUMBERS                                                                                    \
	"sum(messages), sum(both_aligned), sum(dkim_only), sum(spf_only), sum(forwarded),"         \
	" sum(failing), sum(listed), sum(quarantined), sum(rejected), sum(broken)"
#define IN_RANGE "day >= ?1 AND day < ?2"

/* A question in SQL, and who takes its answer, a row at a time. */
struct received_ask {
	const char *text;
	const struct received_question *question;
	int64_t max; /* ?4 */
	void (*row)(sqlite3_stmt *row, const struct received_ask *ask);
	union {
		received_day_function *day;
		received_reporter_function *reporter;
		received_tls_function *tls;
		received_count_function *count;
	} to;
	void *context;
};

static bool received_query_ask(struct store_query *query, const struct received_ask *ask,
                               struct problem *problem)
{
	struct store *store = store_query_store(query);
	sqlite3_stmt *statement = NULL;
	int code = sqlite3_prepare_v2(store->database, ask->text, -1, &statement, NULL);

	invariant(ask->row != NULL);
	if (code == SQLITE_OK && ask->question != NULL) {
		sqlite3_bind_int64(statement, 1, ask->question->range.since);
		sqlite3_bind_int64(statement, 2, ask->question->range.before);
		sqlite3_bind_text(statement, 3, ask->question->domain, -1, SQLITE_STATIC);
		sqlite3_bind_int64(statement, 4, ask->max);
	}
	while (code == SQLITE_OK || code == SQLITE_ROW) {
		code = sqlite3_step(statement);
		if (code == SQLITE_ROW)
			ask->row(statement, ask);
	}
	if (code != SQLITE_DONE)
		return store_sqlite_fail(store, statement, problem);
	sqlite3_finalize(statement);
	return true;
}

static struct received_numbers received_query_numbers(sqlite3_stmt *row, int column)
{
	return (struct received_numbers){.messages = sqlite3_column_int64(row, column),
	                                 .both_aligned = sqlite3_column_int64(row, column + 1),
	                                 .dkim_only = sqlite3_column_int64(row, column + 2),
	                                 .spf_only = sqlite3_column_int64(row, column + 3),
	                                 .forwarded = sqlite3_column_int64(row, column + 4),
	                                 .failing = sqlite3_column_int64(row, column + 5),
	                                 .listed = sqlite3_column_int64(row, column + 6),
	                                 .quarantined = sqlite3_column_int64(row, column + 7),
	                                 .rejected = sqlite3_column_int64(row, column + 8),
	                                 .broken = sqlite3_column_int64(row, column + 9)};
}

static void call_day(sqlite3_stmt *row, const struct received_ask *ask)
{
	const struct received_day day = {.domain = store_sqlite_text(row, 0),
	                                 .day = (time_t)sqlite3_column_int64(row, 1),
	                                 .days = (unsigned long)sqlite3_column_int64(row, 2),
	                                 .reports = (unsigned long)sqlite3_column_int64(row, 3),
	                                 .numbers = received_query_numbers(row, 4)};

	ask->to.day(&day, ask->context);
}

bool store_received_query_domains(struct store_query *query,
                                  const struct received_question *question,
                                  received_day_function *each, void *context,
                                  struct problem *problem)
{
	const struct received_ask ask = {
	    .text = question->domain == NULL
	                ? "SELECT domain, max(day), count(DISTINCT day), count(DISTINCT reporter),"
	                  " " NUMBERS " FROM received_days WHERE " IN_RANGE
	                  " GROUP BY domain ORDER BY sum(messages) DESC, domain LIMIT ?4"
	                : "SELECT domain, max(day), count(DISTINCT day), count(DISTINCT reporter),"
	                  " " NUMBERS " FROM received_days WHERE domain = ?3 AND " IN_RANGE
	                  " GROUP BY domain LIMIT ?4",
	    .question = question,
	    .max = STORE_RECEIVED_DOMAINS_MAX,
	    .row = call_day,
	    .to.day = each,
	    .context = context};

	return received_query_ask(query, &ask, problem);
}

bool store_received_query_days(struct store_query *query, const struct received_question *question,
                               received_day_function *each, void *context, struct problem *problem)
{
	const struct received_ask ask = {
	    .text = question->domain == NULL
	                ? "SELECT domain, day, 1, count(*), " NUMBERS " FROM received_days WHERE"
	                  " " IN_RANGE " GROUP BY domain, day ORDER BY day DESC, domain"
	                : "SELECT domain, day, 1, count(*), " NUMBERS " FROM received_days WHERE"
	                  " domain = ?3 AND " IN_RANGE " GROUP BY domain, day ORDER BY day DESC",
	    .question = question,
	    .row = call_day,
	    .to.day = each,
	    .context = context};

	return received_query_ask(query, &ask, problem);
}

/* Lines that were handed out, and whom to. */
struct source_lines {
	received_source_function *each;
	void *context;
	struct received_numbers sum;
};

static void call_source(sqlite3_stmt *row, const struct received_ask *ask)
{
	struct source_lines *lines = ask->context;
	const struct received_source_row source = {.source = store_sqlite_text(row, 0),
	                                           .signer = store_sqlite_text(row, 1),
	                                           .spf_domain = store_sqlite_text(row, 2),
	                                           .spf_result = store_sqlite_text(row, 3),
	                                           .first = (time_t)sqlite3_column_int64(row, 4),
	                                           .last = (time_t)sqlite3_column_int64(row, 5),
	                                           .numbers = received_query_numbers(row, 6)};

	received_numbers_add(&lines->sum, &source.numbers);
	lines->each(&source, lines->context);
}

/* What is beyond the lines: what the domain has more. */
static void call_rest(const struct received_day *day, void *context)
{
	struct source_lines *lines = context;
	struct received_source_row rest = {.source = "",
	                                   .signer = "",
	                                   .spf_domain = "",
	                                   .spf_result = "",
	                                   .first = day->day,
	                                   .last = day->day,
	                                   .numbers = day->numbers};

	received_numbers_subtract(&rest.numbers, &lines->sum);
	if (rest.numbers.messages > 0)
		lines->each(&rest, lines->context);
}

bool store_received_query_sources(struct store_query *query,
                                  const struct received_question *question,
                                  received_source_function *each, void *context,
                                  struct problem *problem)
{
	struct source_lines lines = {.each = each, .context = context};
	const struct received_ask ask = {
	    .text = "SELECT source, signer, spf_domain, spf_result, min(day), max(day), " NUMBERS
	            " FROM received_sources WHERE domain = ?3 AND " IN_RANGE
	            " GROUP BY source, signer, spf_domain, spf_result ORDER BY sum(messages) DESC,"
	            " source, signer, spf_domain, spf_result LIMIT ?4",
	    .question = question,
	    .max = STORE_RECEIVED_SOURCES_MAX,
	    .row = call_source,
	    .context = &lines};

	invariant(question->domain != NULL);
	return received_query_ask(query, &ask, problem) &&
	       store_received_query_domains(query, question, call_rest, &lines, problem);
}

static void call_reporter(sqlite3_stmt *row, const struct received_ask *ask)
{
	const struct received_reporter reporter = {.reporter = store_sqlite_text(row, 0),
	                                           .first = (time_t)sqlite3_column_int64(row, 1),
	                                           .last = (time_t)sqlite3_column_int64(row, 2),
	                                           .days =
	                                               (unsigned long)sqlite3_column_int64(row, 3),
	                                           .messages = sqlite3_column_int64(row, 4)};

	ask->to.reporter(&reporter, ask->context);
}

bool store_received_query_reporters(struct store_query *query,
                                    const struct received_question *question,
                                    received_reporter_function *each, void *context,
                                    struct problem *problem)
{
	const struct received_ask ask = {
	    .text = question->domain == NULL
	                ? "SELECT reporter, min(day), max(day), count(DISTINCT day),"
	                  " sum(messages) FROM received_days WHERE " IN_RANGE " GROUP BY reporter"
	                  " ORDER BY sum(messages) DESC, reporter LIMIT ?4"
	                : "SELECT reporter, min(day), max(day), count(DISTINCT day),"
	                  " sum(messages) FROM received_days WHERE domain = ?3 AND " IN_RANGE
	                  " GROUP BY reporter ORDER BY sum(messages) DESC, reporter LIMIT ?4",
	    .question = question,
	    .max = STORE_RECEIVED_DOMAINS_MAX,
	    .row = call_reporter,
	    .to.reporter = each,
	    .context = context};

	return received_query_ask(query, &ask, problem);
}

static void call_tls(sqlite3_stmt *row, const struct received_ask *ask)
{
	const struct received_tls_row tls = {.domain = store_sqlite_text(row, 0),
	                                     .mx = store_sqlite_text(row, 1),
	                                     .type = store_sqlite_text(row, 2),
	                                     .reason = store_sqlite_text(row, 3),
	                                     .successes = sqlite3_column_int64(row, 4),
	                                     .failures = sqlite3_column_int64(row, 5)};

	ask->to.tls(&tls, ask->context);
}

bool store_received_query_tls(struct store_query *query, const struct received_question *question,
                              received_tls_function *each, void *context, struct problem *problem)
{
	const struct received_ask ask = {
	    .text = "SELECT domain, mx, type, reason, successes, failures FROM ("
	            " SELECT domain, mx, type, '' AS reason, sum(successes) AS successes,"
	            " sum(failures) AS failures FROM received_tls_days"
	            " WHERE (?3 IS NULL OR domain = ?3) AND " IN_RANGE
	            " GROUP BY domain, mx, type UNION ALL"
	            " SELECT domain, mx, '', reason, 0, sum(failures) FROM received_tls_reasons"
	            " WHERE (?3 IS NULL OR domain = ?3) AND " IN_RANGE
	            " GROUP BY domain, mx, reason) AS both"
	            " ORDER BY domain, mx, reason <> '', failures DESC, type, reason LIMIT ?4",
	    .question = question,
	    .max = STORE_RECEIVED_SOURCES_MAX,
	    .row = call_tls,
	    .to.tls = each,
	    .context = context};

	return received_query_ask(query, &ask, problem);
}

static void call_count(sqlite3_stmt *row, const struct received_ask *ask)
{
	ask->to.count(store_sqlite_text(row, 0), store_sqlite_text(row, 1),
	              (unsigned long)sqlite3_column_int64(row, 2), ask->context);
}

bool store_received_query_counts(struct store_query *query, received_count_function *each,
                                 void *context, struct problem *problem)
{
	const struct received_ask ask = {.text = "SELECT kind, outcome, count FROM received_counts",
	                                 .row = call_count,
	                                 .to.count = each,
	                                 .context = context};

	return received_query_ask(query, &ask, problem);
}

bool store_received_query_policy(struct store_query *query, const char *domain, struct arena *arena,
                                 const char **policy, struct problem *problem)
{
	struct store *store = store_query_store(query);
	sqlite3_stmt *statement = NULL;
	int code = sqlite3_prepare_v2(store->database,
	                              "SELECT p FROM received WHERE domain = ?1 AND kind = 'dmarc'"
	                              " AND trusted = 1 ORDER BY range_end DESC LIMIT 1",
	                              -1, &statement, NULL);

	*policy = "";
	if (code == SQLITE_OK) {
		store_sqlite_bind_text(statement, 1, domain);
		code = sqlite3_step(statement);
	}
	if (code == SQLITE_ROW)
		*policy = arena_string(arena, store_sqlite_text(statement, 0));
	if (code != SQLITE_ROW && code != SQLITE_DONE)
		return store_sqlite_fail(store, statement, problem);
	sqlite3_finalize(statement);
	return true;
}

const char *store_received_query_name(struct store *store, const char *address, time_t now,
                                      struct arena *arena)
{
	sqlite3_stmt *statement = NULL;
	const char *name = NULL;

	if (sqlite3_prepare_v2(store->database,
	                       "SELECT name FROM received_names WHERE address = ?1"
	                       " AND checked > CASE name WHEN '' THEN ?2 ELSE ?3 END"
	                       " AND checked <= ?4",
	                       -1, &statement, NULL) == SQLITE_OK) {
		store_sqlite_bind_text(statement, 1, address);
		sqlite3_bind_int64(statement, 2, now - STORE_RECEIVED_NAMELESS_S);
		sqlite3_bind_int64(statement, 3, now - STORE_RECEIVED_NAME_S);
		sqlite3_bind_int64(statement, 4, now);
		if (sqlite3_step(statement) == SQLITE_ROW)
			name = arena_string(arena, store_sqlite_text(statement, 0));
	}
	sqlite3_finalize(statement);
	return name;
}

bool store_received_query_keep_name(struct store *store, const char *address, const char *name,
                                    time_t now, struct problem *problem)
{
	sqlite3_stmt *statement = NULL;

	invariant(name != NULL);
	if (sqlite3_prepare_v2(store->database,
	                       "INSERT INTO received_names (address, name, checked) VALUES (?1, ?2,"
	                       " ?3) ON CONFLICT (address) DO UPDATE SET name = excluded.name,"
	                       " checked = excluded.checked",
	                       -1, &statement, NULL) != SQLITE_OK)
		return store_sqlite_fail(store, statement, problem);
	store_sqlite_bind_text(statement, 1, address);
	store_sqlite_bind_text(statement, 2, name);
	sqlite3_bind_int64(statement, 3, now);
	if (sqlite3_step(statement) != SQLITE_DONE)
		return store_sqlite_fail(store, statement, problem);
	sqlite3_finalize(statement);
	return true;
}
