/*
 * decision_dmarc.c - what follows from DMARC: a rule that demands more, a pass, an unknown result,
 * a failure. Called by decision.c, whose table has the order.
 */
#include "decision/decision_dmarc.h"

#include "base/invariant.h"
#include "base/text.h"
#include "decision/indirect.h"
#include "dmarc/policy_record.h"

/* What the domain owner's request becomes in each mode, before signs of indirect mail count. */
static const enum action enforcement[][3] = {
    /*			 REQUEST_NONE	REQUEST_QUARANTINE REQUEST_REJECT */
    [ENFORCE_MONITOR] = {ACTION_ACCEPT, ACTION_ACCEPT, ACTION_ACCEPT},
    [ENFORCE_QUARANTINE] = {ACTION_ACCEPT, ACTION_QUARANTINE, ACTION_QUARANTINE},
    [ENFORCE_PUBLISHED] = {ACTION_ACCEPT, ACTION_QUARANTINE, ACTION_REJECT},
    [ENFORCE_STRICT] = {ACTION_ACCEPT, ACTION_QUARANTINE, ACTION_REJECT},
};

/* Does the verdict do what the policy asks for, after t=y and what is wrong with the record? */
static bool follows_policy(const struct decision_context *context, const struct verdict *verdict)
{
	return verdict->action == enforcement[ENFORCE_STRICT][context->findings->dmarc.effective];
}

/* What is done differs from what is published because of the record itself: t=y, or broken tags. */
static void explain_record(const struct decision_context *context, struct verdict *verdict)
{
	const struct dmarc_finding *dmarc = &context->findings->dmarc;

	if (dmarc->test_mode)
		decision_context_set_override(verdict, OVERRIDE_POLICY_TEST_MODE, "t=y");
	else if (dmarc->effective < dmarc->published)
		decision_context_set_override(verdict, OVERRIDE_OTHER,
		                              "the record is broken and counts as p=none");
}

bool decision_dmarc_rule_demands(const struct decision_context *context)
{
	const struct dmarc_finding *dmarc = &context->findings->dmarc;

	if (context->rule->dmarc != RULE_QUARANTINE && context->rule->dmarc != RULE_REJECT)
		return false;
	return dmarc->result != RESULT_PASS && dmarc->result != RESULT_TEMPERROR &&
	       !dmarc->spf_aligned && !dmarc->dkim_aligned && !dmarc->alignment_unknown &&
	       !decision_context_monitors(context);
}

static const char *author_domain(const struct decision_context *context)
{
	const char *domain = context->findings->dmarc.author.domain;

	return domain == NULL ? "the author domain" : domain;
}

static void reject_by_dmarc(const struct decision_context *context, struct verdict *verdict,
                            const char *whose)
{
	const char *reason = context->findings->dmarc.reason;

	verdict->action = ACTION_REJECT;
	decision_context_set_reply(context, verdict, "550", "5.7.1",
	                           arena_format(context->arena, "Rejected by %s: %s", whose,
	                                        reason == NULL ? "DMARC failed" : reason));
}

void decision_dmarc_follow_rule(const struct decision_context *context, struct verdict *verdict)
{
	verdict->reason = arena_format(context->arena, "dmarc=%s rule=%s",
	                               result_names[context->findings->dmarc.result],
	                               rule_dmarc_names[context->rule->dmarc]);
	verdict->rule = context->rule->name;
	if (context->rule->dmarc == RULE_REJECT)
		reject_by_dmarc(context, verdict,
		                arena_format(context->arena, "the DMARC rules of this site for %s",
		                             author_domain(context)));
	else
		verdict->action = ACTION_QUARANTINE;
	if (follows_policy(context, verdict))
		explain_record(context, verdict);
	else
		decision_context_set_override(verdict, context->rule->override, context->rule->why);
}

bool decision_dmarc_passes(const struct decision_context *context)
{
	return context->findings->dmarc.result == RESULT_PASS;
}

void decision_dmarc_accept_pass(const struct decision_context *context, struct verdict *verdict)
{
	verdict->reason = "dmarc=pass";
	if (context->findings->dmarc.effective != REQUEST_NONE)
		verdict->disposition = "pass";
}

/* The strictest that may have to be done: by the policy, or by a rule of the site. */
static enum request at_stake(const struct decision_context *context)
{
	enum request demanded = context->rule->dmarc == RULE_REJECT       ? REQUEST_REJECT
	                        : context->rule->dmarc == RULE_QUARANTINE ? REQUEST_QUARANTINE
	                                                                  : REQUEST_NONE;
	enum request published = context->findings->dmarc.at_stake;

	return published > demanded ? published : demanded;
}

/* Where a rule demands something, the result matters even if the domain has no policy. */
bool decision_dmarc_is_unknown(const struct decision_context *context)
{
	const struct dmarc_finding *dmarc = &context->findings->dmarc;

	return dmarc->result == RESULT_TEMPERROR ||
	       (dmarc->alignment_unknown && dmarc->result != RESULT_FAIL &&
	        at_stake(context) != REQUEST_NONE);
}

