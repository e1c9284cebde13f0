/*
 * policy_arc_trust.c - policy_arc_trust: once ARC and DMARC have been judged, what do the sealers
 * that the site trusts restore? arc_trust.c has the rules.
 */
#include "arc/arc.h"
#include "arc/arc_trust.h"
#include "policy.h"
#include "policy_settings.h"

struct arc_trust_work {
	const struct arc_settings *settings;
	const struct services *services;
	struct arena *arena;
};

static void *arc_trust_begin(void *state, const struct message *message,
                             const struct services *services, struct arena *arena)
{
	struct arc_trust_work *work = arena_allocate(arena, sizeof *work);

	(void)message;
	work->settings = state;
	work->services = services;
	work->arena = arena;
	return work;
}

static void arc_trust_policy_judge(void *context, struct findings *findings)
{
	const struct arc_trust_work *work = context;

	arc_trust_judge(&findings->arc, &work->settings->trusted, &findings->dmarc, work->services,
	                work->arena);
}

static const char *const needs[] = {"arc", "dmarc", NULL};

const struct policy policy_arc_trust = {
    .name = "arc_trust",
    .needs = needs,
    .settings = &arc_settings_group,
    .open = policy_settings_open,
    .begin = arc_trust_begin,
    .judge = arc_trust_policy_judge,
};
