/*
 * judgement.c - applies the policy of one author domain to the findings of SPF and DKIM. Called by
 * dmarc.c. discovery.c finds the policy, alignment.c compares each identifier, and crosscheck.c
 * checks the result.
 */
#include "dmarc/judgement.h"

#include "base/domain.h"
#include "base/invariant.h"
#include "base/text.h"
#include "dmarc/alignment.h"
#include "dmarc/crosscheck.h"
#include "dmarc/discovery.h"

enum {
	REASON_MAX = 2000,
	NAMED = 5 /* signatures named in a reason */
};

/* The judgement of one author domain under way. */
struct judgement_work {
	const struct judgement *judgement;
	struct dmarc_finding *finding;
	const char *author_domain;
	struct alignment *alignments;
	struct text doubts; /* identifiers of which it is unknown whether they align */
};

static void fill_policy(struct dmarc_finding *finding, const struct discovery *discovery)
{
	finding->policy_domain = discovery->policy_domain;
	finding->record = discovery->record;
	finding->published = discovery->published;
	finding->published_tag = discovery->tag;
	finding->author_exists = discovery->author_exists;
	finding->test_mode = discovery->record->test_mode;
	finding->effective = discovery_effective(discovery);
}

static void raise_fault(struct dmarc_finding *finding, enum lookup_fault fault)
{
	if (fault > finding->fault)
		finding->fault = fault;
}

static void add_doubt(struct judgement_work *work, const char *method, const char *domain,
                      enum lookup_fault fault, const char *why)
{
	if (work->doubts.length > 0)
		text_add(&work->doubts, ", ");
	text_add_format(&work->doubts, "%s for %s (%s)", method, domain, why);
	raise_fault(work->finding, fault);
}

/*
 * One identifier. Its alignment is determined if the method passed or might have passed, and for
 * others only if that needs no lookup, to be shown. Returns whether there is an aligned pass.
 */
static bool judgement_consider(struct judgement_work *work, const char *method, const char *domain,
                               bool strict, enum result result, enum lookup_fault fault)
{
	const struct judgement *judgement = work->judgement;
	struct alignment *alignment = &work->alignments[work->finding->alignment_count++];
	bool same = domain_equal(domain, work->author_domain);
	enum alignment_outcome outcome = ALIGNMENT_NO;

	invariant(work->finding->alignment_count <= judgement->findings->dkim.count + 1);
	*alignment = (struct alignment){
	    .method = method, .domain = domain, .strict = strict, .passed = result == RESULT_PASS};
	if (same || alignment->passed || result == RESULT_TEMPERROR)
		outcome = alignment_find(alignment, work->author_domain, judgement->organizations,
		                         judgement->arena);
	else
		alignment->why =
		    arena_format(judgement->arena, "not compared: %s", result_names[result]);
	services_debug(judgement->services, "DMARC: alignment of %s (%s %s) with %s: %s", domain,
	               method, result_names[result], work->author_domain, alignment->why);
	if (alignment->passed && outcome == ALIGNMENT_UNKNOWN)
		add_doubt(work, method, domain, alignment->fault, alignment->why);
	if (result == RESULT_TEMPERROR && outcome != ALIGNMENT_NO)
		add_doubt(work, method, domain, fault,
		          lookup_fault_is_limit(fault) ? "not evaluated" : "temperror");
	return alignment->passed && alignment->aligned;
}

/* RFC 9989 4.4.2: only the MAIL FROM identity counts; with the null reverse-path that is postmaster
 * at HELO. */
static bool is_mail_from_identity(const struct judgement *judgement)
{
	const struct spf_finding *spf = &judgement->findings->spf;
	const char *mail_from = judgement->message->mail_from;

	if (spf->domain == NULL)
		return false;
	return spf->scope == SPF_SCOPE_MAILFROM || mail_from == NULL || mail_from[0] == '\0';
}

static void consider_all(struct judgement_work *work)
{
	struct dmarc_finding *finding = work->finding;
	const struct findings *findings = work->judgement->findings;
	const struct policy_record *record = finding->record;
	bool strict_spf = record != NULL && record->strict_spf;
	bool strict_dkim = record != NULL && record->strict_dkim;

	text_begin(&work->doubts, work->judgement->arena, REASON_MAX / 2);
	work->alignments = arena_allocate(work->judgement->arena,
	                                  (findings->dkim.count + 1) * sizeof *work->alignments);
	finding->alignments = work->alignments;
	if (is_mail_from_identity(work->judgement))
		finding->spf_aligned =
		    judgement_consider(work, "spf", findings->spf.domain, strict_spf,
		                       findings->spf.result, findings->spf.fault);
	for (size_t i = 0; i < findings->dkim.count; i++) {
		const struct dkim_signature *signature = &findings->dkim.signatures[i];

		if (signature->domain != NULL &&
		    judgement_consider(work, "dkim", signature->domain, strict_dkim,
		                       signature->result, signature->fault))
			finding->dkim_aligned = true;
	}
	finding->alignment_unknown =
	    !finding->spf_aligned && !finding->dkim_aligned && work->doubts.length > 0;
	if (finding->alignment_unknown)
		finding->doubt = arena_format(
		    work->judgement->arena,
		    "whether something that passed aligns with %s could not be determined: %s",
		    work->author_domain, work->doubts.bytes);
}

