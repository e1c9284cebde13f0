/*
 * enquiry.c - what one message asks of the DNS: remembers every answer until the message ends, waits within
 * its budget, and runs the continuations of foreseen look-ups.
 *
 * The session opens one beside each message's arena; policies reach it through services.h. The message's own
 * thread and the resolver's meet here: everything but the opening is under the lock. Memory is not the
 * arena's, since continuations foresee from the resolver's thread.
 *
 * Continuations of one message run one at a time: whoever makes one ready runs it unless another thread is
 * running one, which then takes it over. So a chain of answers that are known already is a loop, not a
 * recursion.
 */
#include "dns/enquiry.h"

#include <pthread.h>
#include <stdlib.h>

#include "dns/cache.h"
#include "steady.h"

enum {
	BUCKETS = 64,
	FORESEEN_MOST = 200, /* questions that a message foresees */
	LOOKUPS_MOST = 1000  /* questions of a message in all */
};

struct continuation {
	struct continuation *next;
	struct slot *slot;
	foreseen_function *then;
	void *with;
};

struct continuations {
	struct continuation *first, **end;
};

/* One question of this message. */
struct slot {
	struct watcher watcher; /* first: arrived() gets from one to the other */
	struct enquiry *enquiry;
	struct slot *chain; /* in its bucket */
	struct slot *next;  /* in the order asked */
	struct question *question;
	const struct answer *answer; /* NULL: under way */
	bool watching;
	bool cached;
	bool given_up; /* waited for in vain */
	struct timespec asked;
	double milliseconds;
	struct continuations continuations; /* wait for the answer */
};

struct enquiry {
	struct services services;
	struct resolver *resolver;
	struct arena *arena;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	long budget_ms;
	bool remember;
	bool closing;
	bool running;               /* a continuation, on some thread */
	size_t watching;            /* slots that an answer may still arrive for */
	struct continuations ready; /* their answers are there */
	struct slot *first, **end;  /* in the order asked */
	size_t slots, foreseen;
	struct slot *buckets[BUCKETS];
};

static const struct answer no_name = {.status = LOOKUP_NO_NAME};
static const struct answer too_late = {.status = LOOKUP_FAILED,
                                       .why = "no answer from the name servers in time"};
static const struct answer budget_spent = {.status = LOOKUP_FAILED,
                                           .why = "the message's time for DNS answers is used up"};
static const struct answer too_many = {.status = LOOKUP_FAILED,
                                       .why = "too many DNS queries are under way (resolver.in_flight)"};
static const struct answer limit_reached = {.status = LOOKUP_FAILED,
                                            .why = "too many DNS look-ups for one message"};

static void line_up(struct continuations *line, struct continuation *continuation)
{
	continuation->next = NULL;
	*line->end = continuation;
	line->end = &continuation->next;
}

static struct continuation *take_first(struct continuations *line)
{
	struct continuation *continuation = line->first;

	if (continuation == NULL)
		return NULL;
	line->first = continuation->next;
	if (line->first == NULL)
		line->end = &line->first;
	return continuation;
}

static void drop_all(struct continuations *line)
{
	struct continuation *continuation;

	while ((continuation = take_first(line)) != NULL)
		free(continuation);
}

static double milliseconds_since(const struct timespec *then)
{
	return steady_since(then) * 1e3;
}

/* The lock is held, and released while a continuation runs. */
static void run_ready(struct enquiry *enquiry)
{
	struct continuation *continuation;

	if (enquiry->running)
		return;
	while (!enquiry->closing && (continuation = take_first(&enquiry->ready)) != NULL) {
		struct slot *slot = continuation->slot;

		enquiry->running = true;
		pthread_mutex_unlock(&enquiry->lock);
		continuation->then(&enquiry->services, slot->question->key->name, slot->answer,
		                   continuation->with);
		free(continuation);
		pthread_mutex_lock(&enquiry->lock);
		enquiry->running = false;
	}
	if (enquiry->closing)
		pthread_cond_broadcast(&enquiry->changed);
}

