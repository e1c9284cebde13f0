/*
 * received_sums.c - a received report added to the daily sums. See received_sums.h.
 */
#include "store/received_sums.h"

#include <sqlite3.h>
#include <string.h>

#include "base/domain.h"
#include "base/invariant.h"

enum {
	DAY = 24 * 60 * 60,
	HOUR = 60 * 60
};

/* One set of numbers: the columns of the sums, in their order. */
enum received_number {
	NUMBER_MESSAGES,
	NUMBER_BOTH,
	NUMBER_DKIM,
	NUMBER_SPF,
	NUMBER_FORWARDED,
	NUMBER_LISTED,
	NUMBER_FAILING,
	NUMBER_QUARANTINED,
	NUMBER_REJECTED,
	NUMBER_BROKEN,
	NUMBERS
};

#define NUMBER_COLUMNS                                                                             \
	"messages, both_aligned, dkim_only, spf_only, forwarded, listed, failing, quarantined,"    \
	" rejected, broken"
#define ADD_UP(table)                                                                              \
	" DO UPDATE SET messages = " table ".messages + excluded.messages,"                        \
	" both_aligned = " table ".both_aligned + excluded.both_aligned,"                          \
	" dkim_only = " table ".dkim_only + excluded.dkim_only,"                                   \
	" spf_only = " table ".spf_only + excluded.spf_only,"                                      \
	" forwarded = " table ".forwarded + excluded.forwarded,"                                   \
	" listed = " table ".listed + excluded.listed,"                                            \
	" failing = " table ".failing + excluded.failing,"                                         \
	" quarantined = " table ".quarantined + excluded.quarantined,"                             \
	" rejected = " table ".rejected + excluded.rejected,"                                      \
	" broken = " table ".broken + excluded.broken"

static const char add_day[] =
    "INSERT INTO received_days (domain, day, reporter, " NUMBER_COLUMNS ") VALUES"
    " (?1, ?2, ?3, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)"
    " ON CONFLICT (domain, day, reporter)" ADD_UP("received_days");

static const char add_source[] =
    "INSERT INTO received_sources (domain, day, source, signer, spf_domain, spf_result,"
    " " NUMBER_COLUMNS ") VALUES"
    " (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)"
    " ON CONFLICT (domain, day, source, signer, spf_domain, spf_result)" ADD_UP("received_sources");

static const char add_tls[] =
    "INSERT INTO received_tls_days (domain, day, reporter, mx, type, successes, failures)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (domain, day, reporter, mx, type) DO UPDATE"
    " SET successes = received_tls_days.successes + excluded.successes,"
    " failures = received_tls_days.failures + excluded.failures";

static const char add_reason[] =
    "INSERT INTO received_tls_reasons (domain, day, mx, reason, failures)"
    " VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (domain, day, mx, reason) DO UPDATE"
    " SET failures = received_tls_reasons.failures + excluded.failures";

/* A count spread over days: what does not divide goes to the next days in turn, so that many small
 * records do not all end on the first one. */
struct spread {
	int64_t first;
	int days, turn;
};

int received_sums_days(int64_t begin, int64_t end, int64_t *first)
{
	int64_t length = end > begin ? end - begin : 0;
	int64_t days = (length + DAY - HOUR) / DAY;
	int64_t middle = begin + length / 2;

	days = days < 1 ? 1 : days > RECEIVED_DAYS_MAX ? RECEIVED_DAYS_MAX : days;
	middle -= (days - 1) * (DAY / 2);
	*first = middle - (middle % DAY + DAY) % DAY;
	return (int)days;
}

static struct spread spread_of(const struct received_report *report)
{
	struct spread spread = {.turn = 0};

	spread.days = received_sums_days(report->begin, report->end, &spread.first);
	if (report->record_count > RECEIVED_SPLIT_MAX) {
		spread.first += spread.days / 2 * (int64_t)DAY;
		spread.days = 1;
	}
	return spread;
}

/* What of `count` belongs to this day. */
static int64_t received_share(const struct spread *spread, int day, int64_t count)
{
	int place = (day - spread->turn + spread->days) % spread->days;

	return count / spread->days + (place < count % spread->days);
}

static void next_turn(struct spread *spread, int64_t count)
{
	spread->turn = (int)((spread->turn + count) % spread->days);
}

static const char *sums_text(const char *text)
{
	return text == NULL ? "" : text;
}

