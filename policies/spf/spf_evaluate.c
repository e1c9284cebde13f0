/*
 * spf_evaluate.c - check_host() (RFC 7208 4): records fetched, checked and walked, includes and
 * redirects followed.
 *
 * Called by spf.c for the HELO and the MAIL FROM identity. spf_walk.c goes through each record,
 * spf_match.c finds out whether a mechanism matches. The result, the reason and the steps are
 * stored in struct spf_finding.
 */
#include "spf/spf_evaluate.h"

#include <stdint.h>
#include <string.h>

#include "base/invariant.h"
#include "base/text.h"
#include "spf/spf_match.h"

static enum result check_host(struct spf_evaluation *evaluation, const char *domain, unsigned depth,
                              bool decides);

/* A name of one label has no record (RFC 7208 4.3). */
static bool has_two_labels(const char *domain)
{
	const char *dot = strchr(domain, '.');

	return dot != NULL && dot[1] != '\0';
}

static enum result spf_evaluate_refuse(struct spf_evaluation *evaluation, enum result result,
                                       const char *reason)
{
	evaluation->reason = reason;
	return result;
}

static const char *fault_text(struct arena *arena, const struct spf_walk *walk)
{
	const struct spf_fault *fault = &walk->fault;
	const char *term =
	    arena_copy(arena, fault->term, fault->length > 100 ? 100 : fault->length);

	return arena_format(arena, "the record of %s is broken at \"%s\": %s", walk->domain,
	                    text_excerpt(arena, term, 99), fault->what);
}

/* RFC 7208 4.4, 4.5: the record. RESULT_PASS where there is one correct record to evaluate. */
static enum result fetch(struct spf_evaluation *evaluation, struct spf_walk *walk)
{
	static const enum result results[] = {[SPF_WALK_FOUND] = RESULT_PASS,
	                                      [SPF_WALK_FAILED] = RESULT_TEMPERROR,
	                                      [SPF_WALK_NONE] = RESULT_NONE,
	                                      [SPF_WALK_SEVERAL] = RESULT_PERMERROR,
	                                      [SPF_WALK_BROKEN] = RESULT_PERMERROR};
	struct arena *arena = evaluation->request->arena;
	const struct answer *answer;
	enum spf_walk_status status;

	if (!has_two_labels(walk->domain))
		return spf_evaluate_refuse(
		    evaluation, RESULT_NONE,
		    arena_format(arena, "%s is not a domain name of two labels or more",
		                 walk->domain));
	answer = services_lookup(evaluation->request->services, walk->domain, RECORD_TXT);
	status = spf_walk_open(walk, answer, SIZE_MAX);
	invariant(status != SPF_WALK_LONG);
	if (status == SPF_WALK_FAILED)
		evaluation->reason =
		    spf_match_failure(evaluation, walk->domain, RECORD_TXT, answer);
	if (status == SPF_WALK_NONE)
		evaluation->reason = arena_format(
		    arena,
		    answer->status == LOOKUP_NO_NAME ? "%s does not exist" : "%s has no SPF record",
		    walk->domain);
	if (status == SPF_WALK_SEVERAL)
		evaluation->reason =
		    arena_format(arena, "%s has %zu SPF records", walk->domain, walk->record_count);
	if (status == SPF_WALK_BROKEN)
		evaluation->reason = fault_text(arena, walk);
	return results[status];
}

/* RFC 7208 5.2, the table. */
static enum spf_match match_include(struct spf_evaluation *evaluation,
                                    const struct spf_check *check, const struct spf_term *term)
{
	char name[DOMAIN_MAX + 1];
	enum spf_match target = spf_match_target(evaluation, check, term, name);
	enum result result;

	if (target == SPF_MATCH_NO && evaluation->unusable_local_part)
		return SPF_MATCH_NO; /* RFC 8616 4 */
	if (target == SPF_MATCH_NO)
		return spf_match_error(evaluation, "the target of an include is not a domain name");
	if (target != SPF_MATCH_YES)
		return target;
	services_debug(evaluation->request->services, "SPF: the record of %s includes %s",
	               check->walk.domain, name);
	result = check_host(evaluation, arena_string(evaluation->request->arena, name),
	                    check->depth + 1, false);
	if (result == RESULT_PASS)
		return SPF_MATCH_YES;
	if (result == RESULT_TEMPERROR)
		return SPF_MATCH_TEMPERROR;
	if (result == RESULT_NONE || result == RESULT_PERMERROR)
		return SPF_MATCH_PERMERROR;
	return SPF_MATCH_NO;
}

