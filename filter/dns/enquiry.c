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
#include "base/steady.h"

enum {
	BUCKETS = 64,
	FORESEEN_MOST = 200,  /* questions that a message foresees */
	UNANSWERED_MOST = 64, /* of these, without an answer at one time */
	LOOKUPS_MOST = 1000,  /* questions of a message in all */
	GRACE_MS = 250        /* the resolver gives up first, and knows why */
};

/* What a message's lookups are for. */
enum share {
	SHARE_EVIDENCE,
	SHARE_AUTHOR,
	SHARE_ASIDE,
	SHARES
};

/* How much of the message's time has to be left when a lookup of a share begins to wait, in hundredths: what
 * the shares below it keep. */
static const struct {
	long reserve;
	enum resolver_purpose prefetch, lookup;
} shares[SHARES] = {
    [SHARE_AUTHOR] = {0, RESOLVER_AUTHOR_PREFETCH, RESOLVER_AUTHOR},
    [SHARE_EVIDENCE] = {50, RESOLVER_PREFETCH, RESOLVER_EVIDENCE},
    [SHARE_ASIDE] = {75, RESOLVER_PREFETCH, RESOLVER_PREFETCH},
};

/* The services of one share; a policy gets a pointer to `services`. */
struct window {
	struct services services;
	struct enquiry *enquiry;
	enum share share;
};

struct continuation {
	struct continuation *next;
	struct slot *slot;
	const struct window *window; /* that it was foreseen through */
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
	bool asking; /* counted at the resolver among those who wait */
	bool cached;
	bool given_up; /* waited for in vain */
	struct timespec asked;
	double milliseconds;
	struct continuations continuations; /* wait for the answer */
};

