/*
 * decision.c - findings and rules become one verdict. Called by filter/session/finish.c after the
 * policies have judged; apply.c carries the verdict out.
 *
 * The considerations stand in one table, the weightiest first; the first that applies decides. None
 * has side effects.
 */
#include "decision/decision.h"

#include "base/invariant.h"
#include "decision/decision_arc.h"
#include "decision/decision_context.h"
#include "decision/decision_dmarc.h"
#include "fields/claim.h"

const char *const action_names[] = {[ACTION_ACCEPT] = "accept",
                                    [ACTION_QUARANTINE] = "quarantine",
                                    [ACTION_REJECT] = "reject",
                                    [ACTION_TEMPFAIL] = "tempfail",
                                    NULL};

const char *const verdict_kind_names[] = {[VERDICT_FORGED_FIELDS] = "forged_fields",
                                          [VERDICT_OUTBOUND] = "ours",
                                          [VERDICT_HEADER_TOO_LONG] = "header_too_long",
                                          [VERDICT_RULE] = "rule",
                                          [VERDICT_UNUSABLE_AUTHOR] = "unusable_author",
                                          [VERDICT_SPF_FAIL] = "spf_fail",
                                          [VERDICT_SPF_TEMPERROR] = "spf_temperror",
                                          [VERDICT_DMARC_PASS] = "dmarc_pass",
                                          [VERDICT_NOT_EVALUATED] = "not_evaluated",
                                          [VERDICT_DMARC_TEMPERROR] = "dmarc_temperror",
                                          [VERDICT_DMARC_FAIL] = "dmarc_fail",
                                          [VERDICT_INDIRECT_MAIL] = "indirect_mail",
                                          [VERDICT_TRUSTED_ARC] = "trusted_arc",
                                          [VERDICT_DMARC_NONE] = "dmarc_none",
                                          NULL};

/* Forged fields. A limit rather than a judgement: it holds for outbound mail and in monitor mode
 * too. */
static bool has_too_many_forged(const struct decision_context *context)
{
	return context->message->forged > CLAIM_FORGED_MAX ||
	       (context->message->outbound && context->message->forged_cut > 0);
}

static void reject_forged_fields(const struct decision_context *context, struct verdict *verdict)
{
	static const char forged_beyond_limit[] =
	    "The header of this message is too long, with fields at its end that only this server "
	    "may add, as Authentication-Results in its name";
	const char *too_many_forged =
	    arena_format(context->arena,
	                 "This message has more than %d header fields that only this server may "
	                 "add, as Authentication-Results in its name",
	                 CLAIM_FORGED_MAX);
	bool cut = context->message->forged <= CLAIM_FORGED_MAX;

	verdict->action = ACTION_REJECT;
	verdict->reason =
	    cut ? "forged fields beyond limits.header_bytes" : "too many forged fields";
	decision_context_set_reply(context, verdict, "550", "5.6.0",
	                           cut ? forged_beyond_limit : too_many_forged);
	decision_context_set_override(verdict, OVERRIDE_LOCAL_POLICY, "forged header fields");
}

/* Outbound mail: signed, not judged. */
static bool is_outbound(const struct decision_context *context)
{
	return !context->findings->judged;
}

static void accept_outbound(const struct decision_context *context, struct verdict *verdict)
{
	verdict->reason = context->message->auth_user != NULL ? "authenticated" : "ours";
}

/* A header that cannot be judged as a whole. A limit as well: it holds in monitor mode too. */
static bool header_is_cut(const struct decision_context *context)
{
	return context->message->header_cut;
}

static void reject_long_header(const struct decision_context *context, struct verdict *verdict)
{
	verdict->action = ACTION_REJECT;
	verdict->reason = "header too long";
	decision_context_set_reply(
	    context, verdict, "552", "5.3.4",
	    "The header of this message is longer than this server can judge");
	decision_context_set_override(verdict, OVERRIDE_LOCAL_POLICY, "header too long");
}

/* From does not name exactly one author domain. With dmarc.unusable_author = "strictest" each
 * domain was evaluated, and the result is fail, temperror or none. */
static bool author_is_unusable(const struct decision_context *context)
{
	const struct dmarc_finding *dmarc = &context->findings->dmarc;

	return dmarc->author.state != AUTHOR_ONE && dmarc->result == RESULT_PERMERROR;
}

/* In the order of the names of dmarc.unusable_author: accept, quarantine, reject, strictest. What
 * "strictest" could not evaluate is rejected. */
static const enum action unusable_actions[] = {ACTION_ACCEPT, ACTION_QUARANTINE, ACTION_REJECT,
                                               ACTION_REJECT};

