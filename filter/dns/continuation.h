/*
 * continuation.h - what to call when a prefetched answer is there, in the order in which the
 * calls became due.
 *
 * Queues have no lock; query_session.c holds the message's.
 */
#ifndef ASSAY_CONTINUATION_H
#define ASSAY_CONTINUATION_H

#include "services.h"

struct query_session_slot;

struct continuation {
	struct continuation *next;
	struct query_session_slot *slot;
	const struct services *services; /* that it was prefetched through */
	prefetched_function *then;
	void *context;
};

struct continuations {
	struct continuation *first, **end;
};

/* An empty queue is {.end = &queue.first}. The continuation is malloc's; whoever takes it out frees
 * it. */
void continuation_enqueue(struct continuations *queue, struct continuation *continuation);

/* NULL: the queue is empty. */
struct continuation *continuation_dequeue(struct continuations *queue);
void continuation_drop_all(struct continuations *queue);

#endif
