/*
 * evaluate.c - hands each stage of a message to the policies, then judges in the order of their needs.
 *
 * Called by the session's stages (filter/envelope.c, headers.c, body.c, finish.c). Before it: the facts in
 * struct message. After it: decision.c.
 */
#include "evaluate.h"

struct work {
	void *work;
	bool body_wanted;
};

struct evaluation {
	const struct policies *policies;
	struct findings findings;
	struct work work[POLICY_MOST];
};

struct evaluation *evaluate_begin(const struct policies *policies, const struct message *message,
                                  const struct services *services, struct arena *arena)
{
	struct evaluation *evaluation = arena_allocate(arena, sizeof *evaluation);

	evaluation->policies = policies;
	evaluation->findings.judged = true;
	for (size_t i = 0; i < policies->count; i++) {
		const struct policy *policy = policies->opened[i].policy;

		evaluation->work[i].body_wanted = policy->body != NULL;
		if (policy->begin != NULL)
			evaluation->work[i].work =
			    policy->begin(policies->opened[i].state, message, services, arena);
	}
	return evaluation;
}

void evaluate_header(struct evaluation *evaluation, const struct header *header)
{
	for (size_t i = 0; i < evaluation->policies->count; i++)
		if (evaluation->policies->opened[i].policy->header != NULL)
			evaluation->policies->opened[i].policy->header(evaluation->work[i].work, header);
}

void evaluate_end_of_headers(struct evaluation *evaluation)
{
	for (size_t i = 0; i < evaluation->policies->count; i++)
		if (evaluation->policies->opened[i].policy->end_of_headers != NULL)
			evaluation->policies->opened[i].policy->end_of_headers(evaluation->work[i].work);
}

bool evaluate_body(struct evaluation *evaluation, const unsigned char *bytes, size_t length)
{
	bool wanted = false;

	for (size_t i = 0; i < evaluation->policies->count; i++) {
		struct work *work = &evaluation->work[i];

		if (work->body_wanted)
			work->body_wanted =
			    evaluation->policies->opened[i].policy->body(work->work, bytes, length);
		wanted = wanted || work->body_wanted;
	}
	return wanted;
}

/* policy_list stands in the order of needs, so judging is a walk along it; a test checks the order. */
const struct findings *evaluate_judge(struct evaluation *evaluation)
{
	for (size_t i = 0; i < evaluation->policies->count; i++)
		evaluation->policies->opened[i].policy->judge(evaluation->work[i].work,
		                                              &evaluation->findings);
	return &evaluation->findings;
}