static void apply_unusable_author(const struct decision_context *context, struct verdict *verdict)
{
	const struct author *author = &context->findings->dmarc.author;
	bool spared = decision_context_monitors(context) || context->rule->dmarc == RULE_IGNORE;
	bool several = author->state == AUTHOR_SEVERAL || author->state == AUTHOR_REPEATED;
	int setting = context->settings->dmarc->unusable_author;

	invariant((size_t)setting < sizeof unusable_actions / sizeof unusable_actions[0]);
	verdict->reason = arena_format(context->arena, "From cannot be judged: %s", author->reason);
	verdict->action = spared ? ACTION_ACCEPT : unusable_actions[setting];
	if (verdict->action == ACTION_REJECT)
		decision_context_set_reply(
		    context, verdict, "550", several ? "5.7.1" : "5.6.0",
		    arena_format(context->arena,
		                 "The author of this message cannot be authenticated: %s",
		                 author->reason));
	if (verdict->action != ACTION_ACCEPT)
		decision_context_set_override(verdict, OVERRIDE_LOCAL_POLICY, "unusable From");
}

/* SPF on its own, where the settings ask for it. */
static const struct spf_finding *failing_spf(const struct decision_context *context,
                                             enum result result)
{
	if (context->findings->spf.result == result)
		return &context->findings->spf;
	return context->findings->spf_helo.result == result ? &context->findings->spf_helo : NULL;
}

static bool spf_fail_is_rejected(const struct decision_context *context)
{
	return context->settings->spf->fail != 0 && !decision_context_monitors(context) &&
	       context->rule->dmarc != RULE_IGNORE && failing_spf(context, RESULT_FAIL) != NULL;
}

static void reject_spf_fail(const struct decision_context *context, struct verdict *verdict)
{
	const struct spf_finding *spf = failing_spf(context, RESULT_FAIL);
	char client[ADDRESS_TEXT];

	verdict->action = ACTION_REJECT;
	verdict->reason = spf->scope == SPF_SCOPE_HELO ? "spf=fail (helo)" : "spf=fail";
	address_print(&context->message->client, client);
	decision_context_set_reply(
	    context, verdict, "550", "5.7.23",
	    arena_format(context->arena, "SPF: %s does not permit %s to send its mail (%s)%s%s",
	                 spf->domain, client, spf->mechanism == NULL ? "-all" : spf->mechanism,
	                 spf->explanation == NULL ? "" : "; the domain explains: ",
	                 spf->explanation == NULL ? "" : spf->explanation));
	decision_context_set_override(verdict, OVERRIDE_LOCAL_POLICY, "spf fail");
}

static bool spf_temperror_is_deferred(const struct decision_context *context)
{
	return context->settings->spf->temperror != 0 && !decision_context_monitors(context) &&
	       context->findings->dmarc.result != RESULT_FAIL &&
	       context->rule->dmarc != RULE_IGNORE &&
	       failing_spf(context, RESULT_TEMPERROR) != NULL;
}

static void defer_spf_temperror(const struct decision_context *context, struct verdict *verdict)
{
	const struct spf_finding *spf = failing_spf(context, RESULT_TEMPERROR);

	verdict->action = ACTION_TEMPFAIL;
	verdict->reason = "spf=temperror";
	decision_context_set_reply(
	    context, verdict, "451", "4.7.24",
	    arena_format(context->arena, "SPF of %s cannot be checked now: %s", spf->domain,
	                 spf->reason == NULL ? "DNS does not answer" : spf->reason));
}

/* Everything else. */
static bool always(const struct decision_context *context)
{
	(void)context;
	return true;
}

static void accept_rest(const struct decision_context *context, struct verdict *verdict)
{
	verdict->reason =
	    arena_format(context->arena, "dmarc=%s", result_names[context->findings->dmarc.result]);
}

/* In the order in which they are looked at; the last one always applies. */
static const struct {
	const char *name;
	bool (*applies)(const struct decision_context *context);
	void (*decide)(const struct decision_context *context, struct verdict *verdict);
	enum verdict_kind kind;
} considerations[] = {
    {"too many forged fields", has_too_many_forged, reject_forged_fields, VERDICT_FORGED_FIELDS},
    {"outbound mail", is_outbound, accept_outbound, VERDICT_OUTBOUND},
    {"header too long", header_is_cut, reject_long_header, VERDICT_HEADER_TOO_LONG},
    {"a rule that demands more", decision_dmarc_rule_demands, decision_dmarc_follow_rule,
     VERDICT_RULE},
    {"SPF fail, where spf.fail rejects", spf_fail_is_rejected, reject_spf_fail, VERDICT_SPF_FAIL},
    {"unusable author", author_is_unusable, apply_unusable_author, VERDICT_UNUSABLE_AUTHOR},
    {"DMARC pass", decision_dmarc_passes, decision_dmarc_accept_pass, VERDICT_DMARC_PASS},
    {"not evaluated for a limit of this server", decision_dmarc_hit_limit,
     decision_dmarc_defer_for_limit, VERDICT_NOT_EVALUATED},
    {"SPF temperror, where spf.temperror defers", spf_temperror_is_deferred, defer_spf_temperror,
     VERDICT_SPF_TEMPERROR},
    {"DMARC unknown after a failed lookup", decision_dmarc_is_unknown,
     decision_dmarc_handle_unknown, VERDICT_DMARC_TEMPERROR},
    {"a chain of ARC that is trusted", decision_arc_restores, decision_arc_accept,
     VERDICT_TRUSTED_ARC},
    {"DMARC fail", decision_dmarc_fails, decision_dmarc_enforce, VERDICT_DMARC_FAIL},
    {"nothing else", always, accept_rest, VERDICT_DMARC_NONE},
};

