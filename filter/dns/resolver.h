/*
 * resolver.h - one DNS resolver for every policy: our cache in front of libunbound.
 *
 * Shared by all threads. The cache is TTL-true, bounded in entries, keeps negative answers (RFC
 * 2308) and, briefly, failures; one query is in flight for a name and type however many ask. One
 * thread owns the libunbound context.
 */
#ifndef ASSAY_RESOLVER_H
#define ASSAY_RESOLVER_H

#include "base/histogram.h"
#include "base/problem.h"
#include "base/setting.h"
#include "services.h"

struct resolver_settings {
	struct strings servers; /* "ADDRESS" or "ADDRESS@PORT"; empty: /etc/resolv.conf */
	long timeout_ms;        /* of one lookup */
	long cache_entries;
	bool dnssec; /* recursor.h tells when a bogus answer fails a lookup */
	const char
	    *trust_anchor; /* file with the root's keys; missing or NULL: nothing is validated */
	long in_flight; /* most questions that somebody waits for at once; beyond it lookups fail at
	                   once */
};
extern const struct setting_group resolver_settings_group; /* "resolver" */

struct resolver;

/* NULL and a problem where libunbound or a setting refuses. Starts the thread: call it after
 * daemonizing. */
struct resolver *resolver_open(const struct resolver_settings *settings, struct problem *problem);
void resolver_close(struct resolver *resolver); /* no query_session may be open any more */

/* What lookups are counted by: types as they are asked for, and how they ended (enum
 * lookup_status). */
enum {
	RESOLVER_TYPES = 5,
	RESOLVER_OUTCOMES = LOOKUP_FAILED + 1
};
extern const char *const resolver_type_names[]; /* "A", "AAAA", ..., NULL */
extern const char
    *const resolver_outcome_names[]; /* "found", "no_data", "no_name", "failed", NULL */

struct resolver_counts {
	unsigned long hits, misses, joined, failures, entries, evicted;
	unsigned long in_flight; /* under way, and a message waits for them */
	unsigned long abandoned; /* under way, and the messages that asked are gone */
	unsigned long refused;   /* asked in vain: too many were under way */
	/* questions that went to the name servers and came to an end */
	unsigned long lookups[RESOLVER_TYPES][RESOLVER_OUTCOMES];
	struct histogram seconds; /* that these took */
	/* How long every question has failed; 0 unless these are several, and some of them recent.
	 */
	long silent_seconds;
};
void resolver_count(struct resolver *resolver, struct resolver_counts *counts);

/* For query_session.c (cache.h has the types). */

struct cache_key;
struct pending_query;

bool resolver_key(const struct resolver *resolver, const char *name, enum record_type type,
                  struct cache_key *key);

/* What a question is asked for. Each purpose may fill a part of resolver.in_flight, and a smaller
 * part on behalf of one client. */
enum resolver_purpose {
	RESOLVER_PREFETCH, /* may turn out to be needed */
	RESOLVER_AUTHOR_PREFETCH,
	RESOLVER_EVIDENCE, /* somebody waits for it */
	RESOLVER_AUTHOR,   /* of the author domain: may use what all others have to leave */
	RESOLVER_PURPOSES
};

enum {
	RESOLVER_NO_CLIENT = 0, /* asked for the host itself, by a command of the operator */
	RESOLVER_CLIENTS = 4096 /* accounts; clients share one by chance, which nobody can aim at */
};

/* The account of a client, below RESOLVER_CLIENTS; an IPv6 address shares it with its /64.
 * RESOLVER_NO_CLIENT for NULL or an unknown address. */
unsigned resolver_client(const struct resolver *resolver, const struct address *client);

/*
 * The question of a key, counted for the caller and asked where it was not known; *answer is NULL
 * while it is under way. NULL: too much is under way, *fault says what. Where *answer was NULL,
 * resolver_leave() has to follow before the caller releases the question.
 */
struct pending_query *resolver_ask(struct resolver *resolver, const struct cache_key *key,
                                   unsigned client, enum resolver_purpose purpose,
                                   const struct answer **answer, enum lookup_fault *fault);

/* The caller waits no longer, be the answer there or not. A question that nobody waits for leaves
 * the count of those in flight; until it is answered or its time is over it stays on its client's
 * account. */
void resolver_leave(struct resolver *resolver, struct pending_query *question);

long resolver_timeout_ms(const struct resolver *resolver);

#endif
