/*
 * policy_arc_seal.c - policy_arc_seal: is mail from outside that may leave again to be sealed, and
 * as which set (RFC 8617 5.1)?
 *
 * The set itself is made after the verdict, since it has our results in it (arc_seal.c). A chain
 * that was found broken gets a last set with cv=fail from whoever finds it first, and nothing after
 * that. A chain that could not be verified now, or is longer than is looked at, is left alone:
 * nothing is known about it.
 */
#include "arc/arc.h"

#include <string.h>

#include "arc/arc_seal.h"
#include "base/domain.h"
#include "base/invariant.h"
#include "base/text.h"
#include "policy.h"
#include "policy_settings.h"

struct arc_seal_work {
	const struct arc_settings *settings;
	const struct message *message;
	const struct services *services;
	struct arena *arena;
	const struct chain *chain; /* of policy_arc */
	struct arc_seal *seal;     /* NULL: not to be sealed */
	const char *reason;        /* why not, where the settings ask for seals */
};

static void *arc_seal_policy_begin(void *state, const struct message *message,
                                   const struct services *services, struct arena *arena)
{
	struct arc_seal_work *work = arena_allocate(arena, sizeof *work);

	work->settings = state;
	work->message = message;
	work->services = services;
	work->arena = arena;
	return work;
}

static void arc_seal_policy_join(void *context, void *const *needed)
{
	invariant(needed[0] != NULL);
	((struct arc_seal_work *)context)->chain = needed[0];
}

/* "anna@example.org", "example.org", or "*.example.org" for all below it. `domain` is that of the
 * recipient. */
static bool is_forwarded(const char *pattern, const char *recipient, const char *domain)
{
	const char *at = strrchr(pattern, '@');

	if (at == NULL)
		return domain_matches(pattern, domain);
	return domain_equal(at + 1, domain) &&
	       at - pattern == strrchr(recipient, '@') - recipient &&
	       text_same_bytes(pattern, recipient, (size_t)(at - pattern));
}

static bool has_forwarded(const struct arc_seal_work *work)
{
	const struct strings *forward = &work->settings->forward;

	for (size_t i = 0; i < work->message->recipient_count; i++) {
		const char *recipient = work->message->recipients[i];
		const char *domain = message_address_domain(work->arena, recipient);

		for (size_t pattern = 0; domain != NULL && pattern < forward->count; pattern++)
			if (is_forwarded(forward->items[pattern], recipient, domain))
				return true;
	}
	return false;
}

static void arc_seal_policy_end_of_headers(void *context)
{
	struct arc_seal_work *work = context;

	if (work->settings->key == NULL)
		return;
	if (work->settings->seal == ARC_SEAL_FORWARDED && !has_forwarded(work))
		work->reason = "none of its recipients is in arc.forward";
	else if (work->message->header_cut)
		work->reason = "its header is longer than limits.header_bytes";
	else
		work->seal =
		    arc_seal_begin(work->arena, work->settings, work->message, work->services);
}

static bool arc_seal_policy_body(void *context, const unsigned char *bytes, size_t length)
{
	struct arc_seal_work *work = context;

	if (work->seal != NULL)
		arc_seal_body(work->seal, bytes, length);
	return work->seal != NULL;
}

/* NULL: it may be sealed. */
static const char *arc_seal_objection(const struct arc_seal_work *work,
                                      const struct arc_finding *arc)
{
	if (arc->result == RESULT_NONE)
		return NULL;
	if (work->chain->set_count == 0)
		return "its chain has no structure that could be sealed";
	if (work->chain->set_count == INSTANCE_MAX)
		return "its chain has 50 sets, and cannot have more";
	if (arc->result == RESULT_PASS)
		return NULL;
	if (arc->temporary)
		return "its chain could not be verified now";
	if (work->chain->set_count > (size_t)work->settings->maximum_sets)
		return "its chain has more sets than arc.maximum_sets";
	if (text_same(chain_status(&work->chain->sets[work->chain->set_count - 1]), "fail"))
		return "its chain was found broken before (cv=fail)";
	return NULL;
}

static void arc_seal_policy_judge(void *context, struct findings *findings)
{
	static const char *const status[] = {
	    [RESULT_NONE] = "none", [RESULT_PASS] = "pass", [RESULT_FAIL] = "fail"};
	struct arc_seal_work *work = context;
	const struct arc_finding *arc = &findings->arc;

	invariant(arc->result <= RESULT_FAIL);
	if (work->seal != NULL)
		work->reason = arc_seal_objection(work, arc);
	findings->seal = (struct seal_finding){.reason = work->reason};
	if (work->seal != NULL && work->reason == NULL)
		arc_seal_end(work->seal, work->chain, (unsigned)work->chain->set_count + 1,
		             status[arc->result], &findings->seal);
	else if (work->reason != NULL)
		services_debug(work->services, "ARC: not sealed: %s", work->reason);
}

static const char *const needs[] = {"arc", "dmarc", NULL};

const struct policy policy_arc_seal = {
    .name = "arc_seal",
    .needs = needs,
    .settings = &arc_settings_group,
    .open = policy_settings_open,
    .begin = arc_seal_policy_begin,
    .join = arc_seal_policy_join,
    .end_of_headers = arc_seal_policy_end_of_headers,
    .body = arc_seal_policy_body,
    .judge = arc_seal_policy_judge,
};
