/*
 * check_explain.c - the findings of SPF, DKIM, ARC and DMARC for people. Called by check_print.c.
 */
#include "tool/check/check_explain.h"

#include <string.h>

#include "base/text.h"
#include "dmarc/policy_record.h"

static enum check_colour result_colour(enum result result)
{
	switch (result) {
	case RESULT_PASS:
		return COLOUR_GOOD;
	case RESULT_FAIL:
	case RESULT_PERMERROR:
		return COLOUR_BAD;
	default:
		return COLOUR_DOUBT;
	}
}

static void explain_iprev(struct check_page *page, const struct iprev_finding *iprev)
{
	char address[ADDRESS_TEXT];

	if (!iprev->checked)
		return;
	check_page_heading(page, "iprev", result_names[iprev->result], result_colour(iprev->result),
	                   address_print(&iprev->address, address));
	check_page_say(page, 2, "{} leads back to the address", iprev->name);
	check_page_say(page, 2, "{}", iprev->reason);
}

static void explain_steps(struct check_page *page, const struct spf_finding *spf)
{
	const char *domain = NULL;
	unsigned depth = 0;

	for (size_t i = 0; i < spf->step_count; i++) {
		const struct spf_step *step = &spf->steps[i];
		const char *here = step->domain == NULL ? "" : step->domain;

		if (domain == NULL || depth != step->depth || strcmp(domain, here) != 0)
			check_page_say(page, 2 + 2 * step->depth, "record of {}", here);
		domain = here;
		depth = step->depth;
		check_page_say(page, 4 + 2 * step->depth, "{?32}  {?}", step->term, step->outcome);
	}
}

static void explain_spf(struct check_page *page, const char *name, const struct spf_finding *spf)
{
	check_page_heading(page, name, result_names[spf->result], result_colour(spf->result),
	                   spf->domain == NULL ? "" : check_page_safe(page, spf->domain));
	check_page_say(page, 2, "{}", spf->reason);
	if (spf->step_count == 0)
		return;
	explain_steps(page, spf);
	check_page_say(page, 2, "decided by {}", spf->mechanism);
	check_page_say(page, 2, "the domain explains: {}", spf->explanation);
	check_page_line(page, 2,
	                "%u of 10 terms that look something up, %u lookups in vain, engine %s",
	                spf->lookups, spf->void_lookups, check_page_safe(page, spf->engine));
	check_page_say(page, 2, "second opinion: {}", spf->second_opinion);
}

static void explain_signature(struct check_page *page, const struct dkim_signature *signature)
{
	const char *size =
	    signature->key_bits == 0 ? NULL : arena_format(page->arena, "%u", signature->key_bits);

	check_page_heading(page, "DKIM", result_names[signature->result],
	                   result_colour(signature->result),
	                   signature->domain == NULL ? "a signature without a domain"
	                                             : check_page_safe(page, signature->domain));
	check_page_say(page, 2, "{}", signature->reason);
	check_page_say(page, 2, "selector {?}, {?}[, key of {} bits], identity {?}",
	               signature->selector, signature->algorithm, size, signature->identity);
	check_page_say(page, 2, "second opinion: {}", signature->second_opinion);
	if (signature->testing)
		check_page_line(page, 2, "the key is marked as a test (t=y)");
	if (signature->key_secure)
		check_page_line(page, 2, "the key came validated by DNSSEC");
}

static void explain_dkim(struct check_page *page, const struct dkim_finding *dkim)
{
	if (dkim->count == 0)
		check_page_heading(page, "DKIM", "none", COLOUR_DOUBT,
		                   "the message has no signature");
	for (size_t i = 0; i < dkim->count; i++)
		explain_signature(page, &dkim->signatures[i]);
	if (dkim->beyond_limit > 0)
		check_page_line(page, 2, "not looked at, beyond dkim.maximum_signatures: %zu",
		                dkim->beyond_limit);
}

static void explain_set(struct check_page *page, const struct arc_set *set, bool newest)
{
	const char *signature = "";

	if (newest && set->signature != RESULT_NONE)
		signature =
		    arena_format(page->arena, " (%s)",
		                 set->signature == RESULT_PASS ? "verified" : "does not verify");
	check_page_line(page, 2,
	                "set %u: sealed by %s, selector %s, cv=%s, %s; message signature of %s%s",
	                set->instance, check_page_safe(page, set->domain),
	                check_page_safe(page, set->selector), set->cv == NULL ? "?" : set->cv,
	                set->seal == RESULT_NONE   ? "not checked"
	                : set->seal == RESULT_PASS ? "verified"
	                                           : "does not verify",
	                check_page_safe(page, set->ams_domain), signature);
	check_page_line(page, 4, "found there%s: %s", set->trusted ? " (believed)" : "",
	                check_page_safe(page, message_unfold(page->arena, set->results)));
}

/* What arc.trusted makes of a chain that passes. */
static void explain_trust(struct check_page *page, const struct arc_finding *arc)
{
	if (arc->restored != NULL)
		check_page_line(page, 2, "trusted: %s passed where set %u was made, by arc.trusted",
		                arc->restored, arc->restored_set);
	else if (arc->would_restore != NULL)
		check_page_line(page, 2,
		                "not trusted: with %s in arc.trusted, and whoever sealed it "
		                "before, it would be accepted",
		                check_page_safe(page, arc->would_restore));
}