/* The resolver's thread brings an answer. The last touch of the enquiry is the unlocking. */
static void arrived(struct watcher *watcher, const struct answer *answer)
{
	struct slot *slot = (struct slot *)watcher;
	struct enquiry *enquiry = slot->enquiry;
	struct continuation *continuation;

	pthread_mutex_lock(&enquiry->lock);
	slot->answer = answer;
	if (enquiry->remember)
		slot->milliseconds = milliseconds_since(&slot->asked);
	while ((continuation = take_first(&slot->continuations)) != NULL)
		line_up(&enquiry->ready, continuation);
	pthread_cond_broadcast(&enquiry->changed);
	run_ready(enquiry);
	slot->watching = false;
	enquiry->watching--;
	if (enquiry->closing)
		pthread_cond_broadcast(&enquiry->changed);
	pthread_mutex_unlock(&enquiry->lock);
}

static struct slot *find(struct enquiry *enquiry, const struct cache_key *key)
{
	struct slot *slot = enquiry->buckets[key->hash % BUCKETS];

	while (slot != NULL && !cache_key_same(slot->question->key, key))
		slot = slot->chain;
	return slot;
}

/* Asks what this message has not asked before. NULL: refused, *refusal tells why. The lock is held. */
static struct slot *ask(struct enquiry *enquiry, const struct cache_key *key, bool foreseen,
                        const struct answer **refusal)
{
	struct slot *slot;

	*refusal = &limit_reached;
	if (enquiry->slots >= LOOKUPS_MOST || (slot = calloc(1, sizeof *slot)) == NULL)
		return NULL;
	if (enquiry->remember)
		slot->asked = steady_after(0);
	*refusal = &too_many;
	slot->question = resolver_ask(enquiry->resolver, key, foreseen, &slot->answer);
	if (slot->question == NULL) {
		free(slot);
		return NULL;
	}
	slot->watcher.arrived = arrived;
	slot->enquiry = enquiry;
	slot->continuations.end = &slot->continuations.first;
	slot->cached = slot->answer != NULL;
	if (slot->answer == NULL)
		slot->answer = cache_watch(slot->question, &slot->watcher);
	slot->watching = slot->answer == NULL;
	enquiry->watching += slot->watching;
	slot->chain = enquiry->buckets[key->hash % BUCKETS];
	enquiry->buckets[key->hash % BUCKETS] = slot;
	*enquiry->end = slot;
	enquiry->end = &slot->next;
	enquiry->slots++;
	return slot;
}

/* Waits for a slot's answer within the look-up's time and the message's. The lock is held. */
static const struct answer *wait_for(struct enquiry *enquiry, struct slot *slot)
{
	long timeout = resolver_timeout_ms(enquiry->resolver);
	long wait = enquiry->budget_ms < timeout ? enquiry->budget_ms : timeout;
	struct timespec begin, deadline;
	int error = 0;

	if (slot->answer != NULL)
		return slot->answer;
	if (wait <= 0)
		return &budget_spent;
	begin = steady_after(0);
	deadline = steady_after(wait);
	while (slot->answer == NULL && error == 0)
		error = pthread_cond_timedwait(&enquiry->changed, &enquiry->lock, &deadline);
	enquiry->budget_ms -= (long)(milliseconds_since(&begin) + 0.5);
	if (slot->answer != NULL)
		return slot->answer;
	slot->given_up = true;
	slot->milliseconds = milliseconds_since(&slot->asked);
	return wait < timeout ? &budget_spent : &too_late;
}

static const struct answer *enquiry_lookup(void *context, const char *name, enum record_type type)
{
	struct enquiry *enquiry = context;
	const struct answer *answer;
	struct cache_key key;
	struct slot *slot;

	if (!resolver_key(enquiry->resolver, name, type, &key))
		return &no_name;
	pthread_mutex_lock(&enquiry->lock);
	slot = find(enquiry, &key);
	if (slot == NULL)
		slot = ask(enquiry, &key, false, &answer);
	if (slot != NULL)
		answer = wait_for(enquiry, slot);
	pthread_mutex_unlock(&enquiry->lock);
	return answer;
}

/* Calls `then` when the slot's answer is there. The lock is held. */
static void follow(struct slot *slot, foreseen_function *then, void *with)
{
	struct enquiry *enquiry = slot->enquiry;
	struct continuation *continuation = calloc(1, sizeof *continuation);

	if (continuation == NULL)
		return;
	continuation->slot = slot;
	continuation->then = then;
	continuation->with = with;
	line_up(slot->answer == NULL ? &slot->continuations : &enquiry->ready, continuation);
	run_ready(enquiry);
}

