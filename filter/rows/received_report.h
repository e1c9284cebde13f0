/*
 * received_report.h - a report that others sent to us, after it was read: what the reader
 * (filter/received/) hands to the store (store/store_received.h).
 *
 * Three kinds: aggregate reports (RFC 7489 appendix C, RFC 9990), TLS reports (RFC 8460) and
 * failure reports (RFC 6591, RFC 9991). All texts are UTF-8 without control characters, at most
 * RECEIVED_TEXT_MAX octets long and written by strangers: whoever prints one escapes it for its
 * place. Domains are in the internal form of domain.h, addresses as address_print() writes them,
 * times in seconds since 1970. What does not exist is NULL. Everything is the memory of one arena
 * and const once it was read.
 */
#ifndef ASSAY_RECEIVED_REPORT_H
#define ASSAY_RECEIVED_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	RECEIVED_TEXT_MAX = 4096,
	RECEIVED_RECORDS_MAX = 500000,  /* of one report */
	RECEIVED_COUNT_MAX = 1000000000 /* messages of one record; what says more is cut to it */
};

enum received_kind {
	RECEIVED_DMARC,
	RECEIVED_TLS,
	RECEIVED_FAILURE
};
extern const char *const received_kind_names[]; /* "dmarc", "tls", "failure", NULL */

/* One dkim element of auth_results. */
struct received_signature {
	const char *domain;
	const char *selector;
	const char *result; /* a word of RFC 8601, lower case; another word as it came */
};

/* One record of an aggregate report. */
struct received_record {
	int64_t count;                  /* messages, 1 to RECEIVED_COUNT_MAX */
	const char *source;             /* the address of the client */
	const char *disposition;        /* "none", "quarantine", "reject" or "pass" (RFC 9990) */
	bool dkim_aligned, spf_aligned; /* policy_evaluated: an aligned pass */
	const char *override_type;      /* the first reason; "other" where it is empty */
	const char *override_comment;
	const char *header_from, *envelope_from, *envelope_to;
	const char *spf_domain, *spf_scope, *spf_result; /* the first spf element */
	size_t signature_count;
	const struct received_signature *signatures;
};

/* One failure-details entry (RFC 8460 4.3). */
struct received_tls_failure {
	const char *result_type;
	const char *sending_address, *receiving_host, *receiving_address;
	int64_t count;      /* sessions */
	const char *reason; /* failure-reason-code, else additional-information */
};

/* One entry of policies (RFC 8460 4.4). */
struct received_tls_policy {
	const char *type;            /* "sts", "tlsa", "no-policy-found" */
	const char *domain;          /* of the policy */
	const char *mx_host;         /* the first mx-host */
	int64_t successes, failures; /* sessions */
	size_t failure_count;
	const struct received_tls_failure *failure;
};

struct received_report {
	enum received_kind kind;
	const char *organization; /* org_name, organization-name: the sender's own word */
	const char *email;        /* whom to ask */
	const char *report_id;
	const char *domain; /* that the report is about; of a failure report the reported domain */
	int64_t begin, end; /* of a failure report both are the time of arrival of the mail */
	int64_t messages;   /* sum of the records; TLS: sessions; failure: its Incidents, or 1 */

	/* the policy as the reporter saw it; NULL where it does not say */
	const char *p, *sp, *np, *adkim, *aspf, *pct, *fo, *testing, *discovery;
	const char *generator; /* the software of the reporter */

	size_t record_count;
	const struct received_record *records; /* of a failure report one, without a body */
	size_t policy_count;
	const struct received_tls_policy *policies;

	/* what was wrong with it and how it was read all the same, a sentence each */
	size_t repair_count;
	const char *const *repairs;
};

/* How a report came, which tells whether it counts: a stranger can write any report, so the domain
 * that authenticated the mail is the reporter, and what the report says of itself is only shown. */
struct received_arrival {
	int64_t received; /* when */
	/* the author domain of the mail with an aligned pass (of a TLS report: with the DKIM pass
	 * that RFC 8460 3 asks for); NULL where there is none */
	const char *reporter;
	bool trusted;      /* it counts; else it is kept, shown as untrusted, and moves no number */
	const char *why;   /* where it does not count: a sentence */
	const char *place; /* where it came from, for people: a queue id, a file's name */
};

#endif