static bool is_own(const char *signer, const struct received_record *record, const char *domain)
{
	return domain_within(signer, domain) ||
	       (record->header_from != NULL && domain_within(record->header_from, signer));
}

const char *received_sums_signer(const struct received_record *record, const char *domain)
{
	for (size_t i = 0; i < record->signature_count; i++) {
		const struct received_signature *signature = &record->signatures[i];

		if (signature->domain != NULL &&
		    strcmp(sums_text(signature->result), "pass") == 0 &&
		    !is_own(signature->domain, record, domain))
			return signature->domain;
	}
	return "";
}

/* Did a signature of the author's fail while none of them passed? */
static bool is_broken(const struct received_record *record, const char *domain)
{
	bool failed = false;

	for (size_t i = 0; i < record->signature_count && !record->dkim_aligned; i++) {
		const struct received_signature *signature = &record->signatures[i];

		if (signature->domain == NULL || !is_own(signature->domain, record, domain))
			continue;
		if (strcmp(sums_text(signature->result), "pass") == 0)
			return false;
		failed = failed || strcmp(sums_text(signature->result), "fail") == 0;
	}
	return failed;
}

/* The reporter says that somebody on the way is to blame, not the author. */
static bool was_forwarded(const struct received_record *record)
{
	const char *type = sums_text(record->override_type);

	return strcmp(type, "forwarded") == 0 || strcmp(type, "mailing_list") == 0 ||
	       strcmp(type, "trusted_forwarder") == 0 ||
	       (strcmp(type, "local_policy") == 0 &&
	        strstr(sums_text(record->override_comment), "arc=pass") != NULL);
}

/* The numbers of the record's columns that its messages count for. */
static void numbers_of(const struct received_record *record, const char *domain,
                       bool counted[NUMBERS])
{
	bool passed = record->dkim_aligned || record->spf_aligned;

	memset(counted, 0, NUMBERS * sizeof *counted);
	counted[NUMBER_MESSAGES] = true;
	counted[NUMBER_BOTH] = record->dkim_aligned && record->spf_aligned;
	counted[NUMBER_DKIM] = record->dkim_aligned && !record->spf_aligned;
	counted[NUMBER_SPF] = record->spf_aligned && !record->dkim_aligned;
	counted[NUMBER_FORWARDED] = !passed && was_forwarded(record);
	counted[NUMBER_LISTED] = counted[NUMBER_FORWARDED] &&
	                         strcmp(sums_text(record->override_type), "mailing_list") == 0;
	counted[NUMBER_FAILING] = !passed && !counted[NUMBER_FORWARDED];
	counted[NUMBER_QUARANTINED] = strcmp(sums_text(record->disposition), "quarantine") == 0;
	counted[NUMBER_REJECTED] = strcmp(sums_text(record->disposition), "reject") == 0;
	counted[NUMBER_BROKEN] = is_broken(record, domain);
}

static bool sums_step(sqlite3_stmt *statement)
{
	bool good = sqlite3_step(statement) == SQLITE_DONE;

	return sqlite3_reset(statement) == SQLITE_OK && good;
}

static bool sum_source(sqlite3_stmt *statement, const struct spread *spread,
                       const struct received_record *record, const char *domain,
                       int64_t totals[][NUMBERS])
{
	bool counted[NUMBERS];

	numbers_of(record, domain, counted);
	store_sqlite_bind_text(statement, 1, domain);
	store_sqlite_bind_text(statement, 3, sums_text(record->source));
	store_sqlite_bind_text(statement, 4, received_sums_signer(record, domain));
	store_sqlite_bind_text(statement, 5, sums_text(record->spf_domain));
	store_sqlite_bind_text(statement, 6, sums_text(record->spf_result));
	for (int day = 0; day < spread->days; day++) {
		int64_t count = received_share(spread, day, record->count);

		if (count == 0)
			continue;
		sqlite3_bind_int64(statement, 2, spread->first + day * (int64_t)DAY);
		for (int i = 0; i < NUMBERS; i++) {
			sqlite3_bind_int64(statement, 7 + i, counted[i] ? count : 0);
			totals[day][i] += counted[i] ? count : 0;
		}
		if (!sums_step(statement))
			return false;
	}
	return true;
}