enum {
	CONSIDERATIONS = sizeof considerations / sizeof considerations[0]
};

const char *decision_consideration(size_t index)
{
	invariant(index < CONSIDERATIONS);
	return considerations[index].name;
}

/* For the aggregate report. */
static const char *disposition_of(const struct verdict *verdict)
{
	if (verdict->disposition != NULL)
		return verdict->disposition;
	return verdict->action == ACTION_REJECT       ? "reject"
	       : verdict->action == ACTION_QUARANTINE ? "quarantine"
	                                              : "none";
}

static struct verdict decision_consider(const struct decision_context *context)
{
	struct verdict verdict = {.action = ACTION_ACCEPT, .override = OVERRIDE_NONE};
	size_t index = 0;

	while (!considerations[index].applies(context)) {
		index++;
		invariant(index < CONSIDERATIONS);
	}
	verdict.considered = index + 1;
	verdict.kind = considerations[index].kind;
	considerations[index].decide(context, &verdict);
	invariant((verdict.reply != NULL) ==
	          (verdict.action == ACTION_REJECT || verdict.action == ACTION_TEMPFAIL));
	return verdict;
}

static struct verdict consider_without_rule(const struct decision_context *context)
{
	static const struct rule_match none = {.dmarc = RULE_FOLLOW};
	struct decision_context without = *context;

	without.rule = &none;
	return decision_consider(&without);
}

/* The rule that kept something from being done, whatever that was; NULL for none. */
static const char *rule_that_spared(const struct decision_context *context,
                                    const struct verdict *verdict)
{
	if (context->rule->dmarc != RULE_IGNORE)
		return NULL;
	return consider_without_rule(context).action == verdict->action ? NULL
	                                                                : context->rule->name;
}

/* A rule for some of the recipients or authors makes nothing milder for the others. */
static struct verdict consider_for_all(const struct decision_context *context)
{
	struct verdict verdict = decision_consider(context), other;

	if (!context->rule->some_follow || verdict.action != ACTION_QUARANTINE)
		return verdict;
	other = consider_without_rule(context);
	return other.action == ACTION_REJECT ? other : verdict;
}

static struct verdict conclude(const struct decision_context *context)
{
	struct verdict verdict = consider_for_all(context);

	if (verdict.rule == NULL)
		verdict.rule = rule_that_spared(context, &verdict);
	verdict.disposition = disposition_of(&verdict);
	verdict.would = verdict.action;
	return verdict;
}

/* Monitor mode is for finding out what the standard mode would do, so the reason and the rule are
 * those that it would have had. The report says what was really done. */
static void describe_enforcement(const struct decision_context *context, struct verdict *verdict)
{
	struct dmarc_settings dmarc = *context->settings->dmarc;
	const struct decision_settings enforcing = {context->settings->spf, &dmarc,
	                                            context->settings->quarantine};
	struct decision_context enforcing_context = *context;
	struct verdict would;

	dmarc.enforce = ENFORCE_PUBLISHED;
	enforcing_context.settings = &enforcing;
	would = conclude(&enforcing_context);
	verdict->would = would.action;
	verdict->kind = would.kind;
	verdict->considered = would.considered;
	verdict->reason = would.reason;
	verdict->rule = would.rule;
}

struct verdict decision_make(const struct message *message, const struct findings *findings,
                             const struct rule_match *rule,
                             const struct decision_settings *settings, struct arena *arena)
{
	const struct decision_context context = {message, findings, rule, settings, arena};
	struct verdict verdict;

	invariant(message != NULL && findings != NULL && rule != NULL && settings != NULL);
	verdict = conclude(&context);
	if (decision_context_monitors(&context))
		describe_enforcement(&context, &verdict);
	if (verdict.action == ACTION_QUARANTINE) {
		invariant(settings->quarantine->action <= QUARANTINE_REDIRECT);
		verdict.how = (enum quarantine_how)settings->quarantine->action;
		if (verdict.how == QUARANTINE_REDIRECT)
			verdict.redirect = settings->quarantine->address;
	}
	return verdict;
}
