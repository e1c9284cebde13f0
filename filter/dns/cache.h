/*
 * cache.h - the questions that were asked of the DNS and their answers: a bounded table for all
 * threads.
 *
 * A question is a name and a type; it is under way until it is settled with an answer, once. The
 * table finds questions that are under way too: whoever asks the same joins instead of asking
 * again. Questions are counted; one that has left the table (expired, evicted, time to live 0)
 * lives on for those who hold it.
 */
#ifndef ASSAY_CACHE_H
#define ASSAY_CACHE_H

#include <stdatomic.h>
#include <stdint.h>

#include "dns/resolver.h"
#include "dns/upstream.h"

/* What a question is looked up by: the name in lower case without its last dot. */
struct cache_key {
	uint64_t hash;
	enum record_type type;
	size_t length;
	char name[DOMAIN_MAX + 1];
};

/* Somebody who waits for a question under way; embedded in a larger struct of the waiting side. */
struct waiter {
	struct waiter *next, *previous;
	void (*arrived)(struct waiter *waiter, const struct answer *answer);
};

struct recursor;

struct pending_query {
	const struct cache_key *key; /* never changes; behind the struct */

	/* the recursor's alone, while the question is under way */
	struct recursor *recursor;
	struct pending_query *next, *previous;
	int64_t deadline; /* of cache_now() */
	struct upstream_query query;
	int64_t asked; /* when, in microseconds of a clock that never goes back; resolver.c's */
	bool plain;    /* asked without validation */
	bool held;     /* until it is known whether validation works */

	/* the resolver's, under its lock */
	size_t askers;   /* messages that have asked and not ended */
	unsigned client; /* whose account it is on, see resolver.h */
	bool abandoned;  /* under way, and nobody asks any more */
	bool settled;

	/* the cache's, under the lock of its shard */
	struct shard *shard;
	atomic_uint references;
	struct pending_query *chain, *newer, *older;
	struct answer *answer; /* NULL: under way */
	int64_t expires;
	struct waiter *waiters;
	bool tabled, visited;
};

struct cache;

/* At most `entries` questions that are settled, and 1 kB for each on the average. NULL without
 * memory. */
struct cache *cache_open(size_t entries);
void cache_close(struct cache *cache);

/* Milliseconds of a clock that never goes back. */
int64_t cache_now(void);

/* False where `name` is no domain name: an empty label, one over 63 octets, or more than 253 in
 * all. Any octet may stand in a label (RFC 2181 11); dots divide labels. */
bool cache_key_make(const struct cache *cache, const char *name, enum record_type type,
                    struct cache_key *key);
bool cache_key_same(const struct cache_key *one, const struct cache_key *other);

/*
 * The question in the table, counted for the caller, or NULL; cache_add() then makes a new one,
 * under way (NULL then only without memory). *fresh tells that it is new: it is counted once more
 * then, for whoever settles it with cache_complete(). *answer is NULL while the question is under
 * way.
 */
struct pending_query *cache_find(struct cache *cache, const struct cache_key *key,
                                 const struct answer **answer);
struct pending_query *cache_add(struct cache *cache, const struct cache_key *key,
                                const struct answer **answer, bool *fresh);

/* Gives a question its answer (which now belongs to it), keeps it for `milliseconds`, and calls
 * every waiter on this thread. */
void cache_complete(struct cache *cache, struct pending_query *question, struct answer *answer,
                    int64_t milliseconds);

/* Watches a question under way; where it has been settled meanwhile, returns its answer and does
 * not watch.
 */
const struct answer *cache_wait(struct pending_query *question, struct waiter *waiter);

/* False: too late, `arrived` is being called or about to be. */
bool cache_unwait(struct pending_query *question, struct waiter *waiter);

void cache_release(struct pending_query *question);

/* Adds up all but `in_flight`. */
void cache_count(struct cache *cache, struct resolver_counts *counts);

#endif
