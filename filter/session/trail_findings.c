/*
 * trail_findings.c - a line for each finding and for each consideration of the decision. Called by
 * finish.c where a trail is kept.
 */
#include "session/trail_findings.h"

#include "base/invariant.h"

/* Texts of a finding that does not have one. */
static const char *or_dash(const char *text)
{
	return text == NULL || text[0] == '\0' ? "-" : text;
}

static void trail_iprev(struct trail *trail, const struct iprev_finding *iprev)
{
	if (iprev->checked)
		trail_line(trail, "finding iprev: %s, name %s: %s", result_names[iprev->result],
		           or_dash(iprev->name), or_dash(iprev->reason));
}

static void trail_spf(struct trail *trail, const struct spf_finding *spf)
{
	trail_line(trail, "finding spf %s: %s for %s by \"%s\", lookups %u: %s",
	           spf_scope_names[spf->scope], result_names[spf->result], or_dash(spf->domain),
	           or_dash(spf->mechanism), spf->lookups, or_dash(spf->reason));
}

static void trail_dkim(struct trail *trail, const struct dkim_finding *dkim)
{
	if (dkim->count == 0)
		trail_line(trail, "finding dkim: none, the message has no signature");
	for (size_t i = 0; i < dkim->count; i++) {
		const struct dkim_signature *signature = &dkim->signatures[i];

		trail_line(trail, "finding dkim %zu of %zu: %s for %s, selector %s, %s: %s", i + 1,
		           dkim->count, result_names[signature->result], or_dash(signature->domain),
		           or_dash(signature->selector), or_dash(signature->algorithm),
		           or_dash(signature->reason));
	}
	if (dkim->beyond_limit > 0)
		trail_line(trail, "finding dkim: %zu more signatures than dkim.maximum_signatures",
		           dkim->beyond_limit);
}

static void trail_arc(struct trail *trail, const struct arc_finding *arc)
{
	if (arc->result == RESULT_NONE)
		return;
	for (size_t i = arc->count; i > 0; i--) {
		const struct arc_set *set = &arc->sets[i - 1];

		trail_line(trail,
		           "finding arc set %u of %zu: seal %s, by %s, selector %s, cv=%s; message "
		           "signature %s, by %s",
		           set->instance, arc->count, result_names[set->seal], or_dash(set->domain),
		           or_dash(set->selector), or_dash(set->cv), result_names[set->signature],
		           or_dash(set->ams_domain));
	}
	if (arc->restored != NULL)
		trail_line(trail, "finding arc: trusted %s, %s of set %u is restored",
		           or_dash(arc->trusted_by), arc->restored, arc->restored_set);
	trail_line(trail, "finding arc: %s%s: %s", result_names[arc->result],
	           arc->temporary ? ", for now" : "", or_dash(arc->reason));
}

static void trail_dmarc(struct trail *trail, const struct dmarc_finding *dmarc)
{
	trail_line(trail, "finding dmarc: %s for %s, record of %s, policy %s: %s",
	           result_names[dmarc->result], or_dash(dmarc->author.domain),
	           or_dash(dmarc->policy_domain), request_names[dmarc->effective],
	           or_dash(dmarc->reason));
}

static void trail_sign(struct trail *trail, const struct sign_finding *sign)
{
	for (size_t i = 0; i < sign->count; i++)
		trail_line(trail, "finding sign: signed for %s, selector %s, %s",
		           sign->signatures[i].domain, sign->signatures[i].selector,
		           sign->signatures[i].algorithm);
	if (sign->count == 0)
		trail_line(trail, "finding sign: not signed: %s",
		           sign->reason == NULL ? "nothing is set up for signing" : sign->reason);
}

void trail_findings(struct trail *trail, const struct findings *findings)
{
	if (!findings->judged) {
		trail_sign(trail, &findings->sign);
		return;
	}
	trail_iprev(trail, &findings->iprev);
	trail_spf(trail, &findings->spf_helo);
	trail_spf(trail, &findings->spf);
	trail_dkim(trail, &findings->dkim);
	trail_arc(trail, &findings->arc);
	trail_dmarc(trail, &findings->dmarc);
}

void trail_findings_verdict(struct trail *trail, const struct verdict *verdict)
{
	invariant(verdict->considered > 0);
	for (size_t i = 0; i + 1 < verdict->considered; i++)
		trail_line(trail, "considered %s: does not apply", decision_consideration(i));
	trail_line(trail, "considered %s: decides",
	           decision_consideration(verdict->considered - 1));
	trail_line(trail, "verdict: %s, %s%s%s%s%s", action_names[verdict->action],
	           or_dash(verdict->reason), verdict->rule == NULL ? "" : ", by ",
	           verdict->rule == NULL ? "" : verdict->rule,
	           verdict->would == verdict->action ? "" : ", enforcing it would be ",
	           verdict->would == verdict->action ? "" : action_names[verdict->would]);
}
