/*
 * decision.c - findings and rules become one verdict. Called by filter/session/finish.c after the
 * policies have judged; apply.c carries the verdict out.
 *
 * The considerations stand in one table, weightiest first; the first that applies decides. None has
 * side effects.
 */
#include "decision/decision.h"

#include <string.h>

#include "base/invariant.h"
#include "base/text.h"
#include "decision/decision_dmarc.h"
#include "fields/claim.h"

enum {
	REPLY_MAX = 480 /* octets: with the codes a line of 512 (RFC 5321 4.5.3.1.5) */
};

const char *const action_names[] = {[ACTION_ACCEPT] = "accept",
                                    [ACTION_QUARANTINE] = "quarantine",
                                    [ACTION_REJECT] = "reject",
                                    [ACTION_TEMPFAIL] = "tempfail",
                                    NULL};

const char *const verdict_kind_names[] = {
    [VERDICT_FORGED_FIELDS] = "forged_fields",     [VERDICT_OURS] = "ours",
    [VERDICT_HEADER_TOO_LONG] = "header_too_long", [VERDICT_RULE] = "rule",
    [VERDICT_UNUSABLE_AUTHOR] = "unusable_author", [VERDICT_SPF_FAIL] = "spf_fail",
    [VERDICT_SPF_TEMPERROR] = "spf_temperror",     [VERDICT_DMARC_PASS] = "dmarc_pass",
    [VERDICT_NOT_EVALUATED] = "not_evaluated",     [VERDICT_DMARC_TEMPERROR] = "dmarc_temperror",
    [VERDICT_DMARC_FAIL] = "dmarc_fail",           [VERDICT_INDIRECT_MAIL] = "indirect_mail",
    [VERDICT_DMARC_NONE] = "dmarc_none",           NULL};

/* A reply is ASCII: the client may not have asked for SMTPUTF8 (RFC 6531 3.7.4). */
static const char *ascii_line(struct arena *arena, const char *text, size_t most)
{
	static const char more[] = "...";
	char *line = text_ascii(arena, text, most);

	if (strlen(line) > most)
		memcpy(line + most - strlen(more), more, sizeof more);
	return line;
}

void decision_set_reply(const struct deciding *on, struct verdict *verdict, const char *code,
                        const char *enhanced, const char *text)
{
	const char *url = on->settings->dmarc->reply_url;
	const char *see = url[0] == '\0' ? "" : arena_format(on->arena, "; see %s", url);
	size_t room = strlen(see) < REPLY_MAX / 2 ? REPLY_MAX - strlen(see) : REPLY_MAX / 2;

	verdict->code = code;
	verdict->enhanced = enhanced;
	verdict->reply = arena_format(on->arena, "%s%s", ascii_line(on->arena, text, room), see);
}

void decision_set_override(struct verdict *verdict, enum override override, const char *comment)
{
	verdict->override = override;
	verdict->override_comment = comment;
}

bool decision_monitors(const struct deciding *on)
{
	return on->settings->dmarc->enforce == ENFORCE_MONITOR;
}

/* Fields in our name
 * --------------------------------------------------------------------------------------------------
 */

/* A limit, no judgement: it holds for mail of ours and in monitor mode too. */
static bool bears_too_many_forged(const struct deciding *on)
{
	return on->message->forged > CLAIM_FORGED_MAX ||
	       (on->message->ours && on->message->forged_cut > 0);
}

static void refuse_forged_fields(const struct deciding *on, struct verdict *verdict)
{
	bool cut = on->message->forged <= CLAIM_FORGED_MAX;

	verdict->action = ACTION_REJECT;
	verdict->reason =
	    cut ? "forged fields beyond limits.header_bytes" : "too many forged fields";
	decision_set_reply(
	    on, verdict, "550", "5.6.0",
	    cut ? "The header of this message is too long, with fields at its end that only this "
	          "server may add, as Authentication-Results in its name"
	        : arena_format(
	              on->arena,
	              "This message bears more than %d header fields that only this server may "
	              "add, as Authentication-Results in its name",
	              CLAIM_FORGED_MAX));
	decision_set_override(verdict, OVERRIDE_LOCAL_POLICY, "forged header fields");
}

/* Ours
 * ---------------------------------------------------------------------------------------------------------------
 */

static bool is_ours(const struct deciding *on)
{
	return !on->findings->judged;
}

static void leave_alone(const struct deciding *on, struct verdict *verdict)
{
	verdict->reason = on->message->auth_user != NULL ? "authenticated" : "ours";
}

/* A header that cannot be judged as a whole
 * --------------------------------------------------------------------------- */

/* A limit, no judgement: it holds in monitor mode too. */
static bool header_is_cut(const struct deciding *on)
{
	return on->message->header_cut;
}

