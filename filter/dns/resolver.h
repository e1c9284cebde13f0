/*
 * resolver.h - the DNS resolver of all policies: a cache in front of libunbound.
 *
 * Shared by all threads. The cache honours TTLs, is limited in entries, and keeps negative answers
 * (RFC 2308) and, briefly, failures. A name and type has one query in flight, however many messages
 * ask for it. One thread owns libunbound (recursor.h).
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
	bool dnssec; /* recursor.h says when a bogus answer fails a lookup */
	/* A file with the root's keys; missing or NULL: answers are not validated. */
	const char *trust_anchor;
	/* Most queries that messages wait for at a time; beyond it lookups fail at once. */
	long in_flight;
};
extern const struct setting_group resolver_settings_group; /* "resolver" */

struct resolver;

/* NULL and a problem if libunbound refuses a setting or memory is missing. Starts a thread: call it
 * after the daemon has gone to the background. */
struct resolver *resolver_open(const struct resolver_settings *settings, struct problem *problem);
void resolver_close(struct resolver *resolver); /* NULL is allowed; no query_session may be open */

/* Lookups are counted by the type asked for and by how they ended (enum lookup_status). */
enum {
	RESOLVER_TYPES = 5,
	RESOLVER_OUTCOMES = LOOKUP_FAILED + 1
};
/* "TXT", "A", ..., NULL */
extern const char *const resolver_type_names[];
/* "found", "no_data", "no_name", "failed", NULL */
extern const char *const resolver_outcome_names[];

struct resolver_counts {
	unsigned long hits, misses, joined, failures, entries, evicted;
	unsigned long in_flight; /* and a message waits for them */
	unsigned long abandoned; /* in flight, but no message waits any more */
	unsigned long refused;   /* because resolver.in_flight was reached */
	/* queries that were sent to the name servers and have ended */
	unsigned long lookups[RESOLVER_TYPES][RESOLVER_OUTCOMES];
	struct histogram seconds; /* that these took */
	/* How long every query has failed; 0 unless five or more failed in a row, the last of them
	 * in the last minute. */
	long silent_seconds;
};
/* Reads all counters; takes locks for moments. */
void resolver_count(struct resolver *resolver, struct resolver_counts *counts);

/* For query_session.c (cache.h has the types). */

struct cache_key;
struct pending_query;

/* cache_key_make() for the resolver's cache. False: `name` is not a domain name. */
bool resolver_key(const struct resolver *resolver, const char *name, enum record_type type,
                  struct cache_key *key);

/* Why a query is asked. Each purpose may use a part of resolver.in_flight, and one client a smaller
 * part of it. */
enum resolver_purpose {
	RESOLVER_PREFETCH, /* may turn out to be needed */
	RESOLVER_AUTHOR_PREFETCH,
	RESOLVER_EVIDENCE, /* the message waits for it */
	RESOLVER_AUTHOR,   /* the message waits for it, about its author domain: may use all */
	RESOLVER_PURPOSES
};

enum {
	RESOLVER_NO_CLIENT = 0, /* the host itself: a command of the operator */
	RESOLVER_CLIENTS = 4096 /* counters; which clients share one, nobody can choose */
};

/* The counter of a client, below RESOLVER_CLIENTS; an IPv6 address shares it with its /64.
 * RESOLVER_NO_CLIENT for NULL or an unknown address. */
unsigned resolver_client(const struct resolver *resolver, const struct address *client);

/*
 * The query of a key, with a reference for the caller (cache_release()). It is sent unless the
 * cache has it; *answer is NULL while it is in flight, and then resolver_leave() has to be called
 * before the release. NULL: a limit is reached or memory is missing, *fault says which.
 */
struct pending_query *resolver_ask(struct resolver *resolver, const struct cache_key *key,
                                   unsigned client, enum resolver_purpose purpose,
                                   const struct answer **answer, enum lookup_fault *fault);

/* The caller no longer waits, whether the answer has come or not. A query that nobody waits for
 * does not count as in flight any more, but counts for its client until it has ended. */
void resolver_leave(struct resolver *resolver, struct pending_query *query);

long resolver_timeout_ms(const struct resolver *resolver);

#endif