static void defer(const struct decision_context *context, struct verdict *verdict)
{
	const char *doubt = context->findings->dmarc.doubt;

	verdict->action = ACTION_TEMPFAIL;
	decision_context_set_reply(
	    context, verdict, "451", "4.7.1",
	    arena_format(context->arena, "DMARC of %s cannot be determined now: %s",
	                 author_domain(context), doubt == NULL ? "DNS does not answer" : doubt));
}

static bool acts_on_unknown(const struct decision_context *context)
{
	return !decision_context_monitors(context) && context->rule->dmarc != RULE_IGNORE;
}

/* The limit is this server's, and the sender may have caused it: the only answer is to try again
 * later. Where nothing that could have been found would have changed the verdict, it is ignored. */
bool decision_dmarc_hit_limit(const struct decision_context *context)
{
	const struct dmarc_finding *dmarc = &context->findings->dmarc;

	return decision_dmarc_is_unknown(context) && acts_on_unknown(context) &&
	       lookup_fault_is_limit(dmarc->fault) &&
	       (dmarc->record == NULL || at_stake(context) != REQUEST_NONE);
}

void decision_dmarc_defer_for_limit(const struct decision_context *context, struct verdict *verdict)
{
	verdict->reason = arena_format(context->arena, "not evaluated: %s",
	                               lookup_fault_names[context->findings->dmarc.fault]);
	defer(context, verdict);
}

/* dmarc.temperror = "auto": a forger gains nothing from a failed lookup, and a domain whose name
 * servers fail loses no mail to a policy that nobody knows. */
static bool defers_unknown(const struct decision_context *context)
{
	switch (context->settings->dmarc->temperror) {
	case TEMPERROR_ACCEPT:
		return false;
	case TEMPERROR_TEMPFAIL:
		return context->findings->dmarc.result == RESULT_TEMPERROR ||
		       at_stake(context) != REQUEST_NONE;
	default:
		return at_stake(context) != REQUEST_NONE ||
		       (context->findings->dmarc.record == NULL &&
		        context->findings->dmarc.fault != LOOKUP_FAULT_DOMAIN);
	}
}

void decision_dmarc_handle_unknown(const struct decision_context *context, struct verdict *verdict)
{
	verdict->reason =
	    arena_format(context->arena, "dmarc=%s", result_names[context->findings->dmarc.result]);
	if (acts_on_unknown(context) && defers_unknown(context))
		defer(context, verdict);
}

bool decision_dmarc_fails(const struct decision_context *context)
{
	return context->findings->dmarc.result == RESULT_FAIL;
}

/* Why less was done than the owner asked for; every such difference is reported (RFC 9990 3.1.1.8).
 */
static void explain_leniency(const struct decision_context *context, struct verdict *verdict,
                             const struct indirect_sign *indirect)
{
	if (follows_policy(context, verdict))
		explain_record(context, verdict);
	else if (context->rule->dmarc == RULE_IGNORE)
		decision_context_set_override(verdict, context->rule->override, context->rule->why);
	else if (decision_context_monitors(context))
		decision_context_set_override(verdict, OVERRIDE_LOCAL_POLICY, "monitor mode");
	else if (indirect != NULL)
		decision_context_set_override(
		    verdict, indirect->is_list ? OVERRIDE_MAILING_LIST : OVERRIDE_LOCAL_POLICY,
		    arena_format(context->arena, "indirect mail: %s", indirect->name));
	else
		decision_context_set_override(verdict, OVERRIDE_LOCAL_POLICY,
		                              "reject is not done on DMARC alone");
}

enum action decision_dmarc_wanted(const struct decision_context *context)
{
	int mode = context->settings->dmarc->enforce;

	invariant((size_t)mode < sizeof enforcement / sizeof enforcement[0]);
	invariant(context->findings->dmarc.effective <= REQUEST_REJECT);
	return enforcement[mode][context->findings->dmarc.effective];
}

void decision_dmarc_enforce(const struct decision_context *context, struct verdict *verdict)
{
	const struct dmarc_finding *dmarc = &context->findings->dmarc;
	int mode = context->settings->dmarc->enforce;
	enum action wanted = decision_dmarc_wanted(context);
	const struct indirect_sign *indirect = NULL;

	verdict->reason =
	    arena_format(context->arena, "dmarc=fail p=%s", request_names[dmarc->effective]);
	if (mode == ENFORCE_PUBLISHED && wanted == ACTION_REJECT)
		indirect = indirect_find(context->message, context->findings, context->arena);
	if (indirect != NULL) {
		wanted = ACTION_QUARANTINE;
		verdict->kind = VERDICT_INDIRECT_MAIL;
		verdict->reason = arena_format(context->arena, "%s, indirect mail (%s of %s)",
		                               verdict->reason, indirect->name, indirect->domain);
	}
	if (context->rule->dmarc == RULE_IGNORE) {
		wanted = ACTION_ACCEPT;
		verdict->rule = context->rule->name;
	}
	verdict->action = wanted;
	if (wanted == ACTION_REJECT)
		reject_by_dmarc(
		    context, verdict,
		    arena_format(context->arena, "the DMARC policy of %s", author_domain(context)));
	explain_leniency(context, verdict, indirect);
}
