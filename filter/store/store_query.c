/*
 * store_query.c - questions to the SQLite store. `assay report list` and `show` ask them; store.c
 * wrote the answers.
 */
#include "store/store_query.h"
#include "base/invariant.h"
#include "base/log.h"
#include "store/store_guard.h"
#include "store/store_schema.h"
#include "store/store_sqlite.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	BUSY_MS = 5000
};

struct store_query {
	struct store store;
};

/* The reports that one line of the list is about; late rows and changed records make more than one.
 */
#define OF_PERIOD                                                                                  \
	" r.policy_domain = period.policy_domain AND r.period_begin = period.period_begin"         \
	" AND r.period_end = period.period_end AND r.p = period.p"
#define NOW "CAST(strftime('%s', 'now') AS INTEGER)"

static const char period_question[] =
    "WITH period AS (SELECT period_begin, period_end, policy_domain, p, sum(count) AS messages,"
    " sum(count) FILTER (WHERE dmarc = 'pass') AS passed, count(DISTINCT source) AS sources"
    " FROM counted JOIN reports ON reports.id = counted.report"
    " WHERE period_begin >= ?1 AND period_begin < ?2 AND action <> 'tempfail'"
    " GROUP BY period_begin, period_end, policy_domain, p)"
    " SELECT period_begin, period_end, policy_domain, p, messages, passed, sources,"
    " CASE WHEN policy_domain = '' THEN 'no policy' ELSE coalesce((SELECT"
    " CASE WHEN max(state = 'taken') THEN 'waiting'"
    " WHEN max(state = 'open') THEN CASE WHEN period_end > " NOW " THEN 'open' ELSE 'due' END"
    " WHEN max(state = 'failed') THEN 'given up' WHEN max(state = 'sent') THEN 'sent'"
    " WHEN max(state = 'too many') THEN 'too many'"
    " WHEN max(state = 'too old') THEN 'too old' WHEN max(state = 'ahead') THEN 'not sent'"
    " WHEN count(*) > 0 THEN 'nobody' END FROM reports AS r WHERE" OF_PERIOD " AND r.rua <> ''),"
    " 'no address') END,"
    " coalesce((SELECT d.uri || ': ' || d.words FROM reports AS r JOIN deliveries AS d ON d.report "
    "= r.id"
    " WHERE" OF_PERIOD
    " AND d.words <> '' ORDER BY d.state = 'sent', d.changed DESC, d.id LIMIT 1),"
    " (SELECT max(r.words) FROM reports AS r WHERE" OF_PERIOD "), ''),"
    " (SELECT json_group_array(json_object('report_id', r.report_id, 'file_name', r.file_name,"
    " 'state', r.state, 'words', r.words, 'rua', r.rua, 'destinations', json((SELECT"
    " json_group_array(json_object('uri', d.uri, 'state', d.state, 'addresses', d.addresses,"
    " 'attempts', d.attempts, 'changed', d.changed, 'next_attempt', d.next_attempt, 'words', "
    "d.words))"
    " FROM deliveries AS d WHERE d.report = r.id)))) FROM reports AS r WHERE" OF_PERIOD ")"
    " FROM period ORDER BY period_begin DESC, messages DESC, policy_domain";

/* Reports about the domain itself, a name below, or a name above: only these can have rows of it.
 */
#define FROM_DOMAIN                                                                                \
	" FROM counted JOIN reports ON reports.id = counted.report"                                \
	" WHERE period_begin >= ?1 AND period_begin < ?2 AND action <> 'tempfail'"                 \
	" AND (header_from = ?3 OR substr(header_from, -length(?3) - 1) = '.' || ?3)"              \
	" AND (policy_domain = '' OR policy_domain = ?3"                                           \
	" OR substr(policy_domain, -length(?3) - 1) = '.' || ?3"                                   \
	" OR substr(?3, -length(policy_domain) - 1) = '.' || policy_domain)"
#define LIKE_COLUMNS                                                                               \
	"source, header_from, dmarc, disposition, dkim_aligned, spf_aligned, override_type,"       \
	" override_comment, spf_domain, spf_result, dkim"

static const char sender_question[] =
    "SELECT " LIKE_COLUMNS ","
    " (SELECT group_concat(json_extract(value, '$.result') || ' ' || json_extract(value, "
    "'$.domain') || '/'"
    " || json_extract(value, '$.selector'), ', ') FROM json_each(dkim)),"
    " min(first_seen), max(last_seen), sum(count) AS messages" FROM_DOMAIN " GROUP BY " LIKE_COLUMNS
    " ORDER BY messages DESC, source, header_from LIMIT ?4";

