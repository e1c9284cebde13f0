/*
 * cache.c - the table of questions: shards with a lock each, hashed with a secret key.
 *
 * resolver.c asks it before the recursor is asked, recursor.c settles what it learned. Names come
 * from strangers: the hash is SipHash-1-3 with a random key, so that nobody can make one chain
 * long. What is thrown out where a shard is full follows SIEVE (Zhang and others, NSDI 2024): a
 * hand goes from old to new, spares once what was asked for since it last passed, and takes the
 * rest; a hit moves nothing.
 */
#include "dns/cache.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "base/text.h"
#include "dns/answer.h"

enum {
	SHARDS_MAX = 64,
	SHARD_ENTRIES_MIN = 128, /* smaller tables have fewer shards */
	ENTRY_BYTES = 1024,      /* on the average */
	SHARD_BYTES_MIN = 4 * ANSWER_OCTETS_MAX
};

struct shard {
	pthread_mutex_t lock;
	struct pending_query **buckets;
	size_t mask;
	struct pending_query *newest, *oldest;
	struct pending_query *hand; /* NULL: begins at the oldest */
	size_t entries, entries_most;
	size_t bytes, bytes_most;
	unsigned long hits, misses, joined, failures, evicted;
};

struct cache {
	uint64_t secret[2];
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

static void cache_take_word(uint64_t v[4], uint64_t word)
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

	cache_take_word(v, (uint64_t)key->type);
	for (at = 0; at + sizeof word <= key->length; at += sizeof word) {
		memcpy(&word, key->name + at, sizeof word);
		cache_take_word(v, word);
	}
	word = 0;
	memcpy(&word, key->name + at, key->length - at);
	cache_take_word(v, word ^ (uint64_t)key->length << 56);
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
	shard->entries_most = entries;
	shard->bytes_most = entries * ENTRY_BYTES;
	if (shard->bytes_most < SHARD_BYTES_MIN)
		shard->bytes_most = SHARD_BYTES_MIN;
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

static size_t bytes_of(const struct pending_query *question)
{
	return sizeof *question + key_bytes(question->key) +
	       (question->answer == NULL ? 0 : answer_bytes(question->answer));
}

void cache_release(struct pending_query *question)
{
	if (atomic_fetch_sub_explicit(&question->references, 1, memory_order_acq_rel) != 1)
		return;
	answer_free(question->answer);
	free(question);
}

/* Takes a question out of the table. The shard is locked. */
static void take_out(struct shard *shard, struct pending_query *question)
{
	struct pending_query **link = &shard->buckets[question->key->hash & shard->mask];

	while (*link != question)
		link = &(*link)->chain;
	*link = question->chain;
	if (shard->hand == question)
		shard->hand = question->newer;
	if (question->newer != NULL)
		question->newer->older = question->older;
	else
		shard->newest = question->older;
	if (question->older != NULL)
		question->older->newer = question->newer;
	else
		shard->oldest = question->newer;
	shard->entries--;
	shard->bytes -= bytes_of(question);
	question->tabled = false;
	cache_release(question);
}

/* The table takes over one reference. The shard is locked. */
static void put_in(struct shard *shard, struct pending_query *question)
{
	struct pending_query **bucket = &shard->buckets[question->key->hash & shard->mask];

	question->chain = *bucket;
	*bucket = question;
	question->older = shard->newest;
	if (shard->newest != NULL)
		shard->newest->newer = question;
	else
		shard->oldest = question;
	shard->newest = question;
	shard->entries++;
	shard->bytes += bytes_of(question);
	question->tabled = true;
}

/* Questions under way stay: they are bounded by resolver.in_flight. Two rounds of the hand are
 * enough, the first takes away every mark. */
static void cache_make_room(struct shard *shard, int64_t now)
{
	size_t steps = 2 * shard->entries;

	while ((shard->entries > shard->entries_most || shard->bytes > shard->bytes_most) &&
	       steps-- > 0) {
		struct pending_query *question = shard->hand != NULL ? shard->hand : shard->oldest;

		shard->hand = question->newer;
		if (question->answer == NULL)
			continue;
		if (question->visited && question->expires > now) {
			question->visited = false;
			continue;
		}
		take_out(shard, question);
		shard->evicted++;
	}
}

void cache_close(struct cache *cache)
{
	if (cache == NULL)
		return;
	for (size_t i = 0; i < cache->shard_count; i++) {
		struct shard *shard = &cache->shards[i];

		while (shard->oldest != NULL)
			take_out(shard, shard->oldest);
		free(shard->buckets);
		pthread_mutex_destroy(&shard->lock);
	}
	free(cache);
}

/* The shard is locked. */
static struct pending_query *cache_find_all(struct shard *shard, const struct cache_key *key,
                                            const struct answer **answer)
{
	struct pending_query *question = shard->buckets[key->hash & shard->mask];

	while (question != NULL && !cache_key_same(question->key, key))
		question = question->chain;
	if (question == NULL)
		return NULL;
	if (question->answer != NULL && question->expires <= cache_now()) {
		take_out(shard, question);
		return NULL;
	}
	if (question->answer != NULL)
		shard->hits++;
	else
		shard->joined++;
	question->visited = true;
	atomic_fetch_add_explicit(&question->references, 1, memory_order_relaxed);
	*answer = question->answer;
	return question;
}

struct pending_query *cache_find(struct cache *cache, const struct cache_key *key,
                                 const struct answer **answer)
{
	struct shard *shard = shard_of(cache, key);
	struct pending_query *question;

	pthread_mutex_lock(&shard->lock);
	question = cache_find_all(shard, key, answer);
	pthread_mutex_unlock(&shard->lock);
	return question;
}

static struct pending_query *pending_query_new(struct shard *shard, const struct cache_key *key)
{
	struct pending_query *question = calloc(1, sizeof *question + key_bytes(key));

