/*
 * query_session.c - the DNS lookups of one message: keeps every answer until the message ends,
 * waits within the message's time, and runs the continuations of prefetched lookups.
 *
 * envelope.c opens one for each message; policies use it through services.h. The message's
 * thread and the resolver's thread both come here, so everything after opening is under the lock.
 * Its memory is not from the arena, because continuations prefetch on the resolver's thread.
 *
 * Continuations of one message run one at a time: the thread that makes one ready runs it, unless
 * another thread is running one and takes it over. So a chain of answers that are cached is a loop,
 * not a recursion.
 */
#include "dns/query_session.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/invariant.h"
#include "dns/cache.h"
#include "dns/continuation.h"
#include "dns/query_refusal.h"

enum {
	BUCKETS = 64,
	PREFETCHED_MAX = 200, /* queries that a message prefetches */
	UNANSWERED_MAX = 64,  /* of these, without an answer at one time */
	LOOKUPS_MAX = 1000,   /* queries of a message in total */
	GRACE_MS = 250        /* so that the resolver gives up first: it knows why */
};

/* What a message's lookups are for. */
enum share {
	SHARE_EVIDENCE,
	SHARE_AUTHOR,
	SHARE_ASIDE,
	SHARES
};

/* `reserve`: how much of the message's time, in hundredths, a share has to leave for the others. */
static const struct {
	long reserve;
	enum resolver_purpose prefetch, lookup;
	const char *name; /* for the log */
} shares[SHARES] = {
    [SHARE_AUTHOR] = {0, RESOLVER_AUTHOR_PREFETCH, RESOLVER_AUTHOR, "author"},
    [SHARE_EVIDENCE] = {50, RESOLVER_PREFETCH, RESOLVER_EVIDENCE, "evidence"},
    [SHARE_ASIDE] = {75, RESOLVER_PREFETCH, RESOLVER_PREFETCH, "aside"},
};

/* The services of one share; a policy gets a pointer to `services`. */
struct query_session_window {
	struct services services;
	struct query_session *query_session;
	enum share share;
};

/* One query of this message. */
struct query_session_slot {
	struct waiter waiter; /* first: arrived() gets from one to the other */
	struct query_session *query_session;
	struct query_session_slot *chain; /* in its bucket */
	struct query_session_slot *next;  /* in the order asked */
	struct pending_query *question;
	const struct answer *answer; /* NULL: under way */
	bool watching;
	bool asking; /* counted at the resolver among those who wait */
	bool cached;
	bool given_up; /* waited for in vain */
	bool failure_noted;
	bool prefetched;
	enum share share; /* what it was asked for first */
	struct timespec asked;
	double milliseconds;
	struct continuations continuations; /* wait for the answer */
};

struct query_session {
	struct query_session_window windows[SHARES];
	struct resolver *resolver;
	bool shared;     /* a message of a client: its time and lookups are shared out */
	unsigned client; /* the resolver's account */
	struct arena *arena;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	long budget_ms; /* all in all */
	long left_ms;
	bool remember;
	void (*debug)(void *context, const char *format, va_list arguments); /* NULL: no lines */
	void *debug_context;
	struct query_failures failures;
	bool closing;
	bool running;                            /* a continuation, on some thread */
	size_t watching;                         /* slots that an answer may still arrive for */
	struct continuations ready;              /* their answers are there */
	struct query_session_slot *first, **end; /* in the order asked */
	size_t slots, prefetched;
	struct query_session_slot *buckets[BUCKETS];
};

/* A name that cannot be one. */
static const struct answer no_name = {.status = LOOKUP_NO_NAME};

static double milliseconds_since(const struct timespec *then)
{
	return clock_monotonic_since(then) * 1e3;
}

/* services.debug of every window. */
static void __attribute__((format(printf, 2, 3)))
query_session_line(void *context, const char *format, ...)
{
	const struct query_session *query_session =
	    ((const struct query_session_window *)context)->query_session;
	va_list arguments;

	va_start(arguments, format);
	query_session->debug(query_session->debug_context, format, arguments);
	va_end(arguments);
}

/* Called once for each question, when its answer is there. */
static void log_answer(const struct query_session_slot *slot, const struct answer *answer)
{
	const struct query_session *query_session = slot->query_session;

	if (query_session->debug == NULL)
		return;
	query_log_answer(&query_session->windows[slot->share].services,
	                 &(struct query_log_answer){
	                     .name = slot->question->key->name,
	                     .type = slot->question->key->type,
	                     .answer = answer,
	                     .milliseconds = slot->cached ? 0 : milliseconds_since(&slot->asked),
	                     .cached = slot->cached,
	                     .prefetched = slot->prefetched,
	                     .purpose = shares[slot->share].name,
	                 });
}

