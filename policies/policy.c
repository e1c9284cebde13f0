/*
 * policy.c - the list of policies, and opening and closing them all for a settings snapshot.
 *
 * policy_list is in the order of needs: each policy is judged after those that it needs. A test
 * checks the order.
 */
#include "policy.h"

#include "base/invariant.h"

const struct policy *const policy_list[] = {
    &policy_iprev,     &policy_spf,      &policy_dkim, &policy_arc,      &policy_dmarc,
    &policy_arc_trust, &policy_arc_seal, &policy_sign, &policy_arc_list, NULL};

bool policies_open(struct policies *policies, const void *const *settings, struct problem *problem)
{
	invariant(policies != NULL && settings != NULL);
	policies->count = 0;
	for (size_t i = 0; policy_list[i] != NULL; i++) {
		const struct policy *policy = policy_list[i];
		void *state = NULL;

		invariant(policies->count < POLICY_MAX);
		if (policy->open != NULL && !policy->open(settings[i], &state, problem)) {
			policies_close(policies);
			return false;
		}
		policies->opened[policies->count].policy = policy;
		policies->opened[policies->count].state = state;
		policies->count++;
	}
	return true;
}

void policies_close(struct policies *policies)
{
	while (policies->count > 0) {
		size_t last = --policies->count;

		if (policies->opened[last].policy->close != NULL)
			policies->opened[last].policy->close(policies->opened[last].state);
	}
}