static void refuse_long_header(const struct deciding *on, struct verdict *verdict)
{
	verdict->action = ACTION_REJECT;
	verdict->reason = "header too long";
	decision_set_reply(on, verdict, "552", "5.3.4",
	                   "The header of this message is longer than this server can judge");
	decision_set_override(verdict, OVERRIDE_LOCAL_POLICY, "header too long");
}

/* From that names no one author domain
 * ---------------------------------------------------------------------------------- */

/* With "strictest" the result is another: each domain was evaluated, and fail, temperror or none
 * came of it.
 */
static bool author_is_unusable(const struct deciding *on)
{
	const struct dmarc_finding *dmarc = &on->findings->dmarc;

	return dmarc->author.state != AUTHOR_ONE && dmarc->result == RESULT_PERMERROR;
}

/* dmarc.unusable_author in the order of its words; what "strictest" could not evaluate is refused.
 */
static const enum action unusable_actions[] = {ACTION_ACCEPT, ACTION_QUARANTINE, ACTION_REJECT,
                                               ACTION_REJECT};

static void handle_unusable_author(const struct deciding *on, struct verdict *verdict)
{
	const struct author *author = &on->findings->dmarc.author;
	bool spared = decision_monitors(on) || on->rule->dmarc == RULE_IGNORE;
	bool several = author->state == AUTHOR_SEVERAL || author->state == AUTHOR_REPEATED;

	verdict->reason = arena_format(on->arena, "From cannot be judged: %s", author->reason);
	verdict->action =
	    spared ? ACTION_ACCEPT : unusable_actions[on->settings->dmarc->unusable_author];
	if (verdict->action == ACTION_REJECT)
		decision_set_reply(
		    on, verdict, "550", several ? "5.7.1" : "5.6.0",
		    arena_format(on->arena,
		                 "The author of this message cannot be authenticated: %s",
		                 author->reason));
	if (verdict->action != ACTION_ACCEPT)
		decision_set_override(verdict, OVERRIDE_LOCAL_POLICY, "unusable From");
}

/* SPF by itself, where the operator asked for it
 * --------------------------------------------------------------------- */

static const struct spf_finding *failing_spf(const struct deciding *on, enum result result)
{
	if (on->findings->spf.result == result)
		return &on->findings->spf;
	return on->findings->spf_helo.result == result ? &on->findings->spf_helo : NULL;
}

static bool spf_fail_is_refused(const struct deciding *on)
{
	return on->settings->spf->fail != 0 && !decision_monitors(on) &&
	       on->rule->dmarc != RULE_IGNORE && failing_spf(on, RESULT_FAIL) != NULL;
}

static void refuse_spf_fail(const struct deciding *on, struct verdict *verdict)
{
	const struct spf_finding *spf = failing_spf(on, RESULT_FAIL);
	char client[ADDRESS_TEXT];

	verdict->action = ACTION_REJECT;
	verdict->reason = spf->scope == SPF_SCOPE_HELO ? "spf=fail (helo)" : "spf=fail";
	address_print(&on->message->client, client);
	decision_set_reply(
	    on, verdict, "550", "5.7.23",
	    arena_format(on->arena, "SPF: %s does not permit %s to send its mail (%s)%s%s",
	                 spf->domain, client, spf->mechanism == NULL ? "-all" : spf->mechanism,
	                 spf->explanation == NULL ? "" : "; the domain explains: ",
	                 spf->explanation == NULL ? "" : spf->explanation));
	decision_set_override(verdict, OVERRIDE_LOCAL_POLICY, "spf fail");
}

static bool spf_temperror_is_deferred(const struct deciding *on)
{
	return on->settings->spf->temperror != 0 && !decision_monitors(on) &&
	       on->findings->dmarc.result != RESULT_FAIL && on->rule->dmarc != RULE_IGNORE &&
	       failing_spf(on, RESULT_TEMPERROR) != NULL;
}

static void defer_spf_temperror(const struct deciding *on, struct verdict *verdict)
{
	const struct spf_finding *spf = failing_spf(on, RESULT_TEMPERROR);

	verdict->action = ACTION_TEMPFAIL;
	verdict->reason = "spf=temperror";
	decision_set_reply(on, verdict, "451", "4.7.24",
	                   arena_format(on->arena, "SPF of %s cannot be checked now: %s",
	                                spf->domain,
	                                spf->reason == NULL ? "DNS does not answer" : spf->reason));
}

/* Everything else
 * ------------------------------------------------------------------------------------------------------
 */

static bool always(const struct deciding *on)
{
	(void)on;
	return true;
}

static void accept_rest(const struct deciding *on, struct verdict *verdict)
{
	verdict->reason =
	    arena_format(on->arena, "dmarc=%s", result_names[on->findings->dmarc.result]);
}