static void explain_arc(struct check_page *page, const struct arc_finding *arc)
{
	const char *domain = arc->count == 0 ? NULL : arc->sets[arc->count - 1].domain;

	if (arc->result == RESULT_NONE)
		return;
	check_page_heading(page, "ARC", result_names[arc->result], result_colour(arc->result),
	                   domain == NULL ? "" : check_page_safe(page, domain));
	if (arc->reason != NULL)
		check_page_line(page, 2, "%s", check_page_safe(page, arc->reason));
	if (arc->temporary)
		check_page_line(page, 2, "it may verify later: a key could not be looked up");
	if (arc->only_changed)
		check_page_line(page, 2,
		                "all seals verify: the message was changed after the newest");
	for (size_t i = arc->count; i > 0; i--)
		explain_set(page, &arc->sets[i - 1], i == arc->count);
	explain_trust(page, arc);
}

static void explain_walk(struct check_page *page, const struct dmarc_finding *dmarc)
{
	if (dmarc->step_count > 0)
		check_page_line(page, 2, "names asked for a policy, by %s",
		                dmarc->discovery != NULL && strcmp(dmarc->discovery, "psl") == 0
		                    ? "the public suffix list"
		                    : "tree walk");
	for (size_t i = 0; i < dmarc->step_count; i++)
		check_page_say(page, 4, "{?40}  {?}", dmarc->steps[i].name,
		               dmarc->steps[i].outcome);
	check_page_say(page, 2, "organizational domain {}{}", dmarc->organizational_domain,
	               dmarc->author_exists ? "" : " (the author domain itself does not exist)");
}

/* Whether the record has that tag itself. */
static bool has_tag(const char *record, const char *name)
{
	size_t length = strlen(name);

	while (record != NULL) {
		record += strspn(record, " \t;");
		if (text_same_bytes(record, name, strnlen(record, length)) &&
		    strnlen(record, length) == length) {
			const char *after = record + length;

			if (after[strspn(after, " \t")] == '=')
				return true;
		}
		record = strchr(record, ';');
	}
	return false;
}

static void explain_record(struct check_page *page, const struct dmarc_finding *dmarc)
{
	const struct policy_record *record = dmarc->record;

	if (record == NULL)
		return;
	const struct {
		const char *tag, *value;
	} tags[] = {
	    {"p", request_names[record->p]},
	    {"sp", request_names[record->sp]},
	    {"np", request_names[record->np]},
	    {"adkim", record->strict_dkim ? "s (strict)" : "r (relaxed)"},
	    {"aspf", record->strict_spf ? "s (strict)" : "r (relaxed)"},
	    {"psd", psd_names[record->psd]},
	    {"t", record->test_mode ? "y (test mode)" : "n"},
	    {"fo", record->fo},
	};

	check_page_say(page, 2, "record of {?}: {?}", dmarc->policy_domain, record->text);
	for (size_t i = 0; i < sizeof tags / sizeof tags[0]; i++)
		check_page_say(page, 4, "{6} {?}{}", tags[i].tag, tags[i].value,
		               has_tag(record->text, tags[i].tag) ? "" : ", by default");
	check_page_say(page, 4, "wrong in it: {}", record->error);
}

static void explain_alignment(struct check_page *page, const struct dmarc_finding *dmarc)
{
	static const char *const text[2][2] = {
	    {"did not pass, nor would it be aligned", "did not pass; it would be aligned"},
	    {"passed, but is not aligned", "passed and is aligned"}};

	for (size_t i = 0; i < dmarc->alignment_count; i++) {
		const struct alignment *one = &dmarc->alignments[i];

		check_page_say(page, 2, "{} {?} {}: {?}", one->method, one->domain,
		               text[one->passed][one->aligned], one->why);
	}
}

static void explain_policy(struct check_page *page, const struct check_outcome *check)
{
	const struct dmarc_finding *dmarc = &check->outcome->findings->dmarc;
	const struct verdict *verdict = check->outcome->verdict;
	const char *comment = verdict->override_comment;

	if (dmarc->policy_domain == NULL)
		return;
	check_page_say(page, 2, "the owner asks for {} ({})[, which counts as {}]",
	               request_names[dmarc->published],
	               dmarc->published_tag == NULL ? "p" : dmarc->published_tag,
	               dmarc->effective == dmarc->published ? NULL
	                                                    : request_names[dmarc->effective]);
	check_page_say(
	    page, 2, "for the report: disposition {?}[, override {}][ ({})]", verdict->disposition,
	    verdict->override == OVERRIDE_NONE ? NULL : override_names[verdict->override],
	    comment == NULL || comment[0] == '\0' ? NULL : comment);
}

static void explain_dmarc(struct check_page *page, const struct check_outcome *check)
{
	const struct dmarc_finding *dmarc = &check->outcome->findings->dmarc;

	check_page_heading(
	    page, "DMARC", result_names[dmarc->result], result_colour(dmarc->result),
	    dmarc->author.domain == NULL ? "" : check_page_safe(page, dmarc->author.domain));
	if (dmarc->author.state != AUTHOR_ONE)
		check_page_say(page, 2, "From: {?}", dmarc->author.reason);
	check_page_say(page, 2, "{}", dmarc->reason);
	explain_walk(page, dmarc);
	explain_record(page, dmarc);
	explain_alignment(page, dmarc);
	explain_policy(page, check);
}

void check_explain(struct check_page *page, const struct check_outcome *check)
{
	const struct findings *findings = check->outcome->findings;

	explain_iprev(page, &findings->iprev);
	explain_spf(page, "SPF of MAIL FROM", &findings->spf);
	explain_spf(page, "SPF of HELO", &findings->spf_helo);
	explain_dkim(page, &findings->dkim);
	explain_arc(page, &findings->arc);
	explain_dmarc(page, check);
}