/* Runs the continuations that are ready. The lock is held, but released while one runs. */
static void run_ready(struct query_session *query_session)
{
	struct continuation *continuation;

	if (query_session->running)
		return;
	while (!query_session->closing &&
	       (continuation = continuation_dequeue(&query_session->ready)) != NULL) {
		struct query_session_slot *slot = continuation->slot;

		query_session->running = true;
		pthread_mutex_unlock(&query_session->lock);
		continuation->then(continuation->services, slot->question->key->name, slot->answer,
		                   continuation->context);
		free(continuation);
		pthread_mutex_lock(&query_session->lock);
		query_session->running = false;
	}
	if (query_session->closing)
		pthread_cond_broadcast(&query_session->changed);
}

/* Called on the resolver's thread with an answer. The query session may be freed as soon as the
 * lock is released. */
static void query_session_arrived(struct waiter *waiter, const struct answer *answer)
{
	struct query_session_slot *slot = (struct query_session_slot *)waiter;
	struct query_session *query_session = slot->query_session;
	struct continuation *continuation;

	invariant(answer != NULL);
	log_answer(slot, answer);
	pthread_mutex_lock(&query_session->lock);
	invariant(slot->answer == NULL && slot->watching);
	slot->answer = answer;
	if (query_session->remember)
		slot->milliseconds = milliseconds_since(&slot->asked);
	while ((continuation = continuation_dequeue(&slot->continuations)) != NULL)
		continuation_enqueue(&query_session->ready, continuation);
	pthread_cond_broadcast(&query_session->changed);
	run_ready(query_session);
	slot->watching = false;
	query_session->watching--;
	if (query_session->closing)
		pthread_cond_broadcast(&query_session->changed);
	pthread_mutex_unlock(&query_session->lock);
}

static struct query_session_slot *query_session_find(struct query_session *query_session,
                                                     const struct cache_key *key)
{
	struct query_session_slot *slot = query_session->buckets[key->hash % BUCKETS];

	while (slot != NULL && !cache_key_same(slot->question->key, key))
		slot = slot->chain;
	return slot;
}

/* Adds a slot to the message, and waits for its answer unless it has one. */
static void enter(struct query_session *query_session, struct query_session_slot *slot)
{
	struct query_session_slot **bucket;

	invariant(slot->question != NULL && query_session->slots < LOOKUPS_MAX);
	bucket = &query_session->buckets[slot->question->key->hash % BUCKETS];
	slot->waiter.arrived = query_session_arrived;
	slot->continuations.end = &slot->continuations.first;
	slot->cached = slot->answer != NULL;
	slot->asking = slot->answer == NULL;
	if (slot->answer == NULL)
		slot->answer = cache_wait(slot->question, &slot->waiter);
	if (slot->answer != NULL)
		log_answer(slot, slot->answer);
	slot->watching = slot->answer == NULL;
	query_session->watching += slot->watching;
	slot->chain = *bucket;
	*bucket = slot;
	*query_session->end = slot;
	query_session->end = &slot->next;
	query_session->slots++;
}

/* Sends a query that this message has not sent before. NULL: refused, *refusal says why. The lock
 * is held. */
static struct query_session_slot *query_session_ask(struct query_session *query_session,
                                                    const struct query_session_window *window,
                                                    const struct cache_key *key, bool prefetch,
                                                    const struct answer **refusal)
{
	enum resolver_purpose purpose =
	    prefetch ? shares[window->share].prefetch : shares[window->share].lookup;
	enum lookup_fault fault = LOOKUP_FAULT_MESSAGE_LOOKUPS;
	struct query_session_slot *slot = NULL;

	if (query_session->slots < LOOKUPS_MAX) {
		slot = calloc(1, sizeof *slot);
		fault = LOOKUP_FAULT_RESOLVER;
	}
	if (slot != NULL) {
		slot->query_session = query_session;
		slot->prefetched = prefetch;
		slot->share = window->share;
		if (query_session->remember || query_session->debug != NULL)
			slot->asked = clock_deadline_after(0);
		slot->question = resolver_ask(query_session->resolver, key, query_session->client,
		                              purpose, &slot->answer, &fault);
	}
	if (slot == NULL || slot->question == NULL) {
		*refusal = &query_refusal_by_fault[fault];
		invariant(fault < LOOKUP_FAULTS && (*refusal)->why != NULL);
		query_log_refusal(&window->services, key->name, key->type,
		                  shares[window->share].name, *refusal);
		free(slot);
		return NULL;
	}
	enter(query_session, slot);
	return slot;
}