struct enquiry {
	struct window windows[SHARES];
	struct resolver *resolver;
	bool shared;     /* a message of a client: its time and lookups are shared out */
	unsigned client; /* the resolver's account */
	struct arena *arena;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	long budget_ms; /* all in all */
	long left_ms;
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
static const struct answer refusals[LOOKUP_FAULTS] = {
    [LOOKUP_FAULT_RESOLVER] = {.status = LOOKUP_FAILED,
                               .fault = LOOKUP_FAULT_RESOLVER,
                               .why = "no memory for a DNS lookup"},
    [LOOKUP_FAULT_MESSAGE_TIME] = {.status = LOOKUP_FAILED,
                                   .fault = LOOKUP_FAULT_MESSAGE_TIME,
                                   .why = "the message's time for DNS answers is used up "
                                          "(limits.message_ms)"},
    [LOOKUP_FAULT_MESSAGE_LOOKUPS] = {.status = LOOKUP_FAILED,
                                      .fault = LOOKUP_FAULT_MESSAGE_LOOKUPS,
                                      .why = "too many DNS lookups for one message"},
    [LOOKUP_FAULT_CLIENT_LOOKUPS] = {.status = LOOKUP_FAILED,
                                     .fault = LOOKUP_FAULT_CLIENT_LOOKUPS,
                                     .why = "too many DNS lookups of one client are under way "
                                            "(resolver.in_flight)"},
    [LOOKUP_FAULT_IN_FLIGHT] = {.status = LOOKUP_FAILED,
                                .fault = LOOKUP_FAULT_IN_FLIGHT,
                                .why = "too many DNS lookups are under way (resolver.in_flight)"},
};

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
		continuation->then(&continuation->window->services, slot->question->key->name, slot->answer,
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

/* The slot takes its place in the message, and hears of the answer. */
static void enter(struct enquiry *enquiry, struct slot *slot)
{
	struct slot **bucket = &enquiry->buckets[slot->question->key->hash % BUCKETS];

	slot->watcher.arrived = arrived;
	slot->enquiry = enquiry;
	slot->continuations.end = &slot->continuations.first;
	slot->cached = slot->answer != NULL;
	slot->asking = slot->answer == NULL;
	if (slot->answer == NULL)
		slot->answer = cache_watch(slot->question, &slot->watcher);
	slot->watching = slot->answer == NULL;
	enquiry->watching += slot->watching;
	slot->chain = *bucket;
	*bucket = slot;
	*enquiry->end = slot;
	enquiry->end = &slot->next;
	enquiry->slots++;
}

/* Asks what this message has not asked before. NULL: refused, *refusal says why. The lock is held. */
static struct slot *ask(struct enquiry *enquiry, const struct cache_key *key, enum resolver_purpose purpose,
                        const struct answer **refusal)
{
	enum lookup_fault fault = LOOKUP_FAULT_MESSAGE_LOOKUPS;
	struct slot *slot = NULL;

	if (enquiry->slots < LOOKUPS_MOST) {
		slot = calloc(1, sizeof *slot);
		fault = LOOKUP_FAULT_RESOLVER;
	}
	if (slot != NULL) {
		if (enquiry->remember)
			slot->asked = steady_after(0);
		slot->question =
		    resolver_ask(enquiry->resolver, key, enquiry->client, purpose, &slot->answer, &fault);
	}
	if (slot == NULL || slot->question == NULL) {
		*refusal = &refusals[fault];
		free(slot);
		return NULL;
	}
	enter(enquiry, slot);
	return slot;
}

/* Waits for a slot's answer within the lookup's time and the share's. The lock is held. */
static const struct answer *wait_for(struct enquiry *enquiry, struct slot *slot, enum share share)
{
	long timeout = resolver_timeout_ms(enquiry->resolver) + GRACE_MS;
	long left = enquiry->left_ms - enquiry->budget_ms / 100 * shares[share].reserve;
	long wait = left < timeout ? left : timeout;
	struct timespec begin, deadline;
	int error = 0;

	if (slot->answer != NULL)
		return slot->answer;
	if (wait <= 0)
		return &refusals[LOOKUP_FAULT_MESSAGE_TIME];
	begin = steady_after(0);
	deadline = steady_after(wait);
	while (slot->answer == NULL && error == 0)
		error = pthread_cond_timedwait(&enquiry->changed, &enquiry->lock, &deadline);
	enquiry->left_ms -= (long)(milliseconds_since(&begin) + 0.5);
	if (slot->answer != NULL)
		return slot->answer;
	slot->given_up = true;
	slot->milliseconds = milliseconds_since(&slot->asked);
	return wait < timeout ? &refusals[LOOKUP_FAULT_MESSAGE_TIME] : &too_late;
}

static const struct answer *enquiry_lookup(void *context, const char *name, enum record_type type)
{
	const struct window *window = context;
	struct enquiry *enquiry = window->enquiry;
	const struct answer *answer;
	struct cache_key key;
	struct slot *slot;

	if (!resolver_key(enquiry->resolver, name, type, &key))
		return &no_name;
	pthread_mutex_lock(&enquiry->lock);
	slot = find(enquiry, &key);
	if (slot == NULL)
		slot = ask(enquiry, &key, shares[window->share].lookup, &answer);
	if (slot != NULL)
		answer = wait_for(enquiry, slot, window->share);
	pthread_mutex_unlock(&enquiry->lock);
	return answer;
}

/* Calls `then` when the slot's answer is there. The lock is held. */
static void follow(struct slot *slot, const struct window *window, foreseen_function *then, void *with)
{
	struct enquiry *enquiry = slot->enquiry;
	struct continuation *continuation = calloc(1, sizeof *continuation);

	if (continuation == NULL)
		return;
	continuation->slot = slot;
	continuation->window = window;
	continuation->then = then;
	continuation->with = with;
	line_up(slot->answer == NULL ? &slot->continuations : &enquiry->ready, continuation);
	run_ready(enquiry);
}

static void enquiry_foresee(void *context, const char *name, enum record_type type, foreseen_function *then,
                            void *with)
{
	const struct window *window = context;
	struct enquiry *enquiry = window->enquiry;
	const struct answer *refusal;
	struct cache_key key;
	struct slot *slot;

	if (!resolver_key(enquiry->resolver, name, type, &key)) {
		if (then != NULL)
			then(&window->services, name, &no_name, with);
		return;
	}
	pthread_mutex_lock(&enquiry->lock);
	slot = find(enquiry, &key);
	if (slot == NULL && !enquiry->closing && enquiry->foreseen < FORESEEN_MOST &&
	    enquiry->watching < UNANSWERED_MOST) {
		slot = ask(enquiry, &key, shares[window->share].prefetch, &refusal);
		enquiry->foreseen++;
	}
	if (slot != NULL && then != NULL && !enquiry->closing)
		follow(slot, window, then, with);
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
		if (slot->asking)
			resolver_leave(enquiry->resolver, slot->question);
		cache_release(slot->question);
		free(slot);
		slot = next;
	}
	pthread_cond_destroy(&enquiry->changed);
	pthread_mutex_destroy(&enquiry->lock);
}

static void open_windows(struct enquiry *enquiry)
{
	for (enum share share = 0; share < SHARES; share++) {
		struct window *window = &enquiry->windows[share];

		window->enquiry = enquiry;
		window->share = share;
		window->services = (struct services){
		    .context = window,
		    .lookup = enquiry_lookup,
		    .foresee = enquiry_foresee,
		    .now = enquiry_now,
		    .author = &enquiry->windows[SHARE_AUTHOR].services,
		    .aside = &enquiry->windows[SHARE_ASIDE].services,
		};
	}
}

struct enquiry *enquiry_open(struct resolver *resolver, const struct address *client, long budget_ms,
                             struct arena *arena)
{
	struct enquiry *enquiry = arena_allocate(arena, sizeof *enquiry);

	open_windows(enquiry);
	enquiry->resolver = resolver;
	enquiry->shared = client != NULL;
	enquiry->client = resolver_client(resolver, client);
	enquiry->arena = arena;
	enquiry->budget_ms = enquiry->left_ms = budget_ms;
	enquiry->end = &enquiry->first;
	enquiry->ready.end = &enquiry->ready.first;
	pthread_mutex_init(&enquiry->lock, NULL);
	steady_condition(&enquiry->changed);
	arena_on_release(arena, enquiry_release, enquiry);
	return enquiry;
}

const struct services *enquiry_services(struct enquiry *enquiry)
{
	return &enquiry->windows[enquiry->shared ? SHARE_EVIDENCE : SHARE_AUTHOR].services;
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
