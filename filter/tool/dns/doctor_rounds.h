/*
 * doctor_rounds.h - lookups in rounds: what is not known yet is noted, and then asked all at once.
 */
#ifndef ASSAY_DOCTOR_ROUNDS_H
#define ASSAY_DOCTOR_ROUNDS_H

#include "base/arena.h"
#include "dns/query_session.h"

enum {
	DOCTOR_ROUNDS_MAX = 60,
	DOCTOR_ROUNDS_NAMES = 900,   /* lookups in all; one beyond fails */
	DOCTOR_ROUNDS_BUDGET = 60000 /* milliseconds of waiting in one round */
};

struct doctor_rounds;

/* Everything is the arena's; `resolver` has to live longer than that. */
struct doctor_rounds *doctor_rounds_begin(struct resolver *resolver, struct arena *arena);

/* To these services, a name that was not asked yet does not exist: whoever uses them has to judge
 * anew after a round. */
const struct services *doctor_rounds_services(struct doctor_rounds *rounds);

/* Asks what was noted, all at once, and waits for it. False: nothing was. */
bool doctor_rounds_ask(struct doctor_rounds *rounds);

/* All queries, in the order asked. */
size_t doctor_rounds_queries(struct doctor_rounds *rounds,
                             const struct query_session_query **queries);

#endif
