/*
 * decision_dmarc.c - what follows from DMARC: rules that demand more, a pass, a doubt, a failure.
 * Considerations of decision.c's table, which calls them.
 */
#include "decision/decision_dmarc.h"

#include "base/text.h"
#include "decision/indirect.h"
#include "dmarc/policy_record.h"

/* What the domain owner's request becomes in each mode, before signs of indirect mail. */
static const enum action enforcement[][3] = {
    /*			 REQUEST_NONE	REQUEST_QUARANTINE REQUEST_REJECT */
    [ENFORCE_MONITOR] = {ACTION_ACCEPT, ACTION_ACCEPT, ACTION_ACCEPT},
    [ENFORCE_QUARANTINE] = {ACTION_ACCEPT, ACTION_QUARANTINE, ACTION_QUARANTINE},
    [ENFORCE_PUBLISHED] = {ACTION_ACCEPT, ACTION_QUARANTINE, ACTION_REJECT},
    [ENFORCE_STRICT] = {ACTION_ACCEPT, ACTION_QUARANTINE, ACTION_REJECT},
};

/* Does the verdict do what the policy asks for, after t=y and what is wrong with the record? */
static bool follows_policy(const struct deciding *on, const struct verdict *verdict)
{
	return verdict->action == enforcement[ENFORCE_STRICT][on->findings->dmarc.effective];
}

/* What is done differs from what is published, and it is the record itself that says so. */
static void explain_record(const struct deciding *on, struct verdict *verdict)
{
	const struct dmarc_finding *dmarc = &on->findings->dmarc;

	if (dmarc->test_mode)
		decision_set_override(verdict, OVERRIDE_POLICY_TEST_MODE, "t=y");
	else if (dmarc->effective < dmarc->published)
		decision_set_override(verdict, OVERRIDE_OTHER,
		                      "the record is broken and counts as p=none");
}

bool decision_dmarc_rule_demands(const struct deciding *on)
{
	const struct dmarc_finding *dmarc = &on->findings->dmarc;

	if (on->rule->dmarc != RULE_QUARANTINE && on->rule->dmarc != RULE_REJECT)
		return false;
	return dmarc->result != RESULT_PASS && dmarc->result != RESULT_TEMPERROR &&
	       !dmarc->spf_aligned && !dmarc->dkim_aligned && !dmarc->alignment_unknown &&
	       !decision_monitors(on);
}

static const char *author_domain(const struct deciding *on)
{
	const char *domain = on->findings->dmarc.author.domain;

	return domain == NULL ? "the author domain" : domain;
}

static void refuse_by_dmarc(const struct deciding *on, struct verdict *verdict, const char *whose)
{
	const char *reason = on->findings->dmarc.reason;

	verdict->action = ACTION_REJECT;
	decision_set_reply(on, verdict, "550", "5.7.1",
	                   arena_format(on->arena, "Rejected by %s: %s", whose,
	                                reason == NULL ? "DMARC failed" : reason));
}

void decision_dmarc_follow_rule(const struct deciding *on, struct verdict *verdict)
{
	verdict->reason =
	    arena_format(on->arena, "dmarc=%s rule=%s", result_names[on->findings->dmarc.result],
	                 rule_dmarc_names[on->rule->dmarc]);
	verdict->rule = on->rule->name;
	if (on->rule->dmarc == RULE_REJECT)
		refuse_by_dmarc(on, verdict,
		                arena_format(on->arena, "the DMARC rules of this site for %s",
		                             author_domain(on)));
	else
		verdict->action = ACTION_QUARANTINE;
	if (follows_policy(on, verdict))
		explain_record(on, verdict);
	else
		decision_set_override(verdict, on->rule->override, on->rule->why);
}

bool decision_dmarc_passes(const struct deciding *on)
{
	return on->findings->dmarc.result == RESULT_PASS;
}

void decision_dmarc_accept_pass(const struct deciding *on, struct verdict *verdict)
{
	verdict->reason = "dmarc=pass";
	if (on->findings->dmarc.effective != REQUEST_NONE)
		verdict->disposition = "pass";
}

/* The strictest that may have to be done: by the policy, or by a rule of the site. */
static enum request at_stake(const struct deciding *on)
{
	enum request demanded = on->rule->dmarc == RULE_REJECT       ? REQUEST_REJECT
	                        : on->rule->dmarc == RULE_QUARANTINE ? REQUEST_QUARANTINE
	                                                             : REQUEST_NONE;
	enum request published = on->findings->dmarc.at_stake;

	return published > demanded ? published : demanded;
}

/* A rule waits for the truth also where the domain has no policy. */
bool decision_dmarc_is_in_doubt(const struct deciding *on)
{
	const struct dmarc_finding *dmarc = &on->findings->dmarc;

	return dmarc->result == RESULT_TEMPERROR ||
	       (dmarc->alignment_unknown && dmarc->result != RESULT_FAIL &&
	        at_stake(on) != REQUEST_NONE);
}

