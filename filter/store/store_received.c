/*
 * store_received.c - a report of others comes into the store: its head, its records and its sums in
 * one transaction. Called by the reader (received/). What makes it one report is hashed with the
 * store's key, so that a long report id costs no more of the index than a short one.
 *
 * What strangers can add has a ceiling: a reporter has RECORDS_A_DAY records of a day of arrival,
 * all of them together ten times as many. What comes beyond is kept like what is not trusted: its
 * head and a few records, and of these reports the newest UNTRUSTED_MAX.
 */
#include "store/store_received.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "base/domain.h"
#include "base/invariant.h"
#include "base/log.h"
#include "rows/json_text.h"
#include "store/received_sums.h"
#include "store/store_sqlite.h"

enum {
	DAY = 24 * 60 * 60,
	RECORDS_A_DAY = RECEIVED_RECORDS_MAX,
	RECORDS_OF_ALL = 10 * RECORDS_A_DAY,
	UNTRUSTED_MAX = 10000,
	UNTRUSTED_RECORDS_MAX = 100,
	SIGNATURES_MAX = 10, /* of a record that are kept */
	COMMENT_MAX = 512,   /* octets of a text of a record that is kept */
	JSON_MAX = 16384
};

/* What the functions here have in common. */
struct receiving {
	struct store *store;
	const struct received_report *report;
	const struct received_arrival *arrival;
	struct identity identity;
	bool trusted;    /* and within the ceiling */
	const char *why; /* not */
	int64_t number;  /* of the line in `received` */
	struct arena *arena;
};

static const char *received_text(const char *text)
{
	return text == NULL ? "" : text;
}

/* Each member with its length before it: no two reports make the same text. */
static struct identity receiving_identity(const struct receiving *receiving)
{
	const struct received_report *report = receiving->report;
	const char *members[] = {received_kind_names[report->kind],
	                         received_text(receiving->arrival->reporter),
	                         received_text(report->domain), received_text(report->report_id)};
	struct text text;

	text_begin(&text, receiving->arena, (size_t)8 * RECEIVED_TEXT_MAX);
	for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
		text_add_format(&text, "%zu:", strlen(members[i]));
		text_add(&text, members[i]);
	}
	text_add_format(&text, "%d %lld %lld", receiving->trusted, (long long)report->begin,
	                (long long)report->end);
	return identity_of(&receiving->store->key, 0, text.bytes, text.length);
}

static sqlite3_stmt *received_prepare(struct receiving *receiving, const char *text)
{
	sqlite3_stmt *statement = NULL;

	sqlite3_prepare_v2(receiving->store->database, text, -1, &statement, NULL);
	return statement;
}

/* Ends with the statement. */
static bool received_finish(sqlite3_stmt *statement)
{
	bool good = statement != NULL && sqlite3_step(statement) == SQLITE_DONE;

	return sqlite3_finalize(statement) == SQLITE_OK && good;
}

/* The one number that a question about the time of arrival has for an answer; -1: SQLite failed. */
static int64_t records_since(struct receiving *receiving, const char *question)
{
	sqlite3_stmt *statement = received_prepare(receiving, question);
	int64_t number = -1;

	if (statement == NULL)
		return -1;
	sqlite3_bind_int64(statement, 1, receiving->arrival->received - DAY);
	sqlite3_bind_int64(statement, 2, receiving->arrival->received);
	if (sqlite3_bind_parameter_count(statement) > 2)
		store_sqlite_bind_text(statement, 3, received_text(receiving->arrival->reporter));
	if (sqlite3_step(statement) == SQLITE_ROW)
		number = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	return number;
}

static bool check_ceiling(struct receiving *receiving)
{
	static const char of_all[] = "SELECT coalesce(sum(records), 0) FROM received"
	                             " WHERE got > ?1 AND got <= ?2 AND trusted = 1";
	static const char of_reporter[] = "SELECT coalesce(sum(records), 0) FROM received"
	                                  " WHERE got > ?1 AND got <= ?2 AND trusted = 1"
	                                  " AND reporter = ?3";
	int64_t count = (int64_t)receiving->report->record_count;
	int64_t mine, all;

	if (!receiving->trusted)
		return true;
	mine = records_since(receiving, of_reporter);
	all = records_since(receiving, of_all);
	if (mine > RECORDS_A_DAY - count || all > RECORDS_OF_ALL - count) {
		receiving->trusted = false;
		receiving->why = "more records came within a day than the store takes";
		receiving->identity = receiving_identity(receiving);
	}
	return mine >= 0 && all >= 0;
}

