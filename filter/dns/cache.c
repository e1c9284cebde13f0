/*
 * cache.c - the table of queries: shards with a lock each, hashed with a secret key.
 *
 * resolver.c looks here before it asks the recursor, and adds the answers that the recursor finds.
 * Senders choose the names: the hash is SipHash-1-3 with a random key, so that nobody can make one
 * chain long. A full shard evicts by SIEVE (Zhang and others, NSDI 2024): a hand goes from the
 * oldest entry to the newest, keeps those that were used since it last passed, and removes the
 * others. A hit moves no entry.
 */
#include "dns/cache.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "answer_note.h"
#include "base/invariant.h"
#include "base/log.h"
#include "base/text.h"
#include "dns/answer.h"

enum {
	SHARDS_MAX = 64,
	SHARD_ENTRIES_MIN = 128, /* a smaller cache has fewer shards */
	ENTRY_BYTES = 1024,      /* on average */
	NOTES_SHARE = 8,         /* notes may take as much again as one in so many of these */
	SHARD_BYTES_MIN = 4 * ANSWER_OCTETS_MAX
};

struct shard {
	pthread_mutex_t lock;
	struct pending_query **buckets;
	size_t mask;
	struct pending_query *newest, *oldest;
	struct pending_query *hand; /* NULL: at the oldest */
	size_t entries, entries_max;
	size_t bytes, bytes_max;
	unsigned long hits, misses, joined, failures, evicted;
};

struct cache {
	uint64_t secret[2];
	struct answer_note_budget notes;
	size_t shard_count; /* a power of two */
	struct shard shards[SHARDS_MAX];
};

int64_t cache_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static uint64_t cache_rotate(uint64_t word, int by)
{
	return word << by | word >> (64 - by);
}

static void sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[2] += v[3];
	v[1] = cache_rotate(v[1], 13) ^ v[0];
	v[3] = cache_rotate(v[3], 16) ^ v[2];
	v[0] = cache_rotate(v[0], 32);
	v[2] += v[1];
	v[0] += v[3];
	v[1] = cache_rotate(v[1], 17) ^ v[2];
	v[3] = cache_rotate(v[3], 21) ^ v[0];
	v[2] = cache_rotate(v[2], 32);
}

static void sip_absorb(uint64_t v[4], uint64_t word)
{
	v[3] ^= word;
	sip_round(v);
	v[0] ^= word;
}