/* RFC 7208 6.2: if anything fails, there is no explanation, and the result stays the same. */
static void explain(struct spf_evaluation *evaluation, const struct spf_check *check,
                    const struct spf_term *explanation)
{
	const struct spf_walk *walk = &check->walk;
	struct spf_macro_values values = {evaluation->request, walk->domain, NULL,
	                                  &evaluation->work};
	char text[SPF_EXPLANATION_MAX + 1];
	char name[DOMAIN_MAX + 1];
	const struct answer *answer;
	struct spf_macro_use use;

	if (explanation->use.validated_name)
		values.validated = spf_match_validated_name(evaluation, walk->domain);
	if (!spf_walk_target(walk, explanation, values.validated, name))
		return;
	answer = services_lookup(evaluation->request->services, name, RECORD_TXT);
	services_debug(evaluation->request->services, "SPF: explanation at %s: %zu TXT records",
	               name, answer->count);
	if (answer->status != LOOKUP_FOUND || answer->count != 1)
		return;
	if (!spf_macro_check(answer->records[0].text, answer->records[0].text_length,
	                     SPF_MACRO_IN_EXPLANATION, &use))
		return;
	if (use.validated_name && values.validated == NULL)
		values.validated = spf_match_validated_name(evaluation, walk->domain);
	spf_macro_explanation(&values, answer->records[0].text, answer->records[0].text_length,
	                      text);
	if (text[0] != '\0' && evaluation->work > 0)
		evaluation->finding->explanation = arena_string(evaluation->request->arena, text);
}

/* A term has matched: its qualifier is the result (RFC 7208 4.6.2). */
static enum result spf_evaluate_conclude(struct spf_evaluation *evaluation,
                                         const struct spf_check *check, const struct spf_term *term)
{
	invariant(term->kind < SPF_TERM_REDIRECT);
	if (check->decides)
		evaluation->finding->mechanism = spf_match_term_text(evaluation, term);
	evaluation->decided_by = check->walk.domain;
	if (term->qualifier == RESULT_FAIL && check->decides &&
	    check->walk.record.explanation.spec != NULL)
		explain(evaluation, check, &check->walk.record.explanation);
	return term->qualifier;
}

static enum result follow_redirect(struct spf_evaluation *evaluation, const struct spf_check *check,
                                   const struct spf_term *redirect)
{
	char name[DOMAIN_MAX + 1];
	size_t step = spf_match_step(evaluation, check, redirect);
	enum spf_match target = spf_match_target(evaluation, check, redirect, name);
	enum result result = target == SPF_MATCH_TEMPERROR ? RESULT_TEMPERROR : RESULT_PERMERROR;

	evaluation->decided_by = check->walk.domain;
	if (target == SPF_MATCH_YES)
		services_debug(evaluation->request->services,
		               "SPF: the record of %s redirects to %s", check->walk.domain, name);
	if (target == SPF_MATCH_NO && evaluation->unusable_local_part)
		result = RESULT_NEUTRAL; /* RFC 8616 4: as if the modifier were not there */
	else if (target == SPF_MATCH_NO)
		spf_evaluate_refuse(evaluation, RESULT_PERMERROR,
		                    "the target of the redirect is not a domain name");
	else if (target == SPF_MATCH_YES)
		result = check_host(evaluation, arena_string(evaluation->request->arena, name),
		                    check->depth + 1, check->decides);
	if (result == RESULT_NONE)
		result = RESULT_PERMERROR; /* RFC 7208 6.1 */
	spf_match_outcome(evaluation, step, result_names[result]);
	return result;
}

static const char *outcome_text(const struct spf_evaluation *evaluation, enum spf_match match)
{
	switch (match) {
	case SPF_MATCH_YES:
		return "matches";
	case SPF_MATCH_NO:
		return evaluation->nothing == NULL ? "does not match" : evaluation->nothing;
	default:
		return evaluation->reason;
	}
}