static const struct {
	bool (*applies)(const struct deciding *on);
	void (*decide)(const struct deciding *on, struct verdict *verdict);
	enum verdict_kind kind;
} considerations[] = {
    {bears_too_many_forged, refuse_forged_fields, VERDICT_FORGED_FIELDS},
    {is_ours, leave_alone, VERDICT_OURS},
    {header_is_cut, refuse_long_header, VERDICT_HEADER_TOO_LONG},
    {decision_dmarc_rule_demands, decision_dmarc_follow_rule, VERDICT_RULE},
    {spf_fail_is_refused, refuse_spf_fail, VERDICT_SPF_FAIL},
    {author_is_unusable, handle_unusable_author, VERDICT_UNUSABLE_AUTHOR},
    {decision_dmarc_passes, decision_dmarc_accept_pass, VERDICT_DMARC_PASS},
    {decision_dmarc_hit_a_limit, decision_dmarc_put_off_by_limit, VERDICT_NOT_EVALUATED},
    {spf_temperror_is_deferred, defer_spf_temperror, VERDICT_SPF_TEMPERROR},
    {decision_dmarc_is_in_doubt, decision_dmarc_handle_doubt, VERDICT_DMARC_TEMPERROR},
    {decision_dmarc_fails, decision_dmarc_enforce, VERDICT_DMARC_FAIL},
    {always, accept_rest, VERDICT_DMARC_NONE},
};

static const char *disposition_of(const struct verdict *verdict)
{
	if (verdict->disposition != NULL)
		return verdict->disposition;
	return verdict->action == ACTION_REJECT       ? "reject"
	       : verdict->action == ACTION_QUARANTINE ? "quarantine"
	                                              : "none";
}

static struct verdict decision_consider(const struct deciding *on)
{
	struct verdict verdict = {.action = ACTION_ACCEPT, .override = OVERRIDE_NONE};
	size_t row = 0;

	while (!considerations[row].applies(on))
		row++;
	verdict.kind = considerations[row].kind;
	considerations[row].decide(on, &verdict);
	return verdict;
}

static struct verdict consider_without_rule(const struct deciding *on)
{
	static const struct rule_match none = {.dmarc = RULE_FOLLOW};
	struct deciding without = *on;

	without.rule = &none;
	return decision_consider(&without);
}

/* A rule that keeps something from happening has to be named, whatever it was that did not happen.
 */
static const char *rule_that_spared(const struct deciding *on, const struct verdict *verdict)
{
	if (on->rule->dmarc != RULE_IGNORE)
		return NULL;
	return consider_without_rule(on).action == verdict->action ? NULL : on->rule->name;
}

/* A rule for some of the recipients or authors makes nothing milder for the others. */
static struct verdict consider_all(const struct deciding *on)
{
	struct verdict verdict = decision_consider(on), other;

	if (!on->rule->some_follow || verdict.action != ACTION_QUARANTINE)
		return verdict;
	other = consider_without_rule(on);
	return other.action == ACTION_REJECT ? other : verdict;
}

static struct verdict weigh(const struct deciding *on)
{
	struct verdict verdict = consider_all(on);

	if (verdict.rule == NULL)
		verdict.rule = rule_that_spared(on, &verdict);
	verdict.disposition = disposition_of(&verdict);
	verdict.would = verdict.action;
	return verdict;
}

/* Monitor mode is for finding out what the standard mode would do: the reason and the rule are the
 * ones that it would have had. What is reported to the domain owner stays what was done. */
static void tell_what_would_be_done(const struct deciding *on, struct verdict *verdict)
{
	struct dmarc_settings dmarc = *on->settings->dmarc;
	const struct decision_settings enforcing = {on->settings->spf, &dmarc,
	                                            on->settings->quarantine};
	struct deciding otherwise = *on;
	struct verdict would;

	dmarc.enforce = ENFORCE_PUBLISHED;
	otherwise.settings = &enforcing;
	would = weigh(&otherwise);
	verdict->would = would.action;
	verdict->kind = would.kind;
	verdict->reason = would.reason;
	verdict->rule = would.rule;
}

struct verdict decision_make(const struct message *message, const struct findings *findings,
                             const struct rule_match *rule,
                             const struct decision_settings *settings, struct arena *arena)
{
	const struct deciding on = {message, findings, rule, settings, arena};
	struct verdict verdict = weigh(&on);

	if (decision_monitors(&on))
		tell_what_would_be_done(&on, &verdict);
	if (verdict.action == ACTION_QUARANTINE) {
		verdict.how = (enum quarantine_how)settings->quarantine->action;
		if (verdict.how == QUARANTINE_REDIRECT)
			verdict.redirect = settings->quarantine->address;
	}
	return verdict;
}

/* decision_dmarc.c decides on indirect mail while it considers a failure. */
size_t decision_considered(enum verdict_kind kind, const char *names[VERDICT_KINDS])
{
	enum verdict_kind last = kind == VERDICT_INDIRECT_MAIL ? VERDICT_DMARC_FAIL : kind;
	size_t count = 0;

	invariant(kind < VERDICT_KINDS);
	do
		names[count] = verdict_kind_names[considerations[count].kind];
	while (considerations[count++].kind != last);
	return count;
}