static void bind_report(sqlite3_stmt *statement, const struct receiving *receiving,
                        const char *repairs)
{
	const struct received_report *report = receiving->report;
	const struct received_arrival *arrival = receiving->arrival;
	const char *texts[] = {received_text(report->organization),
	                       received_text(report->email),
	                       receiving->trusted ? "" : received_text(receiving->why),
	                       received_text(arrival->place),
	                       received_text(report->p),
	                       received_text(report->sp),
	                       received_text(report->np),
	                       received_text(report->adkim),
	                       received_text(report->aspf),
	                       received_text(report->pct),
	                       received_text(report->fo),
	                       received_text(report->testing),
	                       received_text(report->discovery),
	                       received_text(report->generator),
	                       repairs};

	store_sqlite_bind_identity(statement, 1, &receiving->identity);
	store_sqlite_bind_text(statement, 2, received_kind_names[report->kind]);
	store_sqlite_bind_text(statement, 3, received_text(arrival->reporter));
	sqlite3_bind_int(statement, 4, receiving->trusted);
	store_sqlite_bind_text(statement, 5, received_text(report->domain));
	store_sqlite_bind_text(statement, 6, received_text(report->report_id));
	sqlite3_bind_int64(statement, 7, report->begin);
	sqlite3_bind_int64(statement, 8, report->end);
	sqlite3_bind_int64(statement, 9, arrival->received);
	sqlite3_bind_int64(statement, 10, report->messages);
	sqlite3_bind_int64(statement, 11, (sqlite3_int64)report->record_count);
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		store_sqlite_bind_text(statement, 12 + (int)i, texts[i]);
}

/* `added`: it was not there. */
static bool add_head(struct receiving *receiving, bool *added)
{
	sqlite3_stmt *statement = received_prepare(
	    receiving,
	    "INSERT INTO received (identity, kind, reporter, trusted, domain, report_id,"
	    " range_begin, range_end, got, messages, records, organization, email, why, place, p,"
	    " sp, np, adkim, aspf, pct, fo, testing, discovery, generator, repairs, repeated)"
	    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17,"
	    " ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, 0) ON CONFLICT (identity) DO NOTHING");
	struct text repairs;

	if (statement == NULL)
		return false;
	text_begin(&repairs, receiving->arena, RECEIVED_TEXT_MAX);
	for (size_t i = 0; i < receiving->report->repair_count; i++) {
		text_add(&repairs, i > 0 ? "\n" : "");
		text_add(&repairs, receiving->report->repairs[i]);
	}
	bind_report(statement, receiving, repairs.bytes);
	if (!received_finish(statement))
		return false;
	*added = sqlite3_changes(receiving->store->database) == 1;
	if (*added)
		receiving->number = sqlite3_last_insert_rowid(receiving->store->database);
	return true;
}

static bool count_repetition(struct receiving *receiving)
{
	sqlite3_stmt *statement = received_prepare(
	    receiving, "UPDATE received SET repeated = repeated + 1 WHERE identity = ?1");

	if (statement == NULL)
		return false;
	store_sqlite_bind_identity(statement, 1, &receiving->identity);
	return received_finish(statement);
}

static const char *signatures_json(const struct received_record *record, struct arena *arena)
{
	struct text text;

	text_begin(&text, arena, JSON_MAX);
	text_add(&text, "[");
	for (size_t i = 0; i < record->signature_count && i < SIGNATURES_MAX; i++) {
		const struct received_signature *signature = &record->signatures[i];

		text_add(&text, i > 0 ? ",{" : "{");
		json_text_add_member(
		    &text, "domain",
		    text_excerpt(arena, received_text(signature->domain), DOMAIN_MAX));
		text_add(&text, ",");
		json_text_add_member(
		    &text, "selector",
		    text_excerpt(arena, received_text(signature->selector), DOMAIN_MAX));
		text_add(&text, ",");
		json_text_add_member(
		    &text, "result",
		    text_excerpt(arena, received_text(signature->result), LABEL_MAX));
		text_add(&text, "}");
	}
	text_add(&text, "]");
	return text.cut ? "[]" : text.bytes;
}