static enum spf_match match_term(struct spf_evaluation *evaluation, const struct spf_check *check,
                                 const struct spf_term *term)
{
	size_t step = spf_match_step(evaluation, check, term);
	enum spf_match match;

	evaluation->nothing = NULL;
	if (term->kind == SPF_TERM_INCLUDE) {
		match = match_include(evaluation, check, term);
		evaluation->nothing = NULL;
	} else {
		match = spf_match(evaluation, check, term);
	}
	spf_match_outcome(evaluation, step, outcome_text(evaluation, match));
	/* a name server can send thousands of terms */
	if (step < SPF_STEPS_MAX)
		services_debug(evaluation->request->services, "SPF: %.*s in the record of %s: %s",
		               (int)(term->length < SPF_TERM_SHOWN ? term->length : SPF_TERM_SHOWN),
		               term->text, check->walk.domain, outcome_text(evaluation, match));
	return match;
}

static enum result walk(struct spf_evaluation *evaluation, struct spf_check *check)
{
	struct spf_term term;

	while (spf_walk_next(&check->walk, &term)) {
		enum spf_match match = SPF_MATCH_NO;

		if (term.kind == SPF_TERM_REDIRECT)
			return follow_redirect(evaluation, check, &term);
		if (term.kind < SPF_TERM_REDIRECT)
			match = match_term(evaluation, check, &term);
		if (match == SPF_MATCH_YES)
			return spf_evaluate_conclude(evaluation, check, &term);
		if (match == SPF_MATCH_TEMPERROR)
			return RESULT_TEMPERROR;
		if (match == SPF_MATCH_PERMERROR)
			return RESULT_PERMERROR;
	}
	evaluation->decided_by = check->walk.domain;
	return RESULT_NEUTRAL;
}

/* The eleventh term that looks something up is an error, which bounds the recursion. */
static enum result check_host(struct spf_evaluation *evaluation, const char *domain, unsigned depth,
                              bool decides)
{
	struct spf_check check = {
	    .walk = {.request = evaluation->request, .domain = domain, .work = &evaluation->work},
	    .depth = depth,
	    .decides = decides};
	enum result result;

	invariant(depth <= SPF_TERMS_MAX);
	result = fetch(evaluation, &check.walk);
	if (result == RESULT_PASS && depth == 0)
		evaluation->finding->record =
		    arena_copy(evaluation->request->arena, check.walk.text, check.walk.length);
	if (result == RESULT_PASS)
		result = walk(evaluation, &check);
	services_debug(evaluation->request->services, "SPF: the record of %s gives %s", domain,
	               result_names[result]);
	return result;
}

static const char *reason_for(const struct spf_evaluation *evaluation, enum result result)
{
	struct arena *arena = evaluation->request->arena;
	const char *domain = evaluation->decided_by;
	char client[ADDRESS_TEXT];

	address_print(&evaluation->request->client, client);
	switch (result) {
	case RESULT_PASS:
		return NULL;
	case RESULT_FAIL:
		return arena_format(arena, "%s does not permit %s to send its mail", domain,
		                    client);
	case RESULT_SOFTFAIL:
		return arena_format(arena, "%s says that %s probably may not send its mail", domain,
		                    client);
	case RESULT_NEUTRAL:
		return arena_format(arena, "%s says nothing about %s", domain, client);
	default:
		return evaluation->reason;
	}
}

void spf_evaluate(const struct spf_request *request, struct spf_finding *finding)
{
	struct spf_evaluation evaluation = {.request = request,
	                                    .finding = finding,
	                                    .count = {.max = SPF_TERMS_MAX},
	                                    .work = SPF_MACRO_WORK};

	invariant(request->domain != NULL && request->client.family != ADDRESS_UNKNOWN);
	finding->engine = "assay";
	evaluation.decided_by = request->domain;
	finding->result = check_host(&evaluation, request->domain, 0, true);
	finding->reason = reason_for(&evaluation, finding->result);
	if (finding->mechanism == NULL && finding->result == RESULT_NEUTRAL)
		finding->mechanism = "default";
	if (finding->result == RESULT_TEMPERROR)
		finding->fault = evaluation.fault;
	finding->lookups = evaluation.count.lookups + evaluation.count.exceeded;
	finding->void_lookups = evaluation.void_lookups;
	finding->steps = evaluation.steps;
	finding->step_count = evaluation.step_count;
}
