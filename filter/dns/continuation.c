/*
 * continuation.c - queues of calls that wait for a prefetched answer. Called by query_session.c.
 */
#include "dns/continuation.h"

#include <stdlib.h>

#include "base/invariant.h"

void continuation_enqueue(struct continuations *queue, struct continuation *continuation)
{
	invariant(queue->end != NULL && *queue->end == NULL);
	continuation->next = NULL;
	*queue->end = continuation;
	queue->end = &continuation->next;
}

struct continuation *continuation_dequeue(struct continuations *queue)
{
	struct continuation *continuation = queue->first;

	if (continuation == NULL)
		return NULL;
	queue->first = continuation->next;
	if (queue->first == NULL)
		queue->end = &queue->first;
	return continuation;
}

void continuation_drop_all(struct continuations *queue)
{
	struct continuation *continuation;

	while ((continuation = continuation_dequeue(queue)) != NULL)
		free(continuation);
}
