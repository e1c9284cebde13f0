/*
 * evaluate.c - hands each stage of a message to the policies, then judges in the order of their
 * needs.
 *
 * Called by the session's stages (filter/session/envelope.c, headers.c, body.c, finish.c). Before
 * it: the facts in struct message. After it: decision.c.
 */
#include "evaluate.h"

#include <string.h>

#include "base/invariant.h"

/* One policy at work on the message. */
struct evaluate_work {
	const struct policy *policy;
	void *work;
	bool body_wanted;
};

struct evaluation {
	const struct services *services; /* for the debug log; may be NULL */
	struct findings findings;
	bool is_judged;
	size_t count;
	struct evaluate_work works[POLICY_MAX];
};

static void *work_of(const struct evaluation *evaluation, const char *name)
{
	for (size_t i = 0; i < evaluation->count; i++)
		if (strcmp(evaluation->works[i].policy->name, name) == 0)
			return evaluation->works[i].work;
	return NULL;
}

static void evaluate_join(const struct evaluation *evaluation)
{
	for (size_t i = 0; i < evaluation->count; i++) {
		const struct policy *policy = evaluation->works[i].policy;
		void *needed[POLICY_MAX];
		size_t count = 0;

		if (policy->join == NULL)
			continue;
		for (; policy->needs != NULL && policy->needs[count] != NULL; count++) {
			invariant(count < POLICY_MAX);
			needed[count] = work_of(evaluation, policy->needs[count]);
		}
		policy->join(evaluation->works[i].work, needed);
	}
}

struct evaluation *evaluate_begin(const struct policies *policies, const struct message *message,
                                  const struct services *services, struct arena *arena)
{
	struct evaluation *evaluation = arena_allocate(arena, sizeof *evaluation);

	evaluation->services = services;
	evaluation->findings.judged = !message->outbound;
	for (size_t i = 0; i < policies->count; i++) {
		const struct policy *policy = policies->opened[i].policy;
		struct evaluate_work *work = &evaluation->works[evaluation->count];

		if (policy->outbound != message->outbound)
			continue;
		invariant(evaluation->count < POLICY_MAX && policy->judge != NULL);
		work->policy = policy;
		work->body_wanted = policy->body != NULL;
		if (policy->begin != NULL)
			work->work =
			    policy->begin(policies->opened[i].state, message, services, arena);
		evaluation->count++;
	}
	evaluate_join(evaluation);
	services_debug(services, "evaluate: %zu policies work on this %s message",
	               evaluation->count, message->outbound ? "outbound" : "inbound");
	return evaluation;
}

void evaluate_header(struct evaluation *evaluation, const struct header *header)
{
	for (size_t i = 0; i < evaluation->count; i++)
		if (evaluation->works[i].policy->header != NULL)
			evaluation->works[i].policy->header(evaluation->works[i].work, header);
}

void evaluate_end_of_headers(struct evaluation *evaluation)
{
	for (size_t i = 0; i < evaluation->count; i++)
		if (evaluation->works[i].policy->end_of_headers != NULL)
			evaluation->works[i].policy->end_of_headers(evaluation->works[i].work);
}

bool evaluate_body(struct evaluation *evaluation, const unsigned char *bytes, size_t length)
{
	bool wanted = false;

	for (size_t i = 0; i < evaluation->count; i++) {
		struct evaluate_work *work = &evaluation->works[i];

		if (work->body_wanted) {
			work->body_wanted = work->policy->body(work->work, bytes, length);
			if (!work->body_wanted)
				services_debug(evaluation->services,
				               "evaluate: %s needs no more of the body",
				               work->policy->name);
		}
		wanted = wanted || work->body_wanted;
	}
	return wanted;
}

/* policy_list is in the order of needs, so judging follows it; a test checks the order.
 */
const struct findings *evaluate_judge(struct evaluation *evaluation)
{
	invariant(!evaluation->is_judged);
	evaluation->is_judged = true;
	for (size_t i = 0; i < evaluation->count; i++) {
		const struct policy *policy = evaluation->works[i].policy;

		services_debug(evaluation->services, "evaluate: %s judges", policy->name);
		policy->judge(evaluation->works[i].work, &evaluation->findings);
	}
	return &evaluation->findings;
}