static void enquiry_foresee(void *context, const char *name, enum record_type type, foreseen_function *then,
                            void *with)
{
	struct enquiry *enquiry = context;
	const struct answer *refusal;
	struct cache_key key;
	struct slot *slot;

	if (!resolver_key(enquiry->resolver, name, type, &key)) {
		if (then != NULL)
			then(&enquiry->services, name, &no_name, with);
		return;
	}
	pthread_mutex_lock(&enquiry->lock);
	slot = find(enquiry, &key);
	if (slot == NULL && !enquiry->closing && enquiry->foreseen < FORESEEN_MOST) {
		slot = ask(enquiry, &key, true, &refusal);
		enquiry->foreseen++;
	}
	if (slot != NULL && then != NULL && !enquiry->closing)
		follow(slot, then, with);
	pthread_mutex_unlock(&enquiry->lock);
}

static time_t enquiry_now(void *context)
{
	(void)context;
	return time(NULL);
}

/* Nothing arrives any more once this returns. */
static void stop(struct enquiry *enquiry)
{
	pthread_mutex_lock(&enquiry->lock);
	enquiry->closing = true;
	for (struct slot *slot = enquiry->first; slot != NULL; slot = slot->next) {
		if (!slot->watching || !cache_unwatch(slot->question, &slot->watcher))
			continue;
		slot->watching = false;
		enquiry->watching--;
	}
	while (enquiry->watching > 0 || enquiry->running)
		pthread_cond_wait(&enquiry->changed, &enquiry->lock);
	pthread_mutex_unlock(&enquiry->lock);
}

static void enquiry_release(void *what)
{
	struct enquiry *enquiry = what;
	struct slot *slot = enquiry->first;

	stop(enquiry);
	drop_all(&enquiry->ready);
	while (slot != NULL) {
		struct slot *next = slot->next;

		drop_all(&slot->continuations);
		cache_release(slot->question);
		free(slot);
		slot = next;
	}
	pthread_cond_destroy(&enquiry->changed);
	pthread_mutex_destroy(&enquiry->lock);
}

struct enquiry *enquiry_open(struct resolver *resolver, long budget_ms, struct arena *arena)
{
	struct enquiry *enquiry = arena_allocate(arena, sizeof *enquiry);

	enquiry->services = (struct services){enquiry, enquiry_lookup, enquiry_foresee, enquiry_now};
	enquiry->resolver = resolver;
	enquiry->arena = arena;
	enquiry->budget_ms = budget_ms;
	enquiry->end = &enquiry->first;
	enquiry->ready.end = &enquiry->ready.first;
	pthread_mutex_init(&enquiry->lock, NULL);
	steady_condition(&enquiry->changed);
	arena_on_release(arena, enquiry_release, enquiry);
	return enquiry;
}

const struct services *enquiry_services(struct enquiry *enquiry)
{
	return &enquiry->services;
}

void enquiry_remember(struct enquiry *enquiry)
{
	pthread_mutex_lock(&enquiry->lock);
	enquiry->remember = true;
	pthread_mutex_unlock(&enquiry->lock);
}

size_t enquiry_queries(struct enquiry *enquiry, const struct enquiry_query **queries)
{
	struct enquiry_query *list;
	size_t count = 0;

	pthread_mutex_lock(&enquiry->lock);
	list = arena_allocate(enquiry->arena, (enquiry->slots + 1) * sizeof *list);
	for (const struct slot *slot = enquiry->first; slot != NULL; slot = slot->next) {
		if (slot->answer == NULL && !slot->given_up)
			continue;
		list[count++] = (struct enquiry_query){
		    .name = slot->question->key->name,
		    .type = slot->question->key->type,
		    .status = slot->answer == NULL ? LOOKUP_FAILED : slot->answer->status,
		    .milliseconds = slot->cached ? 0 : slot->milliseconds,
		    .cached = slot->cached,
		};
	}
	pthread_mutex_unlock(&enquiry->lock);
	*queries = list;
	return count;
}