	if (question == NULL)
		return NULL;
	question->key = memcpy(question + 1, key, key_bytes(key));
	question->shard = shard;
	atomic_init(&question->references, 3);
	return question;
}

struct pending_query *cache_add(struct cache *cache, const struct cache_key *key,
                                const struct answer **answer, bool *fresh)
{
	struct shard *shard = shard_of(cache, key);
	struct pending_query *question;

	*fresh = false;
	pthread_mutex_lock(&shard->lock);
	question = cache_find_all(shard, key, answer);
	if (question == NULL && (question = pending_query_new(shard, key)) != NULL) {
		*fresh = true;
		*answer = NULL;
		shard->misses++;
		put_in(shard, question);
		cache_make_room(shard, cache_now());
	}
	pthread_mutex_unlock(&shard->lock);
	return question;
}

void cache_complete(struct cache *cache, struct pending_query *question, struct answer *answer,
                    int64_t milliseconds)
{
	struct shard *shard = shard_of(cache, question->key);
	struct waiter *waiters;
	int64_t now = cache_now();

	pthread_mutex_lock(&shard->lock);
	waiters = question->waiters;
	question->waiters = NULL;
	question->answer = answer;
	question->expires = now + milliseconds;
	shard->failures += answer->status == LOOKUP_FAILED;
	if (question->tabled) {
		shard->bytes += answer_bytes(answer);
		if (milliseconds <= 0)
			take_out(shard, question);
		else
			cache_make_room(shard, now);
	}
	pthread_mutex_unlock(&shard->lock);
	while (waiters != NULL) {
		struct waiter *waiter = waiters;

		waiters = waiter->next; /* the waiter may be gone once it has been called */
		waiter->arrived(waiter, answer);
	}
}

const struct answer *cache_wait(struct pending_query *question, struct waiter *waiter)
{
	const struct answer *answer;

	pthread_mutex_lock(&question->shard->lock);
	answer = question->answer;
	if (answer == NULL) {
		waiter->previous = NULL;
		waiter->next = question->waiters;
		if (waiter->next != NULL)
			waiter->next->previous = waiter;
		question->waiters = waiter;
	}
	pthread_mutex_unlock(&question->shard->lock);
	return answer;
}

bool cache_unwait(struct pending_query *question, struct waiter *waiter)
{
	bool waiting;

	pthread_mutex_lock(&question->shard->lock);
	waiting = question->answer == NULL;
	if (waiting) {
		if (waiter->next != NULL)
			waiter->next->previous = waiter->previous;
		if (waiter->previous != NULL)
			waiter->previous->next = waiter->next;
		else
			question->waiters = waiter->next;
	}
	pthread_mutex_unlock(&question->shard->lock);
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