static const char total_question[] =
    "SELECT coalesce(sum(messages), 0), coalesce(sum(messages) FILTER (WHERE dmarc = 'pass'), 0),"
    " count(DISTINCT source), count(*) FROM (SELECT source, dmarc, sum(count) AS "
    "messages" FROM_DOMAIN " GROUP BY " LIKE_COLUMNS ")";

static const char sealer_question[] =
    "SELECT sealer, sum(count) AS messages,"
    " coalesce(sum(count) FILTER (WHERE sealer_outcome = 'restored'), 0) AS restored,"
    " coalesce(sum(count) FILTER (WHERE sealer_outcome = 'would restore'), 0) AS would,"
    " count(DISTINCT policy_domain), max(last_seen)"
    " FROM counted JOIN reports ON reports.id = counted.report"
    " WHERE sealer <> '' AND period_begin >= ?1 AND period_begin < ?2 AND action <> 'tempfail'"
    " GROUP BY sealer ORDER BY restored + would DESC, messages DESC, sealer LIMIT ?4";

struct store_query *store_query_open(const char *path, struct problem *problem)
{
	struct store_query *query;
	enum store_outcome outcome;
	int version = 0;

	if (access(path, R_OK) != 0) {
		problem_say(problem, "cannot read the report store %s: %s%s", path, strerror(errno),
		            errno == ENOENT ? "; assayd makes it when it first starts" : "");
		return NULL;
	}
	if (store_guard_files(path, problem) != STORE_DONE)
		return NULL;
	query = calloc(1, sizeof *query);
	if (query == NULL || (query->store.path = strdup(path)) == NULL) {
		free(query);
		problem_say(problem, "no memory to read the report store");
		return NULL;
	}
	if (sqlite3_open_v2(path, &query->store.database, SQLITE_OPEN_READONLY, NULL) !=
	    SQLITE_OK) {
		store_sqlite_error(&query->store, problem);
		store_query_close(query);
		return NULL;
	}
	store_guard_connection(&query->store);
	sqlite3_busy_timeout(query->store.database, BUSY_MS);
	outcome = store_schema_check(&query->store, &version, problem);
	if (outcome == STORE_DONE && version == STORE_SCHEMA_VERSION) {
		log_debug("report store %s: opened to be read", path);
		return query;
	}
	if (outcome == STORE_DONE && version > 0)
		problem_say(problem,
		            "the report store %s was written by an earlier version of Assay: "
		            "restart assayd, which brings it up to date",
		            path);
	else if (outcome == STORE_DONE)
		problem_say(problem, "the report store %s is still empty: assayd fills it", path);
	/* SQLite shares a file beside the store with those who write; while nobody does, it has to
	 * be made */
	if (outcome == STORE_READ_ONLY)
		problem_say(problem,
		            "the report store %s can only be read by root or the daemon's user as "
		            "long as assayd does not run",
		            path);
	store_query_close(query);
	return NULL;
}

struct store *store_query_store(struct store_query *query)
{
	return &query->store;
}

void store_query_close(struct store_query *query)
{
	if (query == NULL)
		return;
	sqlite3_close(query->store.database);
	free(query->store.path);
	free(query);
}

static unsigned long store_query_number(sqlite3_stmt *statement, int column)
{
	return (unsigned long)sqlite3_column_int64(statement, column);
}

/* One question, and who takes its answer, a row at a time. */
struct query_request {
	const char *question;
	const struct store_query_range *range;
	const char *domain; /* NULL: the question is about all */
	long max;           /* where the question has a limit */
	void (*each_row)(sqlite3_stmt *row, const struct query_request *request);
	union {
		store_query_period_function *period;
		store_query_sender_function *sender;
		store_query_sealer_function *sealer;
		struct store_query_total *total;
	} to;
	void *context;
};

static bool store_query_ask(struct store_query *query, const struct query_request *request,
                            struct problem *problem)
{
	sqlite3_stmt *statement = NULL;
	int code;

	invariant(request->each_row != NULL && request->range != NULL);
	code = sqlite3_prepare_v2(query->store.database, request->question, -1, &statement, NULL);
	if (code == SQLITE_OK) {
		sqlite3_bind_int64(statement, 1, request->range->since);
		sqlite3_bind_int64(statement, 2, request->range->before);
		/* a question that has no such parameter takes no notice */
		sqlite3_bind_text(statement, 3, request->domain, -1, SQLITE_STATIC);
		sqlite3_bind_int64(statement, 4, request->max);
		while ((code = sqlite3_step(statement)) == SQLITE_ROW)
			request->each_row(statement, request);
	}
	if (code != SQLITE_DONE)
		store_sqlite_error(&query->store, problem);
	sqlite3_finalize(statement);
	return code == SQLITE_DONE;
}

