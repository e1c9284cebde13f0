/*
 * rounds.h - lookups in rounds, for commands that judge many names: what is not known yet is noted,
 * and then asked all at once.
 */
#ifndef ASSAY_ROUNDS_H
#define ASSAY_ROUNDS_H

#include "base/arena.h"
#include "dns/query_session.h"

enum {
	ROUNDS_MAX = 60,
	ROUNDS_NAMES = 900,   /* lookups in all; one beyond fails */
	ROUNDS_BUDGET = 60000 /* milliseconds of waiting in one round, unless told otherwise */
};

struct rounds;

/* Everything is the arena's; `resolver` has to live longer than that. */
struct rounds *rounds_begin(struct resolver *resolver, struct arena *arena);

/* How long all rounds from now on may wait in all: what has no answer by then fails. */
void rounds_limit(struct rounds *rounds, long milliseconds);

/* To these services, a name that was not asked yet does not exist: whoever uses them has to judge
 * anew after a round. */
const struct services *rounds_services(struct rounds *rounds);

/* Asks what was noted, all at once, and waits for it. False: nothing was. */
bool rounds_ask(struct rounds *rounds);

/* All queries, in the order asked. */
size_t rounds_queries(struct rounds *rounds, const struct query_session_query **queries);

#endif