/* Waits for a slot's answer, within the time of a lookup and of the share. The lock is held. */
static const struct answer *wait_for(struct query_session *query_session,
                                     struct query_session_slot *slot, enum share share)
{
	long timeout = resolver_timeout_ms(query_session->resolver) + GRACE_MS;
	long left = query_session->left_ms - query_session->budget_ms / 100 * shares[share].reserve;
	long wait = left < timeout ? left : timeout;
	struct timespec begin, deadline;
	int error = 0;

	if (slot->answer != NULL)
		return slot->answer;
	if (wait <= 0)
		return &query_refusal_by_fault[LOOKUP_FAULT_MESSAGE_TIME];
	begin = clock_deadline_after(0);
	deadline = clock_deadline_after(wait);
	while (slot->answer == NULL && error == 0)
		error = pthread_cond_timedwait(&query_session->changed, &query_session->lock,
		                               &deadline);
	query_session->left_ms -= (long)(milliseconds_since(&begin) + 0.5);
	if (slot->answer != NULL)
		return slot->answer;
	slot->given_up = true;
	slot->milliseconds = milliseconds_since(&slot->asked);
	return wait < timeout ? &query_refusal_by_fault[LOOKUP_FAULT_MESSAGE_TIME]
	                      : &query_refusal_late;
}

static const struct answer *query_session_lookup(void *context, const char *name,
                                                 enum record_type type)
{
	const struct query_session_window *window = context;
	struct query_session *query_session = window->query_session;
	const struct answer *answer;
	struct cache_key key;
	struct query_session_slot *slot;

	if (!resolver_key(query_session->resolver, name, type, &key))
		return &no_name;
	pthread_mutex_lock(&query_session->lock);
	slot = query_session_find(query_session, &key);
	if (slot == NULL)
		slot = query_session_ask(query_session, window, &key, false, &answer);
	if (slot != NULL)
		answer = wait_for(query_session, slot, window->share);
	if (slot != NULL && answer != slot->answer)
		query_log_refusal(&window->services, key.name, key.type, shares[window->share].name,
		                  answer);
	if (answer->status == LOOKUP_FAILED && (slot == NULL || !slot->failure_noted))
		query_log_note_failure(&query_session->failures, key.name, key.type, answer,
		                       query_session->arena);
	if (slot != NULL)
		slot->failure_noted = answer->status == LOOKUP_FAILED;
	pthread_mutex_unlock(&query_session->lock);
	return answer;
}

/* Calls `then` as soon as the slot has its answer. The lock is held. */
static void follow(struct query_session_slot *slot, const struct query_session_window *window,
                   prefetched_function *then, void *then_context)
{
	struct query_session *query_session = slot->query_session;
	struct continuation *continuation = calloc(1, sizeof *continuation);

	if (continuation == NULL)
		return;
	continuation->slot = slot;
	continuation->services = &window->services;
	continuation->then = then;
	continuation->context = then_context;
	continuation_enqueue(slot->answer == NULL ? &slot->continuations : &query_session->ready,
	                     continuation);
	run_ready(query_session);
}

static void query_session_prefetch(void *context, const char *name, enum record_type type,
                                   prefetched_function *then, void *then_context)
{
	const struct query_session_window *window = context;
	struct query_session *query_session = window->query_session;
	const struct answer *refusal;
	struct cache_key key;
	struct query_session_slot *slot;

	if (!resolver_key(query_session->resolver, name, type, &key)) {
		if (then != NULL)
			then(&window->services, name, &no_name, then_context);
		return;
	}
	pthread_mutex_lock(&query_session->lock);
	slot = query_session_find(query_session, &key);
	if (slot == NULL && !query_session->closing && query_session->prefetched < PREFETCHED_MAX &&
	    query_session->watching < UNANSWERED_MAX) {
		slot = query_session_ask(query_session, window, &key, true, &refusal);
		query_session->prefetched++;
	}
	if (slot != NULL && then != NULL && !query_session->closing)
		follow(slot, window, then, then_context);
	pthread_mutex_unlock(&query_session->lock);
}

