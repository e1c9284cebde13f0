/*
 * resolver.c - the cache, the recursor behind it, and the limits on queries in flight.
 *
 * main.c opens it once; the query session of each message (query_session.c) asks it.
 */
#include "dns/resolver.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/invariant.h"
#include "base/log.h"
#include "dns/answer.h"
#include "dns/cache.h"
#include "dns/recursor.h"

enum {
	CLIENT_MIN = 16, /* queries in flight that every client may have */
	FEW_PART = 32,   /* a client has few queries below 1/32 of resolver.in_flight */
	QUOTA_PARTS = 16,
	IPV6_NETWORK = 8 /* octets of the /64 that counts as one client */
};

/* The part of resolver.in_flight that a purpose may use, in sixteenths: in total, and for one
 * client. A message waits for one query at a time, so limits.messages limits those too; prefetched
 * queries have no other limit. */
static const struct {
	long total, client;
} quotas[RESOLVER_PURPOSES] = {
    [RESOLVER_PREFETCH] = {12, 2},
    [RESOLVER_AUTHOR_PREFETCH] = {13, 3},
    [RESOLVER_EVIDENCE] = {14, 12},
    [RESOLVER_AUTHOR] = {16, 14},
};

struct resolver {
	struct resolver_settings settings;
	struct cache *cache;
	struct recursor *recursor;
	atomic_ulong refused;

	pthread_mutex_t lock; /* of the next two, and of the resolver's members of each query */
	long in_flight, abandoned;
	long in_flight_of[RESOLVER_CLIENTS];

	/* written by the recursor's thread alone */
	atomic_ulong lookups[RESOLVER_TYPES][RESOLVER_OUTCOMES];
	atomic_ulong buckets[HISTOGRAM_BUCKETS];
	atomic_ulong microseconds;
	atomic_ulong failed_in_a_row;
	atomic_llong first_failed, last_failed; /* of these, in microseconds */
};

enum {
	SILENT_FAILURES = 5, /* fewer in a row may be the fault of the names */
	SILENT_STALE_S = 60  /* an older failure says nothing about now */
};

/* TXT is first, and stands for every type that is not in the list. */
static const enum record_type types[RESOLVER_TYPES] = {RECORD_TXT, RECORD_A, RECORD_AAAA, RECORD_MX,
                                                       RECORD_PTR};
const char *const resolver_type_names[] = {"TXT", "A", "AAAA", "MX", "PTR", NULL};
const char *const resolver_outcome_names[] = {[LOOKUP_FOUND] = "found",
                                              [LOOKUP_NO_DATA] = "no_data",
                                              [LOOKUP_NO_NAME] = "no_name",
                                              [LOOKUP_FAILED] = "failed",
                                              NULL};

static const struct setting rows[] = {
    {.name = "servers",
     .type = SETTING_STRINGS,
     .offset = offsetof(struct resolver_settings, servers),
     .standard = "[ ]",
     .help =
         "Name servers, \"ADDRESS\" or \"ADDRESS@PORT\"; empty: those of /etc/resolv.conf, which "
         "is read again when it changes"},
    {.name = "timeout_ms",
     .type = SETTING_NUMBER,
     .offset = offsetof(struct resolver_settings, timeout_ms),
     .standard = "5000",
     .minimum = 100,
     .maximum = 60000,
     .help = "Milliseconds after which a lookup without an answer has failed"},
    {.name = "cache_entries",
     .type = SETTING_NUMBER,
     .offset = offsetof(struct resolver_settings, cache_entries),
     .standard = "100000",
     .minimum = 100,
     .maximum = 10000000,
     .help = "Answers kept in memory at most, of 1 kB each on average"},
    {.name = "dnssec",
     .type = SETTING_FLAG,
     .offset = offsetof(struct resolver_settings, dnssec),
     .standard = "true",
     .help = "Validate answers with DNSSEC, where the servers pass on what that needs"},
    {.name = "trust_anchor",
     .type = SETTING_STRING,
     .offset = offsetof(struct resolver_settings, trust_anchor),
     .standard = "\"/usr/share/dns/root.key\"",
     .help = "File with the root's keys for dnssec (Debian: dns-root-data); nothing is validated "
             "without it"},
    {.name = "in_flight",
     .type = SETTING_NUMBER,
     .offset = offsetof(struct resolver_settings, in_flight),
     .standard = "1000",
     .minimum = 10,
     .maximum = 100000,
     .help = "Most queries that messages wait for at a time; one client may prefetch an eighth of "
             "it. Mail that cannot be judged because the limit is reached is deferred (451)"},
    {.name = NULL},
};

const struct setting_group resolver_settings_group = {
    .name = "resolver",
    .rows = rows,
    .size = sizeof(struct resolver_settings),
};

static int64_t microseconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void resolver_add(atomic_ulong *counter, unsigned long by)
{
	atomic_fetch_add_explicit(counter, by, memory_order_relaxed);
}