static bool sum_days(sqlite3_stmt *statement, const struct spread *spread,
                     const struct received_report *report, const char *reporter,
                     int64_t totals[][NUMBERS])
{
	store_sqlite_bind_text(statement, 1, report->domain);
	store_sqlite_bind_text(statement, 3, reporter);
	for (int day = 0; day < spread->days; day++) {
		sqlite3_bind_int64(statement, 2, spread->first + day * (int64_t)DAY);
		for (int i = 0; i < NUMBERS; i++)
			sqlite3_bind_int64(statement, 7 + i, totals[day][i]);
		/* a day without messages is a line all the same: the reporter has spoken */
		if (!sums_step(statement))
			return false;
	}
	return true;
}

static bool sum_records(struct store *store, const struct received_report *report,
                        const char *reporter)
{
	int64_t totals[RECEIVED_DAYS_MAX][NUMBERS] = {{0}};
	struct spread spread = spread_of(report);
	sqlite3_stmt *source = NULL, *day = NULL;
	bool good =
	    sqlite3_prepare_v2(store->database, add_source, -1, &source, NULL) == SQLITE_OK &&
	    sqlite3_prepare_v2(store->database, add_day, -1, &day, NULL) == SQLITE_OK;

	invariant(spread.days >= 1 && spread.days <= RECEIVED_DAYS_MAX);
	for (size_t i = 0; good && i < report->record_count; i++) {
		good = sum_source(source, &spread, &report->records[i], report->domain, totals);
		next_turn(&spread, report->records[i].count);
	}
	good = good && sum_days(day, &spread, report, reporter, totals);
	sqlite3_finalize(source);
	sqlite3_finalize(day);
	return good;
}

static bool sum_policy(sqlite3_stmt *statement, const struct spread *spread,
                       const struct received_tls_policy *policy, const char *reporter)
{
	store_sqlite_bind_text(statement, 1, sums_text(policy->domain));
	store_sqlite_bind_text(statement, 3, reporter);
	store_sqlite_bind_text(statement, 4, sums_text(policy->mx_host));
	store_sqlite_bind_text(statement, 5, sums_text(policy->type));
	for (int day = 0; day < spread->days; day++) {
		sqlite3_bind_int64(statement, 2, spread->first + day * (int64_t)DAY);
		sqlite3_bind_int64(statement, 6, received_share(spread, day, policy->successes));
		sqlite3_bind_int64(statement, 7, received_share(spread, day, policy->failures));
		if (!sums_step(statement))
			return false;
	}
	return true;
}

static bool sum_reasons(sqlite3_stmt *statement, const struct spread *spread,
                        const struct received_tls_policy *policy)
{
	store_sqlite_bind_text(statement, 1, sums_text(policy->domain));
	for (size_t i = 0; i < policy->failure_count; i++) {
		const struct received_tls_failure *failure = &policy->failure[i];
		const char *mx = failure->receiving_host;

		store_sqlite_bind_text(statement, 3, mx == NULL ? sums_text(policy->mx_host) : mx);
		store_sqlite_bind_text(statement, 4, sums_text(failure->result_type));
		for (int day = 0; day < spread->days; day++) {
			int64_t count = received_share(spread, day, failure->count);

			sqlite3_bind_int64(statement, 2, spread->first + day * (int64_t)DAY);
			sqlite3_bind_int64(statement, 5, count);
			if (count > 0 && !sums_step(statement))
				return false;
		}
	}
	return true;
}

static bool sum_policies(struct store *store, const struct received_report *report,
                         const char *reporter)
{
	struct spread spread = spread_of(report);
	sqlite3_stmt *policy = NULL, *reason = NULL;
	bool good = sqlite3_prepare_v2(store->database, add_tls, -1, &policy, NULL) == SQLITE_OK &&
	            sqlite3_prepare_v2(store->database, add_reason, -1, &reason, NULL) == SQLITE_OK;

	for (size_t i = 0; good && i < report->policy_count; i++)
		good = sum_policy(policy, &spread, &report->policies[i], reporter) &&
		       sum_reasons(reason, &spread, &report->policies[i]);
	sqlite3_finalize(policy);
	sqlite3_finalize(reason);
	return good;
}

bool received_sums_add(struct store *store, const struct received_report *report,
                       const struct received_arrival *arrival)
{
	invariant(arrival->trusted && arrival->reporter != NULL);
	switch (report->kind) {
	case RECEIVED_DMARC:
		return sum_records(store, report, arrival->reporter);
	case RECEIVED_TLS:
		return sum_policies(store, report, arrival->reporter);
	case RECEIVED_FAILURE: /* its messages are in an aggregate report, too */
		break;
	}
	return true;
}
