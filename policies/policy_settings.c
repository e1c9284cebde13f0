/*
 * policy_settings.c - opens the policies that prepare nothing. Called by policy.c through the
 * struct policy of iprev.c, spf.c and sign.c.
 */
#include "policy_settings.h"

#include <stddef.h>
#include <stdint.h>

#include "base/invariant.h"

bool policy_settings_open(const void *settings, void **state, struct problem *problem)
{
	(void)problem;
	invariant(settings != NULL);
	*state = (void *)(uintptr_t)settings; /* nobody writes to it: begin() gets it as it is */
	return true;
}