static void count_failure(struct resolver *resolver, int64_t now)
{
	if (atomic_load(&resolver->failed_in_a_row) == 0)
		atomic_store(&resolver->first_failed, now);
	atomic_store(&resolver->last_failed, now);
	resolver_add(&resolver->failed_in_a_row, 1);
}

static void count_lookup(struct resolver *resolver, const struct pending_query *query,
                         enum lookup_status status)
{
	int64_t now = microseconds_now();
	unsigned long took = (unsigned long)(now - query->started);
	size_t type = RESOLVER_TYPES - 1;

	while (type > 0 && types[type] != query->key->type)
		type--;
	resolver_add(&resolver->lookups[type][status], 1);
	resolver_add(&resolver->buckets[histogram_bucket(took)], 1);
	resolver_add(&resolver->microseconds, took);
	if (status == LOOKUP_FAILED)
		count_failure(resolver, now);
	else
		atomic_store(&resolver->failed_in_a_row, 0);
}

static void leave_in_flight(struct resolver *resolver, struct pending_query *query)
{
	pthread_mutex_lock(&resolver->lock);
	invariant(!query->completed && query->client < RESOLVER_CLIENTS);
	query->completed = true;
	if (query->abandoned)
		resolver->abandoned--;
	else
		resolver->in_flight--;
	resolver->in_flight_of[query->client]--;
	invariant(resolver->in_flight >= 0 && resolver->abandoned >= 0);
	invariant(resolver->in_flight_of[query->client] >= 0);
	pthread_mutex_unlock(&resolver->lock);
}

/* Called by the recursor, on its thread. */
static void complete(void *context, struct pending_query *query, struct answer *answer,
                     int64_t milliseconds)
{
	struct resolver *resolver = context;

	leave_in_flight(resolver, query);
	count_lookup(resolver, query, answer->status);
	cache_complete(resolver->cache, query, answer, milliseconds);
	cache_release(query);
}

struct resolver *resolver_open(const struct resolver_settings *settings, struct problem *problem)
{
	struct resolver *resolver = calloc(1, sizeof *resolver);
	struct recursor_settings recursor = {
	    .servers = &settings->servers,
	    .timeout_ms = settings->timeout_ms,
	    .in_flight = settings->in_flight,
	    .trust_anchor = settings->dnssec ? settings->trust_anchor : NULL,
	    .complete = complete,
	    .context = resolver,
	};

	if (resolver == NULL ||
	    (resolver->cache = cache_open((size_t)settings->cache_entries)) == NULL) {
		problem_say(problem, "resolver.cache_entries: no memory for %ld",
		            settings->cache_entries);
		free(resolver);
		return NULL;
	}
	resolver->settings = *settings;
	log_debug("resolver: %ld answers in the cache, %ld queries in flight, %ld ms for a lookup "
	          "at most",
	          settings->cache_entries, settings->in_flight, settings->timeout_ms);
	pthread_mutex_init(&resolver->lock, NULL);
	resolver->recursor = recursor_open(&recursor, problem);
	if (resolver->recursor != NULL)
		return resolver;
	cache_close(resolver->cache);
	pthread_mutex_destroy(&resolver->lock);
	free(resolver);
	return NULL;
}

void resolver_close(struct resolver *resolver)
{
	if (resolver == NULL)
		return;
	recursor_close(resolver->recursor);
	cache_close(resolver->cache);
	pthread_mutex_destroy(&resolver->lock);
	free(resolver);
}

bool resolver_key(const struct resolver *resolver, const char *name, enum record_type type,
                  struct cache_key *key)
{
	return cache_key_make(resolver->cache, name, type, key);
}

long resolver_timeout_ms(const struct resolver *resolver)
{
	return resolver->settings.timeout_ms;
}

unsigned resolver_client(const struct resolver *resolver, const struct address *client)
{
	char network[ADDRESS_TEXT];
	struct address masked;
	struct cache_key key;

	if (client == NULL || client->family == ADDRESS_UNKNOWN)
		return RESOLVER_NO_CLIENT;
	masked = *client;
	if (masked.family == ADDRESS_IPV6)
		memset(masked.bytes + IPV6_NETWORK, 0, sizeof masked.bytes - IPV6_NETWORK);
	address_print(&masked, network);
	/* the cache's hash has a secret key, so nobody can choose an address that counts as another
	 * client's */
	cache_key_make(resolver->cache, network, RECORD_PTR, &key);
	return 1 + (unsigned)(key.hash % (RESOLVER_CLIENTS - 1));
}

static long larger_of(long number, long other)
{
	return number < other ? other : number;
}

/*
 * The lock is held. The last quarter is reserved for clients with few queries in flight: so a few
 * busy clients leave room for the others. Abandoned queries do not count as in flight, but are
 * limited too; they count again when somebody asks for them, so there can be twice as many as the
 * setting says. False: *fault says which limit was reached.
 */
static bool resolver_has_room(const struct resolver *resolver, unsigned client,
                              enum resolver_purpose purpose, enum lookup_fault *fault)
{
	long limit = resolver->settings.in_flight;
	long client_limit = larger_of(limit * quotas[purpose].client / QUOTA_PARTS, CLIENT_MIN);
	long total_limit = limit * quotas[purpose].total / QUOTA_PARTS;
	long own = client == RESOLVER_NO_CLIENT ? 0 : resolver->in_flight_of[client];