/* SipHash-1-3 (Aumasson and Bernstein) of the type and the name. */
static uint64_t hash_of(const uint64_t secret[2], const struct cache_key *key)
{
	uint64_t v[4] = {secret[0] ^ 0x736f6d6570736575, secret[1] ^ 0x646f72616e646f6d,
	                 secret[0] ^ 0x6c7967656e657261, secret[1] ^ 0x7465646279746573};
	uint64_t word;
	size_t at;

	sip_absorb(v, (uint64_t)key->type);
	for (at = 0; at + sizeof word <= key->length; at += sizeof word) {
		memcpy(&word, key->name + at, sizeof word);
		sip_absorb(v, word);
	}
	word = 0;
	memcpy(&word, key->name + at, key->length - at);
	sip_absorb(v, word ^ (uint64_t)key->length << 56);
	v[2] ^= 0xff;
	for (int i = 0; i < 3; i++)
		sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

bool cache_key_make(const struct cache *cache, const char *name, enum record_type type,
                    struct cache_key *key)
{
	size_t label = 0;
	size_t length;

	for (length = 0; name[length] != '\0'; length++) {
		if (name[length] == '.' && label == 0)
			return false;
		if (name[length] == '.' && name[length + 1] == '\0')
			break;
		label = name[length] == '.' ? 0 : label + 1;
		if (label > LABEL_MAX || length == DOMAIN_MAX)
			return false;
		key->name[length] = text_lower_byte(name[length]);
	}
	if (length == 0)
		return false;
	key->name[length] = '\0';
	key->length = length;
	key->type = type;
	key->hash = hash_of(cache->secret, key);
	return true;
}

bool cache_key_same(const struct cache_key *one, const struct cache_key *other)
{
	return one->hash == other->hash && one->type == other->type &&
	       one->length == other->length && memcmp(one->name, other->name, one->length) == 0;
}

static bool shard_open(struct shard *shard, size_t entries)
{
	size_t buckets = 16;

	while (buckets < entries)
		buckets *= 2;
	shard->buckets = calloc(buckets, sizeof(struct pending_query *));
	shard->mask = buckets - 1;
	shard->entries_max = entries;
	shard->bytes_max = entries * ENTRY_BYTES;
	if (shard->bytes_max < SHARD_BYTES_MIN)
		shard->bytes_max = SHARD_BYTES_MIN;
	pthread_mutex_init(&shard->lock, NULL);
	return shard->buckets != NULL;
}

struct cache *cache_open(size_t entries)
{
	struct cache *cache = calloc(1, sizeof *cache);
	bool ready = true;

	if (cache == NULL)
		return NULL;
	if (getrandom(cache->secret, sizeof cache->secret, 0) != sizeof cache->secret)
		ready = false;
	cache->notes.max = entries * ENTRY_BYTES / NOTES_SHARE;
	cache->shard_count = 1;
	while (cache->shard_count < SHARDS_MAX &&
	       entries / cache->shard_count >= 2 * SHARD_ENTRIES_MIN)
		cache->shard_count *= 2;
	for (size_t i = 0; i < cache->shard_count; i++)
		ready = shard_open(&cache->shards[i], entries / cache->shard_count) && ready;
	if (ready)
		return cache;
	cache_close(cache);
	return NULL;
}

static struct shard *shard_of(struct cache *cache, const struct cache_key *key)
{
	return &cache->shards[key->hash >> 58 & (cache->shard_count - 1)];
}

static size_t key_bytes(const struct cache_key *key)
{
	return offsetof(struct cache_key, name) + key->length + 1;
}

static size_t bytes_of(const struct pending_query *query)
{
	return sizeof *query + key_bytes(query->key) +
	       (query->answer == NULL ? 0 : answer_bytes(query->answer));
}

void cache_release(struct pending_query *query)
{
	unsigned before = atomic_fetch_sub_explicit(&query->references, 1, memory_order_acq_rel);

	invariant(before > 0);
	if (before != 1)
		return;
	answer_free(query->answer);
	free(query);
}

/* Removes a query from the table. The shard is locked. */
static void table_remove(struct shard *shard, struct pending_query *query)
{
	struct pending_query **link = &shard->buckets[query->key->hash & shard->mask];

	invariant(query->in_table && shard->entries > 0);
	while (*link != query)
		link = &(*link)->chain;
	*link = query->chain;
	if (shard->hand == query)
		shard->hand = query->newer;
	if (query->newer != NULL)
		query->newer->older = query->older;
	else
		shard->newest = query->older;
	if (query->older != NULL)
		query->older->newer = query->newer;
	else
		shard->oldest = query->newer;
	shard->entries--;
	shard->bytes -= bytes_of(query);
	query->in_table = false;
	cache_release(query);
}

/* Adds a query to the table, which takes over one reference. The shard is locked. */
static void table_insert(struct shard *shard, struct pending_query *query)
{
	struct pending_query **bucket = &shard->buckets[query->key->hash & shard->mask];

	invariant(!query->in_table && query->answer == NULL);
	query->chain = *bucket;
	*bucket = query;
	query->older = shard->newest;
	if (shard->newest != NULL)
		shard->newest->newer = query;
	else
		shard->oldest = query;
	shard->newest = query;
	shard->entries++;
	shard->bytes += bytes_of(query);
	query->in_table = true;
}

/* Makes room in a full shard; it is locked. Queries in flight stay: resolver.in_flight limits them.
 * Two rounds of the hand are enough, because the first one clears every mark. */
static unsigned long cache_evict(struct shard *shard, int64_t now)
{
	unsigned long before = shard->evicted;
	size_t steps = 2 * shard->entries;

	while ((shard->entries > shard->entries_max || shard->bytes > shard->bytes_max) &&
	       steps-- > 0) {
		struct pending_query *query = shard->hand != NULL ? shard->hand : shard->oldest;

		shard->hand = query->newer;
		if (query->answer == NULL)
			continue;
		if (query->visited && query->expires > now) {
			query->visited = false;
			continue;
		}
		table_remove(shard, query);
		shard->evicted++;
	}
	return shard->evicted - before;
}

/* No lock is held: the log may be slow. */
static void log_evicted(unsigned long evicted)
{
	if (evicted > 0)
		log_debug("the DNS cache is full: %lu answers were evicted", evicted);
}

void cache_close(struct cache *cache)
{
	if (cache == NULL)
		return;
	for (size_t i = 0; i < cache->shard_count; i++) {
		struct shard *shard = &cache->shards[i];

		while (shard->oldest != NULL)
			table_remove(shard, shard->oldest);
		free(shard->buckets);
		pthread_mutex_destroy(&shard->lock);
	}
	free(cache);
}

/* The shard is locked. */
static struct pending_query *cache_find_locked(struct shard *shard, const struct cache_key *key,
                                               const struct answer **answer)
{
	struct pending_query *query = shard->buckets[key->hash & shard->mask];

	while (query != NULL && !cache_key_same(query->key, key))
		query = query->chain;
	if (query == NULL)
		return NULL;
	if (query->answer != NULL && query->expires <= cache_now()) {
		table_remove(shard, query);
		return NULL;
	}
	if (query->answer != NULL)
		shard->hits++;
	else
		shard->joined++;
	query->visited = true;
	atomic_fetch_add_explicit(&query->references, 1, memory_order_relaxed);
	*answer = query->answer;
	return query;
}

struct pending_query *cache_find(struct cache *cache, const struct cache_key *key,
                                 const struct answer **answer)
{
	struct shard *shard = shard_of(cache, key);
	struct pending_query *query;

	pthread_mutex_lock(&shard->lock);
	query = cache_find_locked(shard, key, answer);
	pthread_mutex_unlock(&shard->lock);
	return query;
}

static struct pending_query *pending_query_new(struct shard *shard, const struct cache_key *key)
{
	struct pending_query *query = calloc(1, sizeof *query + key_bytes(key));

	if (query == NULL)
		return NULL;
	query->key = memcpy(query + 1, key, key_bytes(key));
	query->shard = shard;
	/* the table, the caller of cache_add(), and whoever completes the query */
	atomic_init(&query->references, 3);
	return query;
}

struct pending_query *cache_add(struct cache *cache, const struct cache_key *key,
                                const struct answer **answer, bool *is_new)
{
	struct shard *shard = shard_of(cache, key);
	struct pending_query *query;
	unsigned long evicted = 0;

	*is_new = false;
	pthread_mutex_lock(&shard->lock);
	query = cache_find_locked(shard, key, answer);
	if (query == NULL && (query = pending_query_new(shard, key)) != NULL) {
		*is_new = true;
		*answer = NULL;
		shard->misses++;
		table_insert(shard, query);
		evicted = cache_evict(shard, cache_now());
	}
	pthread_mutex_unlock(&shard->lock);
	log_evicted(evicted);
	return query;
}

void cache_complete(struct cache *cache, struct pending_query *query, struct answer *answer,
                    int64_t milliseconds)
{
	struct shard *shard = shard_of(cache, query->key);
	struct waiter *waiters;
	int64_t now = cache_now();
	unsigned long evicted = 0;

	invariant(answer != NULL && shard == query->shard);
	pthread_mutex_lock(&shard->lock);
	waiters = query->waiters;
	query->waiters = NULL;
	invariant(query->answer == NULL);
	answer->note_place->budget = &cache->notes;
	query->answer = answer;
	query->expires = now + milliseconds;
	shard->failures += answer->status == LOOKUP_FAILED;
	if (query->in_table) {
		shard->bytes += answer_bytes(answer);
		if (milliseconds <= 0)
			table_remove(shard, query);
		else
			evicted = cache_evict(shard, now);
	}
	pthread_mutex_unlock(&shard->lock);
	log_evicted(evicted);
	while (waiters != NULL) {
		struct waiter *waiter = waiters;

		waiters = waiter->next; /* the waiter may free itself in the call */
		waiter->arrived(waiter, answer);
	}
}

const struct answer *cache_wait(struct pending_query *query, struct waiter *waiter)
{
	const struct answer *answer;

	pthread_mutex_lock(&query->shard->lock);
	answer = query->answer;
	if (answer == NULL) {
		waiter->previous = NULL;
		waiter->next = query->waiters;
		if (waiter->next != NULL)
			waiter->next->previous = waiter;
		query->waiters = waiter;
	}
	pthread_mutex_unlock(&query->shard->lock);
	return answer;
}

bool cache_unwait(struct pending_query *query, struct waiter *waiter)
{
	bool waiting;

	pthread_mutex_lock(&query->shard->lock);
	waiting = query->answer == NULL;
	if (waiting) {
		if (waiter->next != NULL)
			waiter->next->previous = waiter->previous;
		if (waiter->previous != NULL)
			waiter->previous->next = waiter->next;
		else
			query->waiters = waiter->next;
	}
	pthread_mutex_unlock(&query->shard->lock);
	return waiting;
}

void cache_count(struct cache *cache, struct resolver_counts *counts)
{
	for (size_t i = 0; i < cache->shard_count; i++) {
		struct shard *shard = &cache->shards[i];

		pthread_mutex_lock(&shard->lock);
		counts->hits += shard->hits;
		counts->misses += shard->misses;
		counts->joined += shard->joined;
		counts->failures += shard->failures;
		counts->evicted += shard->evicted;
		counts->entries += shard->entries;
		pthread_mutex_unlock(&shard->lock);
	}
}
