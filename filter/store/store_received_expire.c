/*
 * store_received_expire.c - see store_received_expire.h. Called at the end of a run of the sender,
 * as retention.c is.
 */
#include "store/store_received_expire.h"

#include "base/log.h"
#include "store/store_sqlite.h"

enum {
	LINES_AT_ONCE = 2000,
	STATEMENTS_MAX = 500 /* of one kind in one run: a million lines */
};

#define OLD_REPORTS "(SELECT id FROM received WHERE range_end < ?1)"

/* A report goes last, when nothing refers to it any more. */
static const char *const steps[] = {
    "DELETE FROM received_records WHERE (report, place) IN (SELECT report, place FROM"
    " received_records WHERE report IN " OLD_REPORTS " LIMIT ?2)",
    "DELETE FROM received_tls_failures WHERE (report, policy, place) IN (SELECT report, policy,"
    " place FROM received_tls_failures WHERE report IN " OLD_REPORTS " LIMIT ?2)",
    "DELETE FROM received_tls WHERE (report, place) IN (SELECT report, place FROM received_tls"
    " WHERE report IN " OLD_REPORTS " LIMIT ?2)",
    "DELETE FROM received_days WHERE (domain, day, reporter) IN (SELECT domain, day, reporter FROM"
    " received_days WHERE day < ?1 LIMIT ?2)",
    "DELETE FROM received_sources WHERE (domain, day, source, signer, spf_domain, spf_result) IN"
    " (SELECT domain, day, source, signer, spf_domain, spf_result FROM received_sources"
    " WHERE day < ?1 LIMIT ?2)",
    "DELETE FROM received_tls_days WHERE (domain, day, reporter, mx, type) IN (SELECT domain, day,"
    " reporter, mx, type FROM received_tls_days WHERE day < ?1 LIMIT ?2)",
    "DELETE FROM received_tls_reasons WHERE (domain, day, mx, reason) IN (SELECT domain, day, mx,"
    " reason FROM received_tls_reasons WHERE day < ?1 LIMIT ?2)",
    "DELETE FROM received_names WHERE address IN (SELECT address FROM received_names WHERE"
    " checked < ?1 LIMIT ?2)",
    "DELETE FROM received WHERE id IN (SELECT id FROM received WHERE range_end < ?1 AND NOT EXISTS"
    " (SELECT 1 FROM received_records WHERE report = received.id) AND NOT EXISTS (SELECT 1 FROM"
    " received_tls WHERE report = received.id) AND NOT EXISTS (SELECT 1 FROM"
    " received_tls_failures WHERE report = received.id) LIMIT ?2)",
};

bool store_received_expire(struct store *store, time_t before, unsigned long *deleted,
                           struct problem *problem)
{
	const size_t last = sizeof steps / sizeof steps[0] - 1;

	*deleted = 0;
	for (size_t i = 0; i <= last; i++) {
		long count = 1;

		for (int times = 0; times < STATEMENTS_MAX && count > 0; times++) {
			count =
			    store_sqlite_delete(store, steps[i], before, LINES_AT_ONCE, problem);
			*deleted += i == last && count > 0 ? (unsigned long)count : 0;
		}
		if (count < 0)
			return false;
	}
	log_debug("report store %s: %lu received reports deleted that ended before %lld",
	          store->path, *deleted, (long long)before);
	return true;
}
