/*
 * store_received_query.h - questions about the reports of others: what `assay report received`,
 * `sources` and `digest` show. All of them are answered from the sums (received_sums.h), so that a
 * year costs no more than its days.
 *
 * Untrusted reports are in none of the numbers. Texts are those of strangers and valid during the
 * call. A range is of days, each by its beginning in UTC.
 */
#ifndef ASSAY_STORE_RECEIVED_QUERY_H
#define ASSAY_STORE_RECEIVED_QUERY_H

#include "rows/received_numbers.h"
#include "store/store_query.h"

enum {
	STORE_RECEIVED_SOURCES_MAX = 20000, /* lines that a question for sources returns */
	STORE_RECEIVED_DOMAINS_MAX = 1000,
	STORE_RECEIVED_NAME_S = 30 * 24 * 60 * 60, /* how long a name is kept */
	STORE_RECEIVED_NAMELESS_S = 24 * 60 * 60   /* and that there is none */
};

/* What one question is about. */
struct received_question {
	const char *domain; /* the domain that reports are about; NULL: all */
	struct store_query_range range;
};

/* A domain over the whole range, or one day of it. */
struct received_day {
	const char *domain;
	time_t day;            /* the last one with reports */
	unsigned long days;    /* with reports */
	unsigned long reports; /* reporters of the day, or of the range: then organizations, not names */
	struct received_numbers numbers;
};
typedef void received_day_function(const struct received_day *day, void *context);

/* Each domain over the whole range: first those that reporters of three organizations saw or more,
 * since names that one stranger reports about are many and cheap; then most messages first. */
bool store_received_query_domains(struct store_query *query,
                                  const struct received_question *question,
                                  received_day_function *each, void *context,
                                  struct problem *problem);

/* Each day of each domain, newest first. */
bool store_received_query_days(struct store_query *query, const struct received_question *question,
                               received_day_function *each, void *context, struct problem *problem);

/* Messages from one address that had the same evidence. */
struct received_source_row {
	const char *source;
	const char *signer; /* whose signature passed that is not the author's; "" for none */
	const char *spf_domain, *spf_result;
	time_t first, last; /* days */
	struct received_numbers numbers;
};
typedef void received_source_function(const struct received_source_row *row, void *context);

/* The question has a domain. Most messages first, at most STORE_RECEIVED_SOURCES_MAX lines: what is
 * beyond them is one line more, with the source "". */
bool store_received_query_sources(struct store_query *query,
                                  const struct received_question *question,
                                  received_source_function *each, void *context,
                                  struct problem *problem);

struct received_reporter {
	const char *reporter;
	time_t first, last; /* days that it reported on */
	unsigned long days;
	int64_t messages;
};
typedef void received_reporter_function(const struct received_reporter *reporter, void *context);
bool store_received_query_reporters(struct store_query *query,
                                    const struct received_question *question,
                                    received_reporter_function *each, void *context,
                                    struct problem *problem);

/* Sessions of TLS reports with one MX, or one reason why they failed there. */
struct received_tls_row {
	const char *domain, *mx;
	const char *type;   /* of the policy, "sts"; "" of a reason */
	const char *reason; /* result-type; "" of an MX */
	int64_t successes, failures;
};
typedef void received_tls_function(const struct received_tls_row *row, void *context);

/* The MXs, most failures first, each followed by its reasons. */
bool store_received_query_tls(struct store_query *query, const struct received_question *question,
                              received_tls_function *each, void *context, struct problem *problem);

/* How many reports were stored, repeated or not trusted since the store was made. */
typedef void received_count_function(const char *kind, const char *outcome, unsigned long count,
                                     void *context);
bool store_received_query_counts(struct store_query *query, received_count_function *each,
                                 void *context, struct problem *problem);

/* The policy that the newest report on a domain says that it saw, "" for none, in the arena. */
bool store_received_query_policy(struct store_query *query, const char *domain, struct arena *arena,
                                 const char **policy, struct problem *problem);

/*
 * The PTR name of an address that leads back to it, looked up not too long before `now`: in the
 * arena, "" where it has none, NULL where nobody knows. Keeping is for a store that was opened to
 * write; a lookup that failed is nothing to keep.
 */
const char *store_received_query_name(struct store *store, const char *address, time_t now,
                                      struct arena *arena);
bool store_received_query_keep_name(struct store *store, const char *address, const char *name,
                                    time_t now, struct problem *problem);

#endif
