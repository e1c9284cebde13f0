/*
 * resolver.c - the cache, the recursor behind it, and the bound on what is under way between the
 * two.
 *
 * main.c opens it once; each message's query_session (query_session.c) asks it.
 */
#include "dns/resolver.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "dns/answer.h"
#include "dns/cache.h"
#include "dns/recursor.h"

enum {
	CLIENT_MIN = 16, /* questions that a client may have under way at least */
	MODEST = 32, /* who has less than this part of resolver.in_flight has little under way */
	PARTS = 16,
	IPV6_NETWORK = 8 /* octets of the /64 that an account is for */
};

/* How much of resolver.in_flight a purpose may fill, in sixteenths, in all and for one client. A
 * message waits for one question at a time, so that what a client's messages wait for is bounded by
 * limits.messages besides; what they prefetch is not. */
static const struct {
	long of_all, of_client;
} parts[RESOLVER_PURPOSES] = {
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

	pthread_mutex_t lock; /* of what follows, and of the resolver's members of each question */
	long in_flight, abandoned;
	long on_account[RESOLVER_CLIENTS];

	/* written by the recursor's thread alone */
	atomic_ulong lookups[RESOLVER_TYPES][RESOLVER_OUTCOMES];
	atomic_ulong buckets[HISTOGRAM_BUCKETS];
	atomic_ulong microseconds;
	atomic_ulong failed_in_a_row;
	atomic_llong first_failed, last_failed; /* of these, in microseconds */
};

enum {
	SILENT_FAILURES = 5, /* as many in a row may be the fault of the names asked for */
	SILENT_STALE_S = 60  /* a failure so long ago says nothing about now */
};

/* TXT stands first and takes what is none of the others. */
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
     .help = "Name servers, \"ADDRESS\" or \"ADDRESS@PORT\"; empty: those of /etc/resolv.conf"},
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
     .help = "Answers kept in memory at most, of 1 kB each on the average"},
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
     .help = "Questions that messages wait for at once at most; one client may prefetch "
             "an eighth. Mail that cannot be judged for lack of an answer then is put off (451)"},
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

static void count(struct resolver *resolver, const struct pending_query *question,
                  enum lookup_status status)
{
	int64_t now = microseconds_now();
	unsigned long took = (unsigned long)(now - question->asked);
	size_t type = RESOLVER_TYPES - 1;

	while (type > 0 && types[type] != question->key->type)
		type--;
	resolver_add(&resolver->lookups[type][status], 1);
	resolver_add(&resolver->buckets[histogram_bucket(took)], 1);
	resolver_add(&resolver->microseconds, took);
	if (status == LOOKUP_FAILED)
		count_failure(resolver, now);
	else
		atomic_store(&resolver->failed_in_a_row, 0);
}

static void leave_flight(struct resolver *resolver, struct pending_query *question)
{
	pthread_mutex_lock(&resolver->lock);
	question->settled = true;
	if (question->abandoned)
		resolver->abandoned--;
	else
		resolver->in_flight--;
	resolver->on_account[question->client]--;
	pthread_mutex_unlock(&resolver->lock);
}

/* On the recursor's thread. */
static void complete(void *context, struct pending_query *question, struct answer *answer,
                     int64_t milliseconds)
{
	struct resolver *resolver = context;

	leave_flight(resolver, question);
	count(resolver, question, answer->status);
	cache_complete(resolver->cache, question, answer, milliseconds);
	cache_release(question);
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
	/* the hash of the cache is secret, so that nobody can choose whom to share an account with
	 */
	cache_key_make(resolver->cache, network, RECORD_PTR, &key);
	return 1 + (unsigned)(key.hash % (RESOLVER_CLIENTS - 1));
}

static long at_least(long number, long least)
{
	return number < least ? least : number;
}

/*
 * The lock is held. The last quarter is kept for clients with little under way: a few that have
 * much leave room for the others. What is abandoned is not in flight, but has a bound as well;
 * asked for again it is in flight once more, so that there can be twice as many as the setting
 * says.
 */
static bool resolver_has_room(const struct resolver *resolver, unsigned client,
                              enum resolver_purpose purpose, enum lookup_fault *fault)
{
	long most = resolver->settings.in_flight;
	long of_client = at_least(most * parts[purpose].of_client / PARTS, CLIENT_MIN);
	long of_all = most * parts[purpose].of_all / PARTS;
	long own = client == RESOLVER_NO_CLIENT ? 0 : resolver->on_account[client];

	*fault = LOOKUP_FAULT_CLIENT_LOOKUPS;
	if (own >= of_client)
		return false;
	*fault = LOOKUP_FAULT_IN_FLIGHT;
	if (own >= at_least(most / MODEST, CLIENT_MIN))
		of_all = most * parts[RESOLVER_PREFETCH].of_all / PARTS;
	if (resolver->in_flight >= of_all ||
	    resolver->in_flight + resolver->abandoned >= 2 * of_all)
		return false;
	*fault = LOOKUP_FAULT_RESOLVER; /* what else may fail is memory */
	return true;
}

static bool enter_flight(struct resolver *resolver, unsigned client, enum resolver_purpose purpose,
                         enum lookup_fault *fault)
{
	bool room;

	pthread_mutex_lock(&resolver->lock);
	room = resolver_has_room(resolver, client, purpose, fault);
	resolver->in_flight += room;
	resolver->on_account[client] += room;
	pthread_mutex_unlock(&resolver->lock);
	return room;
}

/* Another message had the same question meanwhile, or there is no memory for one. */
static void cancel_flight(struct resolver *resolver, unsigned client)
{
	pthread_mutex_lock(&resolver->lock);
	resolver->in_flight--;
	resolver->on_account[client]--;
	pthread_mutex_unlock(&resolver->lock);
}

/* The caller is one more who waits. */
static void resolver_join(struct resolver *resolver, struct pending_query *question)
{
	pthread_mutex_lock(&resolver->lock);
	question->askers++;
	if (question->abandoned && !question->settled) {
		question->abandoned = false;
		resolver->abandoned--;
		resolver->in_flight++;
	}
	pthread_mutex_unlock(&resolver->lock);
}

void resolver_leave(struct resolver *resolver, struct pending_query *question)
{
	pthread_mutex_lock(&resolver->lock);
	if (--question->askers == 0 && !question->settled) {
		question->abandoned = true;
		resolver->abandoned++;
		resolver->in_flight--;
	}
	pthread_mutex_unlock(&resolver->lock);
}

struct pending_query *resolver_ask(struct resolver *resolver, const struct cache_key *key,
                                   unsigned client, enum resolver_purpose purpose,
                                   const struct answer **answer, enum lookup_fault *fault)
{
	struct pending_query *question = cache_find(resolver->cache, key, answer);
	bool fresh = false;

	if (question == NULL) {
		if (!enter_flight(resolver, client, purpose, fault)) {
			resolver_add(&resolver->refused, *fault == LOOKUP_FAULT_IN_FLIGHT &&
			                                     purpose >= RESOLVER_EVIDENCE);
			return NULL;
		}
		question = cache_add(resolver->cache, key, answer, &fresh);
		if (!fresh)
			cancel_flight(resolver, client);
	}
	if (fresh)
		question->client = client;
	if (question != NULL && *answer == NULL)
		resolver_join(resolver, question);
	if (fresh) {
		question->asked = microseconds_now();
		recursor_ask(resolver->recursor, question);
	}
	return question;
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
