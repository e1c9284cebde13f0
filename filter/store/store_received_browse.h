/*
 * store_received_browse.h - single reports of others, as the page shows them (filter/tool/web/):
 * the newest, one with its records, the policies of a domain over time, and the days of a source.
 *
 * Reports that are not trusted are in the list, and named so. Texts are those of strangers and
 * valid during the call.
 */
#ifndef ASSAY_STORE_RECEIVED_BROWSE_H
#define ASSAY_STORE_RECEIVED_BROWSE_H

#include "store/store_received_query.h"

/* One report; `place` is where it came from: a queue id, a file's name. */
struct received_listed {
	int64_t number; /* of the store */
	const char *kind, *reporter, *domain, *report_id, *organization, *email, *why, *place;
	const char *p, *sp, *np, *adkim, *aspf, *pct, *fo, *testing, *discovery, *generator,
	    *repairs;
	bool trusted;
	int64_t begin, end, got, messages, records;
	unsigned long repeated;
};
typedef void received_listed_function(const struct received_listed *report, void *context);

/* The newest that came in, at most `max`; of one domain, where `domain` is not NULL those that end
 * last. */
bool store_received_browse_newest(struct store_query *query, const char *domain, long max,
                                  received_listed_function *each, void *context,
                                  struct problem *problem);

/* The report of that number, or no call. */
bool store_received_browse_one(struct store_query *query, int64_t number,
                               received_listed_function *each, void *context,
                               struct problem *problem);

/* A record of a report: what the reporter says of so many messages. */
struct received_listed_record {
	int64_t count;
	bool dkim_aligned, spf_aligned;
	const char *source, *disposition, *override_type, *override_comment, *header_from;
	const char *envelope_from, *spf_domain, *spf_result;
	const char *dkim; /* "pass example.org/s1, fail ..." */
};
typedef void received_record_function(const struct received_listed_record *record, void *context);

/* Those with most messages, at most `max`. */
bool store_received_browse_records(struct store_query *query, int64_t number, long max,
                                   received_record_function *each, void *context,
                                   struct problem *problem);

/* A policy of a TLS report, followed by what failed under it: then `reason` is not "". */
struct received_listed_tls {
	const char *type, *domain, *mx, *reason, *receiving_host, *sending_address;
	int64_t successes, failures;
};
typedef void received_listed_tls_function(const struct received_listed_tls *row, void *context);
bool store_received_browse_tls(struct store_query *query, int64_t number, long max,
                               received_listed_tls_function *each, void *context,
                               struct problem *problem);

/* A policy that reporters saw, newest first. */
struct received_policy_seen {
	const char *p, *sp, *np, *adkim, *aspf, *pct, *testing;
	time_t first, last;
	unsigned long reports;
};
typedef void received_policy_function(const struct received_policy_seen *policy, void *context);

/* The question has a domain. */
bool store_received_browse_policies(struct store_query *query,
                                    const struct received_question *question, long max,
                                    received_policy_function *each, void *context,
                                    struct problem *problem);

/* Each day of one address as one domain, newest first, a line for each evidence; first == last is
 * the day. */
bool store_received_browse_source(struct store_query *query,
                                  const struct received_question *question, const char *source,
                                  long max, received_source_function *each, void *context,
                                  struct problem *problem);

#endif