static void bind_record(sqlite3_stmt *statement, const struct received_record *record,
                        struct arena *arena)
{
	const char *texts[] = {
	    received_text(record->override_type), received_text(record->override_comment),
	    received_text(record->header_from),   received_text(record->envelope_from),
	    received_text(record->envelope_to),   received_text(record->spf_domain),
	    received_text(record->spf_scope),     received_text(record->spf_result)};

	sqlite3_bind_int64(statement, 3, record->count);
	store_sqlite_bind_text(statement, 4, received_text(record->source));
	store_sqlite_bind_text(statement, 5, received_text(record->disposition));
	sqlite3_bind_int(statement, 6, record->dkim_aligned);
	sqlite3_bind_int(statement, 7, record->spf_aligned);
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		store_sqlite_bind_text(statement, 8 + (int)i,
		                       text_excerpt(arena, texts[i], COMMENT_MAX));
	store_sqlite_bind_text(statement, 16, signatures_json(record, arena));
}

static bool received_step(sqlite3_stmt *statement)
{
	bool good = sqlite3_step(statement) == SQLITE_DONE;

	return sqlite3_reset(statement) == SQLITE_OK && good;
}

static bool add_records(struct receiving *receiving)
{
	const struct received_report *report = receiving->report;
	sqlite3_stmt *statement = received_prepare(
	    receiving,
	    "INSERT INTO received_records (report, place, count, source, disposition,"
	    " dkim_aligned, spf_aligned, override_type, override_comment, header_from,"
	    " envelope_from, envelope_to, spf_domain, spf_scope, spf_result, dkim) VALUES"
	    " (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)");
	struct arena *arena = arena_new();
	size_t max = receiving->trusted ? report->record_count : UNTRUSTED_RECORDS_MAX;
	bool good = statement != NULL;

	for (size_t i = 0; good && i < report->record_count && i < max; i++) {
		sqlite3_bind_int64(statement, 1, receiving->number);
		sqlite3_bind_int64(statement, 2, (sqlite3_int64)i);
		bind_record(statement, &report->records[i], arena);
		good = received_step(statement);
		arena_reset(arena);
	}
	sqlite3_finalize(statement);
	arena_free(arena);
	return good;
}

static bool add_failures(struct receiving *receiving, size_t place, size_t *left)
{
	const struct received_tls_policy *policy = &receiving->report->policies[place];
	sqlite3_stmt *statement = received_prepare(
	    receiving, "INSERT INTO received_tls_failures (report, policy, place, result_type,"
	               " sending_address, receiving_host, receiving_address, count, reason) VALUES"
	               " (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)");
	bool good = statement != NULL;

	for (size_t i = 0; good && i<policy->failure_count && * left> 0; i++, --*left) {
		const struct received_tls_failure *failure = &policy->failure[i];

		sqlite3_bind_int64(statement, 1, receiving->number);
		sqlite3_bind_int64(statement, 2, (sqlite3_int64)place);
		sqlite3_bind_int64(statement, 3, (sqlite3_int64)i);
		store_sqlite_bind_text(statement, 4, received_text(failure->result_type));
		store_sqlite_bind_text(statement, 5, received_text(failure->sending_address));
		store_sqlite_bind_text(statement, 6, received_text(failure->receiving_host));
		store_sqlite_bind_text(statement, 7, received_text(failure->receiving_address));
		sqlite3_bind_int64(statement, 8, failure->count);
		store_sqlite_bind_text(
		    statement, 9,
		    text_excerpt(receiving->arena, received_text(failure->reason), COMMENT_MAX));
		good = received_step(statement);
	}
	sqlite3_finalize(statement);
	return good;
}

static bool add_policies(struct receiving *receiving)
{
	const struct received_report *report = receiving->report;
	sqlite3_stmt *statement = received_prepare(
	    receiving, "INSERT INTO received_tls (report, place, type, domain, mx, successes,"
	               " failures) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)");
	size_t left = receiving->trusted ? RECEIVED_RECORDS_MAX : UNTRUSTED_RECORDS_MAX;
	bool good = statement != NULL;

	for (size_t i = 0; good && i < report->policy_count && left > 0; i++, left--) {
		const struct received_tls_policy *policy = &report->policies[i];

		sqlite3_bind_int64(statement, 1, receiving->number);
		sqlite3_bind_int64(statement, 2, (sqlite3_int64)i);
		store_sqlite_bind_text(statement, 3, received_text(policy->type));
		store_sqlite_bind_text(statement, 4, received_text(policy->domain));
		store_sqlite_bind_text(statement, 5, received_text(policy->mx_host));
		sqlite3_bind_int64(statement, 6, policy->successes);
		sqlite3_bind_int64(statement, 7, policy->failures);
		good = received_step(statement);
		if (good)
			good = add_failures(receiving, i, &left);
		if (left == 0)
			break;
	}
	sqlite3_finalize(statement);
	return good;
}