static void call_period(sqlite3_stmt *row, const struct query_request *request)
{
	const struct store_query_period period = {.begin = (time_t)sqlite3_column_int64(row, 0),
	                                          .end = (time_t)sqlite3_column_int64(row, 1),
	                                          .policy_domain = store_sqlite_text(row, 2),
	                                          .p = store_sqlite_text(row, 3),
	                                          .messages = store_query_number(row, 4),
	                                          .passed = store_query_number(row, 5),
	                                          .sources = store_query_number(row, 6),
	                                          .report = store_sqlite_text(row, 7),
	                                          .text = store_sqlite_text(row, 8),
	                                          .reports = store_sqlite_text(row, 9)};

	request->to.period(&period, request->context);
}

bool store_query_periods(struct store_query *query, const struct store_query_range *range,
                         store_query_period_function *each, void *context, struct problem *problem)
{
	const struct query_request request = {.question = period_question,
	                                      .range = range,
	                                      .each_row = call_period,
	                                      .to.period = each,
	                                      .context = context};

	return store_query_ask(query, &request, problem);
}

static void call_sender(sqlite3_stmt *row, const struct query_request *request)
{
	const struct store_query_sender sender = {.source = store_sqlite_text(row, 0),
	                                          .header_from = store_sqlite_text(row, 1),
	                                          .dmarc = store_sqlite_text(row, 2),
	                                          .disposition = store_sqlite_text(row, 3),
	                                          .dkim_aligned = store_sqlite_text(row, 4),
	                                          .spf_aligned = store_sqlite_text(row, 5),
	                                          .override_type = store_sqlite_text(row, 6),
	                                          .override_comment = store_sqlite_text(row, 7),
	                                          .spf_domain = store_sqlite_text(row, 8),
	                                          .spf_result = store_sqlite_text(row, 9),
	                                          .dkim = store_sqlite_text(row, 10),
	                                          .dkim_words = store_sqlite_text(row, 11),
	                                          .first = (time_t)sqlite3_column_int64(row, 12),
	                                          .last = (time_t)sqlite3_column_int64(row, 13),
	                                          .messages = store_query_number(row, 14)};

	request->to.sender(&sender, request->context);
}

bool store_query_senders(struct store_query *query, const char *domain,
                         const struct store_query_range *range, long max,
                         store_query_sender_function *each, void *context, struct problem *problem)
{
	const struct query_request request = {.question = sender_question,
	                                      .range = range,
	                                      .domain = domain,
	                                      .max = max,
	                                      .each_row = call_sender,
	                                      .to.sender = each,
	                                      .context = context};

	return store_query_ask(query, &request, problem);
}

static void call_sealer(sqlite3_stmt *row, const struct query_request *request)
{
	const struct store_query_sealer sealer = {.domain = store_sqlite_text(row, 0),
	                                          .messages = store_query_number(row, 1),
	                                          .restored = store_query_number(row, 2),
	                                          .would_restore = store_query_number(row, 3),
	                                          .authors = store_query_number(row, 4),
	                                          .last = (time_t)sqlite3_column_int64(row, 5)};

	request->to.sealer(&sealer, request->context);
}

bool store_query_sealers(struct store_query *query, const struct store_query_range *range, long max,
                         store_query_sealer_function *each, void *context, struct problem *problem)
{
	const struct query_request request = {.question = sealer_question,
	                                      .range = range,
	                                      .max = max,
	                                      .each_row = call_sealer,
	                                      .to.sealer = each,
	                                      .context = context};

	return store_query_ask(query, &request, problem);
}

static void read_total(sqlite3_stmt *row, const struct query_request *request)
{
	*request->to.total = (struct store_query_total){.messages = store_query_number(row, 0),
	                                                .passed = store_query_number(row, 1),
	                                                .sources = store_query_number(row, 2),
	                                                .rows = store_query_number(row, 3)};
}

bool store_query_totals(struct store_query *query, const char *domain,
                        const struct store_query_range *range, struct store_query_total *total,
                        struct problem *problem)
{
	const struct query_request request = {.question = total_question,
	                                      .range = range,
	                                      .domain = domain,
	                                      .each_row = read_total,
	                                      .to.total = total};

	return store_query_ask(query, &request, problem);
}