static void put_off(const struct deciding *on, struct verdict *verdict)
{
	const char *doubt = on->findings->dmarc.doubt;

	verdict->action = ACTION_TEMPFAIL;
	decision_set_reply(on, verdict, "451", "4.7.1",
	                   arena_format(on->arena, "DMARC of %s cannot be determined now: %s",
	                                author_domain(on),
	                                doubt == NULL ? "DNS does not answer" : doubt));
}

static bool acts_on_doubt(const struct deciding *on)
{
	return !decision_monitors(on) && on->rule->dmarc != RULE_IGNORE;
}

/* The failure is ours, and its cause may be the sender's: nothing follows from it but to come
 * again. Where nothing that could have been found would have mattered, it does not matter. */
bool decision_dmarc_hit_a_limit(const struct deciding *on)
{
	const struct dmarc_finding *dmarc = &on->findings->dmarc;

	return decision_dmarc_is_in_doubt(on) && acts_on_doubt(on) &&
	       lookup_fault_is_limit(dmarc->fault) &&
	       (dmarc->record == NULL || at_stake(on) != REQUEST_NONE);
}

void decision_dmarc_put_off_by_limit(const struct deciding *on, struct verdict *verdict)
{
	verdict->reason = arena_format(on->arena, "not evaluated: %s",
	                               lookup_fault_names[on->findings->dmarc.fault]);
	put_off(on, verdict);
}

/* dmarc.temperror = "auto": a forger gains nothing by a doubt, and a domain whose name servers fail
 * loses no mail by a policy that nobody knows. */
static bool puts_doubt_off(const struct deciding *on)
{
	switch (on->settings->dmarc->temperror) {
	case TEMPERROR_ACCEPT:
		return false;
	case TEMPERROR_TEMPFAIL:
		return on->findings->dmarc.result == RESULT_TEMPERROR ||
		       at_stake(on) != REQUEST_NONE;
	default:
		return at_stake(on) != REQUEST_NONE ||
		       (on->findings->dmarc.record == NULL &&
		        on->findings->dmarc.fault != LOOKUP_FAULT_DOMAIN);
	}
}

void decision_dmarc_handle_doubt(const struct deciding *on, struct verdict *verdict)
{
	verdict->reason =
	    arena_format(on->arena, "dmarc=%s", result_names[on->findings->dmarc.result]);
	if (acts_on_doubt(on) && puts_doubt_off(on))
		put_off(on, verdict);
}

bool decision_dmarc_fails(const struct deciding *on)
{
	return on->findings->dmarc.result == RESULT_FAIL;
}

/* Why less was done than the owner asked for; every such difference is reported (RFC 9990 3.1.1.8).
 */
static void explain_leniency(const struct deciding *on, struct verdict *verdict,
                             const struct indirect_sign *indirect)
{
	if (follows_policy(on, verdict))
		explain_record(on, verdict);
	else if (on->rule->dmarc == RULE_IGNORE)
		decision_set_override(verdict, on->rule->override, on->rule->why);
	else if (decision_monitors(on))
		decision_set_override(verdict, OVERRIDE_LOCAL_POLICY, "monitor mode");
	else if (indirect != NULL)
		decision_set_override(
		    verdict, indirect->is_list ? OVERRIDE_MAILING_LIST : OVERRIDE_LOCAL_POLICY,
		    arena_format(on->arena, "indirect mail: %s", indirect->name));
	else
		decision_set_override(verdict, OVERRIDE_LOCAL_POLICY,
		                      "reject is not done on DMARC alone");
}

void decision_dmarc_enforce(const struct deciding *on, struct verdict *verdict)
{
	const struct dmarc_finding *dmarc = &on->findings->dmarc;
	int mode = on->settings->dmarc->enforce;
	enum action wanted = enforcement[mode][dmarc->effective];
	const struct indirect_sign *indirect = NULL;

	verdict->reason =
	    arena_format(on->arena, "dmarc=fail p=%s", request_names[dmarc->effective]);
	if (mode == ENFORCE_PUBLISHED && wanted == ACTION_REJECT)
		indirect = indirect_find(on->message, on->findings, on->arena);
	if (indirect != NULL) {
		wanted = ACTION_QUARANTINE;
		verdict->kind = VERDICT_INDIRECT_MAIL;
		verdict->reason = arena_format(on->arena, "%s, indirect mail (%s of %s)",
		                               verdict->reason, indirect->name, indirect->domain);
	}
	if (on->rule->dmarc == RULE_IGNORE) {
		wanted = ACTION_ACCEPT;
		verdict->rule = on->rule->name;
	}
	verdict->action = wanted;
	if (wanted == ACTION_REJECT)
		refuse_by_dmarc(
		    on, verdict,
		    arena_format(on->arena, "the DMARC policy of %s", author_domain(on)));
	explain_leniency(on, verdict, indirect);
}