static void describe_spf(struct text *text, const struct judgement_work *work)
{
	const struct spf_finding *spf = &work->judgement->findings->spf;

	if (!is_mail_from_identity(work->judgement))
		text_add(text, "SPF had no identity to check");
	else if (spf->result == RESULT_PASS)
		text_add_format(text, "SPF passed for %s, which is not aligned", spf->domain);
	else
		text_add_format(text, "SPF did not pass (%s for %s)", result_names[spf->result],
		                spf->domain);
}

static void describe_dkim(struct text *text, const struct judgement_work *work)
{
	size_t passed = 0;

	for (size_t i = 0; i < work->finding->alignment_count; i++) {
		const struct alignment *alignment = &work->alignments[i];

		if (!text_same(alignment->method, "dkim") || !alignment->passed || ++passed > NAMED)
			continue;
		text_add_format(text, "%s%s", passed == 1 ? "DKIM passed for " : ", ",
		                alignment->domain);
	}
	if (passed > NAMED)
		text_add_format(text, " and %zu more", passed - NAMED);
	if (passed > 0)
		text_add(text,
		         passed == 1 ? ", which is not aligned" : ", of which none is aligned");
	else if (work->judgement->findings->dkim.count == 0)
		text_add(text, "there is no DKIM signature");
	else
		text_add(text, "no DKIM signature passed");
}

static const char *failure(const struct judgement_work *work)
{
	const struct dmarc_finding *finding = work->finding;
	struct text text;

	text_begin(&text, work->judgement->arena, REASON_MAX);
	text_add_format(&text, "nothing that passed aligns with %s, which asks for %s (%s at %s",
	                work->author_domain, request_names[finding->published],
	                finding->published_tag, finding->policy_domain);
	if (finding->record->broken)
		text_add(&text, ", but the record is broken: none");
	else if (finding->test_mode)
		text_add_format(&text, ", in test mode: %s", request_names[finding->effective]);
	text_add(&text, "): ");
	describe_spf(&text, work);
	text_add(&text, ", ");
	describe_dkim(&text, work);
	return text.bytes;
}

static void judgement_conclude(struct judgement_work *work)
{
	struct dmarc_finding *finding = work->finding;
	struct arena *arena = work->judgement->arena;

	invariant(finding->record != NULL && finding->policy_domain != NULL);
	if (finding->spf_aligned || finding->dkim_aligned) {
		finding->result = RESULT_PASS;
	} else if (finding->doubt != NULL) {
		finding->result = RESULT_TEMPERROR;
		finding->reason = finding->doubt;
	} else {
		finding->result = RESULT_FAIL;
		finding->reason = failure(work);
	}
	finding->organizational_domain =
	    organization_find(work->judgement->organizations, work->author_domain)
	        .organizational_domain;
	finding->crosscheck = crosscheck_compare(finding, work->author_domain, arena);
}

/* Nothing passed, and whether the stricter tag applies is unknown. */
static void doubt_policy(struct judgement_work *work, const struct discovery *discovery)
{
	struct dmarc_finding *finding = work->finding;

	invariant(discovery->existence->status == LOOKUP_FAILED);
	raise_fault(finding, discovery->existence->fault);
	if (finding->doubt == NULL)
		finding->doubt = arena_format(
		    work->judgement->arena,
		    "whether %s exists, and so which policy of %s applies, could not be found out: "
		    "%s",
		    work->author_domain, discovery->policy_domain,
		    discovery->existence->why == NULL ? "no answer" : discovery->existence->why);
}

static void stop(struct dmarc_finding *finding, enum result result, const char *reason)
{
	finding->result = result;
	finding->reason = reason;
}

void judgement_make(const struct judgement *judgement, const char *author_domain,
                    struct dmarc_finding *finding)
{
	struct discovery discovery =
	    discovery_make(judgement->organizations, judgement->services, author_domain);
	struct judgement_work work = {
	    .judgement = judgement, .finding = finding, .author_domain = author_domain};
	struct arena *arena = judgement->arena;

	finding->author_exists = true;
	finding->at_stake = discovery.at_stake;
	if (discovery.failed != NULL) {
		raise_fault(finding, discovery.failed->fault);
		finding->doubt = arena_format(
		    arena,
		    "the policy of %s could not be found out: the lookup of _dmarc.%s failed: %s",
		    author_domain, discovery.failed->domain, discovery.failed->why);
		stop(finding, RESULT_TEMPERROR, finding->doubt);
		return;
	}
	if (discovery.record != NULL && !discovery.record->empty)
		fill_policy(finding, &discovery);
	consider_all(&work);
	if (discovery.existence != NULL)
		doubt_policy(&work, &discovery);
	if (discovery.record == NULL)
		stop(finding, RESULT_NONE,
		     arena_format(arena, "there is no DMARC record for %s", author_domain));
	else if (discovery.record->empty)
		stop(finding, RESULT_NONE,
		     arena_format(arena, "the DMARC record for %s (at %s) has neither p nor rua",
		                  author_domain, discovery.policy_domain));
	else if (discovery.record->unusable)
		stop(finding, RESULT_PERMERROR,
		     arena_format(arena, "the DMARC record for %s (at %s) cannot be applied: %s",
		                  author_domain, discovery.policy_domain, discovery.record->error));
	else
		judgement_conclude(&work);
}