static time_t query_session_now(void *context)
{
	(void)context;
	return time(NULL);
}

/* After this no answer arrives any more. */
static void stop(struct query_session *query_session)
{
	pthread_mutex_lock(&query_session->lock);
	query_session->closing = true;
	for (struct query_session_slot *slot = query_session->first; slot != NULL;
	     slot = slot->next) {
		if (!slot->watching || !cache_unwait(slot->question, &slot->waiter))
			continue;
		slot->watching = false;
		query_session->watching--;
	}
	while (query_session->watching > 0 || query_session->running)
		pthread_cond_wait(&query_session->changed, &query_session->lock);
	pthread_mutex_unlock(&query_session->lock);
}

static void query_session_release(void *context)
{
	struct query_session *query_session = context;
	struct query_session_slot *slot = query_session->first;

	stop(query_session);
	continuation_drop_all(&query_session->ready);
	while (slot != NULL) {
		struct query_session_slot *next = slot->next;

		continuation_drop_all(&slot->continuations);
		if (slot->asking)
			resolver_leave(query_session->resolver, slot->question);
		cache_release(slot->question);
		free(slot);
		slot = next;
	}
	pthread_cond_destroy(&query_session->changed);
	pthread_mutex_destroy(&query_session->lock);
}

static void open_windows(struct query_session *query_session)
{
	for (enum share share = 0; share < SHARES; share++) {
		struct query_session_window *window = &query_session->windows[share];

		window->query_session = query_session;
		window->share = share;
		window->services = (struct services){
		    .context = window,
		    .lookup = query_session_lookup,
		    .prefetch = query_session_prefetch,
		    .now = query_session_now,
		    .author = &query_session->windows[SHARE_AUTHOR].services,
		    .aside = &query_session->windows[SHARE_ASIDE].services,
		};
	}
}

struct query_session *query_session_open(struct resolver *resolver, const struct address *client,
                                         long budget_ms, struct arena *arena)
{
	struct query_session *query_session = arena_allocate(arena, sizeof *query_session);

	invariant(resolver != NULL && budget_ms >= 0);
	open_windows(query_session);
	query_session->resolver = resolver;
	query_session->shared = client != NULL;
	query_session->client = resolver_client(resolver, client);
	query_session->arena = arena;
	query_session->budget_ms = query_session->left_ms = budget_ms;
	query_session->end = &query_session->first;
	query_session->ready.end = &query_session->ready.first;
	pthread_mutex_init(&query_session->lock, NULL);
	clock_condition_init(&query_session->changed);
	arena_on_release(arena, query_session_release, query_session);
	return query_session;
}

const struct services *query_session_services(struct query_session *query_session)
{
	return &query_session->windows[query_session->shared ? SHARE_EVIDENCE : SHARE_AUTHOR]
	            .services;
}

void query_session_debug(struct query_session *query_session,
                         void (*line)(void *context, const char *format, va_list arguments),
                         void *context)
{
	invariant(line != NULL && query_session->first == NULL);
	query_session->debug = line;
	query_session->debug_context = context;
	for (enum share share = 0; share < SHARES; share++)
		query_session->windows[share].services.debug = query_session_line;
}

const struct query_failures *query_session_failures(const struct query_session *query_session)
{
	return &query_session->failures;
}

void query_session_remember(struct query_session *query_session)
{
	pthread_mutex_lock(&query_session->lock);
	query_session->remember = true;
	pthread_mutex_unlock(&query_session->lock);
}

size_t query_session_queries(struct query_session *query_session,
                             const struct query_session_query **queries)
{
	struct query_session_query *list;
	size_t count = 0;

	pthread_mutex_lock(&query_session->lock);
	list = arena_allocate(query_session->arena, (query_session->slots + 1) * sizeof *list);
	for (const struct query_session_slot *slot = query_session->first; slot != NULL;
	     slot = slot->next) {
		if (slot->answer == NULL && !slot->given_up)
			continue;
		list[count++] = (struct query_session_query){
		    .name = slot->question->key->name,
		    .type = slot->question->key->type,
		    .status = slot->answer == NULL ? LOOKUP_FAILED : slot->answer->status,
		    .milliseconds = slot->cached ? 0 : slot->milliseconds,
		    .cached = slot->cached,
		};
	}
	pthread_mutex_unlock(&query_session->lock);
	*queries = list;
	return count;
}