	invariant(purpose < RESOLVER_PURPOSES && client < RESOLVER_CLIENTS);
	*fault = LOOKUP_FAULT_CLIENT_LOOKUPS;
	if (own >= client_limit)
		return false;
	*fault = LOOKUP_FAULT_IN_FLIGHT;
	if (own >= larger_of(limit / FEW_PART, CLIENT_MIN))
		total_limit = limit * quotas[RESOLVER_PREFETCH].total / QUOTA_PARTS;
	if (resolver->in_flight >= total_limit ||
	    resolver->in_flight + resolver->abandoned >= 2 * total_limit)
		return false;
	*fault = LOOKUP_FAULT_RESOLVER; /* only memory can be missing now */
	return true;
}

static bool enter_in_flight(struct resolver *resolver, unsigned client,
                            enum resolver_purpose purpose, enum lookup_fault *fault)
{
	bool room;

	pthread_mutex_lock(&resolver->lock);
	room = resolver_has_room(resolver, client, purpose, fault);
	resolver->in_flight += room;
	resolver->in_flight_of[client] += room;
	pthread_mutex_unlock(&resolver->lock);
	return room;
}

/* Another message has asked the same meanwhile, or there is no memory for a query. */
static void cancel_in_flight(struct resolver *resolver, unsigned client)
{
	pthread_mutex_lock(&resolver->lock);
	resolver->in_flight--;
	resolver->in_flight_of[client]--;
	pthread_mutex_unlock(&resolver->lock);
}

/* One more message waits for a query. */
static void resolver_join(struct resolver *resolver, struct pending_query *query)
{
	pthread_mutex_lock(&resolver->lock);
	query->askers++;
	if (query->abandoned && !query->completed) {
		query->abandoned = false;
		resolver->abandoned--;
		resolver->in_flight++;
	}
	pthread_mutex_unlock(&resolver->lock);
}

void resolver_leave(struct resolver *resolver, struct pending_query *query)
{
	bool abandoned = false;

	pthread_mutex_lock(&resolver->lock);
	invariant(query->askers > 0);
	if (--query->askers == 0 && !query->completed) {
		query->abandoned = abandoned = true;
		resolver->abandoned++;
		resolver->in_flight--;
	}
	pthread_mutex_unlock(&resolver->lock);
	if (abandoned)
		log_debug("DNS query for %s, type %d: no message waits for it any more",
		          query->key->name, (int)query->key->type);
}

struct pending_query *resolver_ask(struct resolver *resolver, const struct cache_key *key,
                                   unsigned client, enum resolver_purpose purpose,
                                   const struct answer **answer, enum lookup_fault *fault)
{
	struct pending_query *query = cache_find(resolver->cache, key, answer);
	bool is_new = false;

	if (query == NULL) {
		if (!enter_in_flight(resolver, client, purpose, fault)) {
			log_debug("DNS query for %s, type %d, refused: limit %s", key->name,
			          (int)key->type, lookup_fault_names[*fault]);
			resolver_add(&resolver->refused, *fault == LOOKUP_FAULT_IN_FLIGHT &&
			                                     purpose >= RESOLVER_EVIDENCE);
			return NULL;
		}
		query = cache_add(resolver->cache, key, answer, &is_new);
		if (!is_new)
			cancel_in_flight(resolver, client);
	}
	if (is_new)
		query->client = client;
	if (query != NULL && *answer == NULL)
		resolver_join(resolver, query);
	if (is_new) {
		query->started = microseconds_now();
		recursor_ask(resolver->recursor, query);
	}
	return query;
}

static long silent_seconds(struct resolver *resolver)
{
	int64_t now = microseconds_now();

	if (atomic_load(&resolver->failed_in_a_row) < SILENT_FAILURES ||
	    now - atomic_load(&resolver->last_failed) > (int64_t)SILENT_STALE_S * 1000000)
		return 0;
	return (long)((now - atomic_load(&resolver->first_failed)) / 1000000);
}

void resolver_count(struct resolver *resolver, struct resolver_counts *counts)
{
	*counts = (struct resolver_counts){.refused = atomic_load(&resolver->refused),
	                                   .silent_seconds = silent_seconds(resolver)};
	pthread_mutex_lock(&resolver->lock);
	counts->in_flight = (unsigned long)resolver->in_flight;
	counts->abandoned = (unsigned long)resolver->abandoned;
	pthread_mutex_unlock(&resolver->lock);
	for (size_t type = 0; type < RESOLVER_TYPES; type++)
		for (size_t outcome = 0; outcome < RESOLVER_OUTCOMES; outcome++)
			counts->lookups[type][outcome] =
			    atomic_load(&resolver->lookups[type][outcome]);
	for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++)
		counts->seconds.buckets[i] = atomic_load(&resolver->buckets[i]);
	counts->seconds.microseconds = atomic_load(&resolver->microseconds);
	cache_count(resolver->cache, counts);
}
