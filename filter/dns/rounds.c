/*
 * rounds.c - the services of an examination: answers that are known, and a list of those that are
 * still to be asked.
 *
 * `assay dns` and `assay report sources` examine, ask, and examine again until nothing is wanted
 * any more. Each round has a
 * query_session of its own, so that its lookups go out together whatever the limits of one message
 * are.
 */
#include "dns/rounds.h"

#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/invariant.h"
#include "base/text.h"

enum {
	BUCKETS = 256
};

struct known {
	struct known *chain; /* in its bucket */
	struct known *next;  /* in the order wanted */
	const char *name;
	enum record_type type;
	const struct answer *answer; /* NULL: wanted */
};

struct round {
	struct round *next;
	struct query_session *query_session;
};

struct rounds {
	struct services services;
	struct resolver *resolver;
	struct arena *arena;
	size_t count;
	bool limited;
	long left; /* milliseconds that a round may wait; if limited, all of them */
	struct known *buckets[BUCKETS];
	struct known *wanted, **end;
	struct round *rounds, **last;
};

static const struct answer not_yet = {.status = LOOKUP_NO_NAME};
static const struct answer too_many = {.status = LOOKUP_FAILED,
                                       .why = "the records of the domain lead to too many names"};

static size_t bucket_of(const char *name, enum record_type type)
{
	size_t hash = (size_t)type;

	for (; *name != '\0'; name++)
		hash = hash * 31 + (unsigned char)text_lower_byte(*name);
	return hash % BUCKETS;
}

static const struct answer *rounds_find(void *context, const char *name, enum record_type type)
{
	struct rounds *rounds = context;
	struct known **bucket = &rounds->buckets[bucket_of(name, type)];
	struct known *known = *bucket;

	while (known != NULL && (known->type != type || !text_same(known->name, name)))
		known = known->chain;
	if (known != NULL)
		return known->answer == NULL ? &not_yet : known->answer;
	if (rounds->count >= ROUNDS_NAMES)
		return &too_many;
	known = arena_allocate(rounds->arena, sizeof *known);
	*known = (struct known){
	    .chain = *bucket, .name = arena_string(rounds->arena, name), .type = type};
	*bucket = known;
	*rounds->end = known;
	rounds->end = &known->next;
	rounds->count++;
	return &not_yet;
}

static void prefetch(void *context, const char *name, enum record_type type,
                     prefetched_function *then, void *with)
{
	const struct answer *answer = rounds_find(context, name, type);

	if (then != NULL && answer != &not_yet)
		then(&((struct rounds *)context)->services, name, answer, with);
}

static time_t now(void *context)
{
	(void)context;
	return time(NULL);
}

struct rounds *rounds_begin(struct resolver *resolver, struct arena *arena)
{
	struct rounds *rounds = arena_allocate(arena, sizeof *rounds);

	invariant(resolver != NULL);
	rounds->services = (struct services){
	    .context = rounds, .lookup = rounds_find, .prefetch = prefetch, .now = now};
	rounds->resolver = resolver;
	rounds->arena = arena;
	rounds->left = ROUNDS_BUDGET;
	rounds->end = &rounds->wanted;
	rounds->last = &rounds->rounds;
	return rounds;
}

void rounds_limit(struct rounds *rounds, long milliseconds)
{
	invariant(milliseconds > 0);
	rounds->limited = true;
	rounds->left = milliseconds;
}

static void use_time(struct rounds *rounds, const struct timespec *begin)
{
	long used = (long)(clock_monotonic_since(begin) * 1000);

	if (rounds->limited)
		rounds->left = used < rounds->left ? rounds->left - used : 1;
}

const struct services *rounds_services(struct rounds *rounds)
{
	return &rounds->services;
}

bool rounds_ask(struct rounds *rounds)
{
	struct known *first = rounds->wanted;
	const struct services *services;
	struct round *round;
	struct timespec begin;

	if (first == NULL)
		return false;
	clock_gettime(CLOCK_MONOTONIC, &begin);
	round = arena_allocate(rounds->arena, sizeof *round);
	round->query_session =
	    query_session_open(rounds->resolver, NULL, rounds->left, rounds->arena);
	query_session_remember(round->query_session);
	*rounds->last = round;
	rounds->last = &round->next;
	services = query_session_services(round->query_session);
	for (struct known *known = first; known != NULL; known = known->next)
		services_prefetch(services, known->name, known->type);
	for (struct known *known = first; known != NULL; known = known->next) {
		known->answer = services_lookup(services, known->name, known->type);
		invariant(known->answer != NULL);
	}
	use_time(rounds, &begin);
	rounds->wanted = NULL;
	rounds->end = &rounds->wanted;
	return true;
}

size_t rounds_queries(struct rounds *rounds, const struct query_session_query **queries)
{
	struct query_session_query *all =
	    arena_allocate(rounds->arena, (rounds->count + 1) * sizeof *all);
	size_t count = 0;

	for (struct round *round = rounds->rounds; round != NULL; round = round->next) {
		const struct query_session_query *some;
		size_t more = query_session_queries(round->query_session, &some);

		for (size_t i = 0; i < more && count < rounds->count; i++)
			all[count++] = some[i];
	}
	invariant(count <= rounds->count);
	*queries = all;
	return count;
}