/* One comes, so at most one goes. */
static bool drop_oldest_untrusted(struct receiving *receiving)
{
#define OLDEST                                                                                     \
	"(SELECT id FROM received WHERE trusted = 0 AND"                                           \
	" (SELECT count(*) FROM received WHERE trusted = 0) > ?1 ORDER BY got LIMIT 1)"
	static const char *const steps[] = {
	    "DELETE FROM received_records WHERE report IN " OLDEST,
	    "DELETE FROM received_tls WHERE report IN " OLDEST,
	    "DELETE FROM received_tls_failures WHERE report IN " OLDEST,
	    "DELETE FROM received WHERE id IN " OLDEST};
#undef OLDEST
	for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
		sqlite3_stmt *statement = received_prepare(receiving, steps[i]);

		if (statement == NULL)
			return false;
		sqlite3_bind_int64(statement, 1, UNTRUSTED_MAX);
		if (!received_finish(statement))
			return false;
	}
	return true;
}

static bool count_outcome(struct receiving *receiving, enum received_outcome outcome)
{
	sqlite3_stmt *statement = received_prepare(
	    receiving, "INSERT INTO received_counts (kind, outcome, count) VALUES (?1, ?2, 1) ON"
	               " CONFLICT (kind, outcome) DO UPDATE SET count = received_counts.count + 1");

	if (statement == NULL)
		return false;
	store_sqlite_bind_text(statement, 1, received_kind_names[receiving->report->kind]);
	store_sqlite_bind_text(statement, 2, received_outcome_names[outcome]);
	return received_finish(statement);
}

/* Everything within the transaction. */
static bool add_report(struct receiving *receiving, enum received_outcome *outcome)
{
	bool added = false;

	if (!check_ceiling(receiving) || !add_head(receiving, &added))
		return false;
	*outcome = !added               ? RECEIVED_DUPLICATE
	           : receiving->trusted ? RECEIVED_STORED
	                                : RECEIVED_UNTRUSTED;
	if (!count_outcome(receiving, *outcome))
		return false;
	if (!added)
		return count_repetition(receiving);
	if (!add_records(receiving) || !add_policies(receiving))
		return false;
	if (!receiving->trusted)
		return drop_oldest_untrusted(receiving);
	return received_sums_add(receiving->store, receiving->report, receiving->arrival);
}

const char *const received_outcome_names[] = {[RECEIVED_STORED] = "stored",
                                              [RECEIVED_DUPLICATE] = "duplicate",
                                              [RECEIVED_UNTRUSTED] = "untrusted",
                                              NULL};

static enum store_outcome received_transaction(struct receiving *receiving,
                                               enum received_outcome *outcome,
                                               struct problem *problem)
{
	struct store *store = receiving->store;
	enum store_outcome failed;

	if (store_sqlite_run(store, STATEMENT_BEGIN) && add_report(receiving, outcome) &&
	    store_sqlite_run(store, STATEMENT_COMMIT)) {
		log_debug("report store %s: received report %lld: %s", store->path,
		          (long long)receiving->number, received_outcome_names[*outcome]);
		return STORE_DONE;
	}
	failed = store_sqlite_error(store, problem);
	/* SQLite has rolled back by itself after some errors */
	if (!sqlite3_get_autocommit(store->database))
		store_sqlite_run(store, STATEMENT_ROLLBACK);
	return failed;
}

enum store_outcome store_received_add(struct store *store, const struct received_report *report,
                                      const struct received_arrival *arrival,
                                      enum received_outcome *outcome, struct problem *problem)
{
	struct receiving receiving = {.store = store,
	                              .report = report,
	                              .arrival = arrival,
	                              .trusted = arrival->trusted,
	                              .why = arrival->why,
	                              .arena = arena_new()};
	enum store_outcome result;

	invariant(report->kind <= RECEIVED_FAILURE && report->record_count <= RECEIVED_RECORDS_MAX);
	invariant(!arrival->trusted || (arrival->reporter != NULL && report->domain != NULL));
	receiving.identity = receiving_identity(&receiving);
	result = received_transaction(&receiving, outcome, problem);
	arena_free(receiving.arena);
	return result;
}
