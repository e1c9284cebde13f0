/*
 * cache.h - DNS queries and their answers: a bounded table for all threads.
 *
 * A query is a name and a type. It is in flight until it gets its answer, once. The table finds
 * queries in flight too: who asks for the same name and type waits for that answer instead of
 * asking again. Queries have a reference count: one that has left the table (expired, evicted, time
 * to live 0) stays valid for those who hold it. All functions are safe from any thread.
 */
#ifndef ASSAY_CACHE_H
#define ASSAY_CACHE_H

#include <stdatomic.h>
#include <stdint.h>

#include "dns/resolver.h"
#include "dns/upstream.h"

/* What a query is found by: the name in lower case without its last dot. */
struct cache_key {
	uint64_t hash;
	enum record_type type;
	size_t length;
	char name[DOMAIN_MAX + 1];
};

/* A waiter for a query in flight; embedded in a larger struct of the waiting side. */
struct waiter {
	struct waiter *next, *previous;
	/* Called once, on the recursor's thread, with no lock held. */
	void (*arrived)(struct waiter *waiter, const struct answer *answer);
};

struct recursor;

struct pending_query {
	const struct cache_key *key; /* never changes; behind the struct */

	/* for the recursor alone, while the query is in flight */
	struct recursor *recursor;
	struct pending_query *next, *previous;
	int64_t deadline; /* of cache_now() */
	struct upstream_query upstream_query;
	int64_t started; /* for resolver.c: monotonic clock, in microseconds */
	bool plain;      /* sent without validation */
	bool held;       /* waits until it is known whether validation works */

	/* for the resolver, under its lock */
	size_t askers;   /* messages that have asked and not ended */
	unsigned client; /* the client that it counts for, see resolver_client() */
	bool abandoned;  /* in flight, but nobody waits for it any more */
	bool completed;

	/* for the cache, under the lock of its shard */
	struct shard *shard;
	atomic_uint references;
	struct pending_query *chain, *newer, *older;
	struct answer *answer; /* NULL: in flight */
	int64_t expires;
	struct waiter *waiters;
	bool in_table, visited;
};

struct cache;

/* A cache of at most `entries` answers, of 1 kB each on average, and an eighth of that for the
 * notes of their readers (answer_note.h). NULL without memory. */
struct cache *cache_open(size_t entries);
void cache_close(struct cache *cache); /* NULL is allowed; no query may be in flight */

/* The monotonic clock in milliseconds, cheap and a few milliseconds late. */
int64_t cache_now(void);

/* False if `name` is not a domain name: a label is empty or longer than 63 octets, or the name is
 * longer than 253. A label may have any octet (RFC 2181 11); dots separate labels. */
bool cache_key_make(const struct cache *cache, const char *name, enum record_type type,
                    struct cache_key *key);
bool cache_key_same(const struct cache_key *one, const struct cache_key *other);

/*
 * The query of the table with one more reference, for cache_release(). *answer is NULL while the
 * query is in flight. If there is none, cache_find() returns NULL, and cache_add() adds one in
 * flight (NULL only without memory). A new one (*is_new) has one reference more, for whoever calls
 * cache_complete().
 */
struct pending_query *cache_find(struct cache *cache, const struct cache_key *key,
                                 const struct answer **answer);
struct pending_query *cache_add(struct cache *cache, const struct cache_key *key,
                                const struct answer **answer, bool *is_new);

/* Gives a query its answer, which belongs to it from then on, keeps it for `milliseconds`, and
 * calls every waiter on this thread. Once for each query. */
void cache_complete(struct cache *cache, struct pending_query *query, struct answer *answer,
                    int64_t milliseconds);

/* Waits for the answer of a query in flight: `waiter` has to stay until it is called or taken back.
 * If the answer has come meanwhile, returns it and does not wait. */
const struct answer *cache_wait(struct pending_query *query, struct waiter *waiter);

/* Takes a waiter back. False: too late, `arrived` is being called or will be. */
bool cache_unwait(struct pending_query *query, struct waiter *waiter);

/* Gives one reference back. */
void cache_release(struct pending_query *query);

/* Adds the totals of all shards: hits, misses, joined, failures, evicted, entries. */
void cache_count(struct cache *cache, struct resolver_counts *counts);

#endif
