/*
 * store_received_browse.c - see store_received_browse.h.
 */
#include "store/store_received_browse.h"

#include <sqlite3.h>

#include "base/invariant.h"
#include "store/store_sqlite.h"

/* A question in SQL, what it is about, and who takes its answer, a row at a time. */
struct browse_ask {
	const char *text;
	int64_t number;                 /* ?1 */
	int64_t max;                    /* ?2 */
	const char *domain, *source;    /* ?3, ?4 */
	struct store_query_range range; /* ?5, ?6 */
	void (*row)(sqlite3_stmt *row, const struct browse_ask *ask);
	union {
		received_listed_function *report;
		received_record_function *record;
		received_listed_tls_function *tls;
		received_policy_function *policy;
		received_source_function *source;
	} to;
	void *context;
};

/* Binding what a question has no place for fails without harm. */
static bool browse_run(struct store_query *query, const struct browse_ask *ask,
                       struct problem *problem)
{
	struct store *store = store_query_store(query);
	sqlite3_stmt *statement = NULL;
	int code = sqlite3_prepare_v2(store->database, ask->text, -1, &statement, NULL);

	invariant(ask->row != NULL && ask->max >= 0);
	if (code == SQLITE_OK) {
		sqlite3_bind_int64(statement, 1, ask->number);
		sqlite3_bind_int64(statement, 2, ask->max);
		sqlite3_bind_text(statement, 3, ask->domain, -1, SQLITE_STATIC);
		sqlite3_bind_text(statement, 4, ask->source, -1, SQLITE_STATIC);
		sqlite3_bind_int64(statement, 5, ask->range.since);
		sqlite3_bind_int64(statement, 6, ask->range.before);
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

#define REPORT                                                                                     \
	"SELECT id, kind, reporter, domain, report_id, organization, email, why, place, p, sp,"    \
	" np, adkim, aspf, pct, fo, testing, discovery, generator, repairs, trusted, range_begin," \
	" range_end, got, messages, records, repeated FROM received "

static void browse_report(sqlite3_stmt *row, const struct browse_ask *ask)
{
	const struct received_listed report = {.number = sqlite3_column_int64(row, 0),
	                                       .kind = store_sqlite_text(row, 1),
	                                       .reporter = store_sqlite_text(row, 2),
	                                       .domain = store_sqlite_text(row, 3),
	                                       .report_id = store_sqlite_text(row, 4),
	                                       .organization = store_sqlite_text(row, 5),
	                                       .email = store_sqlite_text(row, 6),
	                                       .why = store_sqlite_text(row, 7),
	                                       .place = store_sqlite_text(row, 8),
	                                       .p = store_sqlite_text(row, 9),
	                                       .sp = store_sqlite_text(row, 10),
	                                       .np = store_sqlite_text(row, 11),
	                                       .adkim = store_sqlite_text(row, 12),
	                                       .aspf = store_sqlite_text(row, 13),
	                                       .pct = store_sqlite_text(row, 14),
	                                       .fo = store_sqlite_text(row, 15),
	                                       .testing = store_sqlite_text(row, 16),
	                                       .discovery = store_sqlite_text(row, 17),
	                                       .generator = store_sqlite_text(row, 18),
	                                       .repairs = store_sqlite_text(row, 19),
	                                       .trusted = sqlite3_column_int(row, 20) != 0,
	                                       .begin = sqlite3_column_int64(row, 21),
	                                       .end = sqlite3_column_int64(row, 22),
	                                       .got = sqlite3_column_int64(row, 23),
	                                       .messages = sqlite3_column_int64(row, 24),
	                                       .records = sqlite3_column_int64(row, 25),
	                                       .repeated =
	                                           (unsigned long)sqlite3_column_int64(row, 26)};

	ask->to.report(&report, ask->context);
}

bool store_received_browse_newest(struct store_query *query, const char *domain, long max,
                                  received_listed_function *each, void *context,
                                  struct problem *problem)
{
	const struct browse_ask ask = {
	    .text = domain == NULL ? REPORT "ORDER BY got DESC, id DESC LIMIT ?2"
	                           : REPORT "WHERE domain = ?3 ORDER BY range_end DESC, id DESC"
	                                    " LIMIT ?2",
	    .max = max,
	    .domain = domain,
	    .row = browse_report,
	    .to.report = each,
	    .context = context};

	return browse_run(query, &ask, problem);
}

bool store_received_browse_one(struct store_query *query, int64_t number,
                               received_listed_function *each, void *context,
                               struct problem *problem)
{
	const struct browse_ask ask = {.text = REPORT "WHERE id = ?1",
	                               .number = number,
	                               .row = browse_report,
	                               .to.report = each,
	                               .context = context};

	return browse_run(query, &ask, problem);
}

static void browse_record(sqlite3_stmt *row, const struct browse_ask *ask)
{
	const struct received_listed_record record = {
	    .count = sqlite3_column_int64(row, 0),
	    .source = store_sqlite_text(row, 1),
	    .disposition = store_sqlite_text(row, 2),
	    .dkim_aligned = sqlite3_column_int(row, 3) != 0,
	    .spf_aligned = sqlite3_column_int(row, 4) != 0,
	    .override_type = store_sqlite_text(row, 5),
	    .override_comment = store_sqlite_text(row, 6),
	    .header_from = store_sqlite_text(row, 7),
	    .envelope_from = store_sqlite_text(row, 8),
	    .spf_domain = store_sqlite_text(row, 9),
	    .spf_result = store_sqlite_text(row, 10),
	    .dkim = store_sqlite_text(row, 11)};

	ask->to.record(&record, ask->context);
}

bool store_received_browse_records(struct store_query *query, int64_t number, long max,
                                   received_record_function *each, void *context,
                                   struct problem *problem)
{
	const struct browse_ask ask = {
	    .text = "SELECT count, source, disposition, dkim_aligned, spf_aligned, override_type,"
	            " override_comment, header_from, envelope_from, spf_domain, spf_result,"
	            " CASE WHEN json_valid(dkim) THEN (SELECT group_concat("
	            "coalesce(json_extract(value, '$.result'), '') || ' ' ||"
	            " coalesce(json_extract(value, '$.domain'), '') || '/' ||"
	            " coalesce(json_extract(value, '$.selector'), ''), ', ') FROM json_each(dkim))"
	            " ELSE dkim END FROM received_records WHERE report = ?1 ORDER BY count DESC,"
	            " place LIMIT ?2",
	    .number = number,
	    .max = max,
	    .row = browse_record,
	    .to.record = each,
	    .context = context};

	return browse_run(query, &ask, problem);
}

static void browse_tls(sqlite3_stmt *row, const struct browse_ask *ask)
{
	const struct received_listed_tls tls = {.type = store_sqlite_text(row, 0),
	                                        .domain = store_sqlite_text(row, 1),
	                                        .mx = store_sqlite_text(row, 2),
	                                        .reason = store_sqlite_text(row, 3),
	                                        .receiving_host = store_sqlite_text(row, 4),
	                                        .sending_address = store_sqlite_text(row, 5),
	                                        .successes = sqlite3_column_int64(row, 6),
	                                        .failures = sqlite3_column_int64(row, 7)};

	ask->to.tls(&tls, ask->context);
}

bool store_received_browse_tls(struct store_query *query, int64_t number, long max,
                               received_listed_tls_function *each, void *context,
                               struct problem *problem)
{
	const struct browse_ask ask = {
	    .text = "SELECT type, domain, mx, '', '', '', successes, failures, place AS policy,"
	            " -1 AS place FROM received_tls WHERE report = ?1 UNION ALL"
	            " SELECT '', '', '', result_type || CASE reason WHEN '' THEN '' ELSE ': ' ||"
	            " reason END, receiving_host, sending_address, 0, count, policy, place"
	            " FROM received_tls_failures WHERE report = ?1 ORDER BY policy, place LIMIT ?2",
	    .number = number,
	    .max = max,
	    .row = browse_tls,
	    .to.tls = each,
	    .context = context};

	return browse_run(query, &ask, problem);
}

static void browse_policy(sqlite3_stmt *row, const struct browse_ask *ask)
{
	const struct received_policy_seen policy = {
	    .p = store_sqlite_text(row, 0),
	    .sp = store_sqlite_text(row, 1),
	    .np = store_sqlite_text(row, 2),
	    .adkim = store_sqlite_text(row, 3),
	    .aspf = store_sqlite_text(row, 4),
	    .pct = store_sqlite_text(row, 5),
	    .testing = store_sqlite_text(row, 6),
	    .first = (time_t)sqlite3_column_int64(row, 7),
	    .last = (time_t)sqlite3_column_int64(row, 8),
	    .reports = (unsigned long)sqlite3_column_int64(row, 9)};

	ask->to.policy(&policy, ask->context);
}

bool store_received_browse_policies(struct store_query *query,
                                    const struct received_question *question, long max,
                                    received_policy_function *each, void *context,
                                    struct problem *problem)
{
	const struct browse_ask ask = {
	    .text = "SELECT p, sp, np, adkim, aspf, pct, testing, min(range_begin), max(range_end),"
	            " count(*) FROM received WHERE domain = ?3 AND kind = 'dmarc' AND trusted = 1"
	            " AND range_end >= ?5 AND range_end < ?6 GROUP BY p, sp, np, adkim, aspf, pct,"
	            " testing ORDER BY max(range_end) DESC, count(*) DESC LIMIT ?2",
	    .max = max,
	    .domain = question->domain,
	    .range = question->range,
	    .row = browse_policy,
	    .to.policy = each,
	    .context = context};

	invariant(question->domain != NULL);
	return browse_run(query, &ask, problem);
}

static void browse_source(sqlite3_stmt *row, const struct browse_ask *ask)
{
	const struct received_source_row source = {
	    .source = ask->source,
	    .signer = store_sqlite_text(row, 1),
	    .spf_domain = store_sqlite_text(row, 2),
	    .spf_result = store_sqlite_text(row, 3),
	    .first = (time_t)sqlite3_column_int64(row, 0),
	    .last = (time_t)sqlite3_column_int64(row, 0),
	    .numbers = {.messages = sqlite3_column_int64(row, 4),
	                .both_aligned = sqlite3_column_int64(row, 5),
	                .dkim_only = sqlite3_column_int64(row, 6),
	                .spf_only = sqlite3_column_int64(row, 7),
	                .forwarded = sqlite3_column_int64(row, 8),
	                .failing = sqlite3_column_int64(row, 9),
	                .listed = sqlite3_column_int64(row, 10),
	                .quarantined = sqlite3_column_int64(row, 11),
	                .rejected = sqlite3_column_int64(row, 12),
	                .broken = sqlite3_column_int64(row, 13)}};

	ask->to.source(&source, ask->context);
}

bool store_received_browse_source(struct store_query *query,
                                  const struct received_question *question, const char *source,
                                  long max, received_source_function *each, void *context,
                                  struct problem *problem)
{
	const struct browse_ask ask = {
	    .text = "SELECT day, signer, spf_domain, spf_result, messages, both_aligned, dkim_only,"
	            " spf_only, forwarded, failing, listed, quarantined, rejected, broken FROM"
	            " received_sources WHERE domain = ?3 AND day >= ?5 AND day < ?6 AND source = ?4"
	            " ORDER BY day DESC, messages DESC LIMIT ?2",
	    .max = max,
	    .domain = question->domain,
	    .source = source,
	    .range = question->range,
	    .row = browse_source,
	    .to.source = each,
	    .context = context};

	invariant(question->domain != NULL && source != NULL);
	return browse_run(query, &ask, problem);
}
