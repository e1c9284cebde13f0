/*
 * spf_match.c - the mechanisms of RFC 7208 5, the limits of 4.6.4, and the trace.
 *
 * Called by spf_evaluate.c for each term of a record.
 */
#include "spf/spf_match.h"

#include <string.h>

#include "base/invariant.h"
#include "base/text.h"

enum {
	STEPS_FIRST = 12
};

enum spf_match spf_match_error(struct spf_evaluation *evaluation, const char *reason)
{
	evaluation->reason = reason;
	return SPF_MATCH_PERMERROR;
}

const char *spf_match_failure(struct spf_evaluation *evaluation, const char *name,
                              enum record_type type, const struct answer *answer)
{
	evaluation->fault = answer->fault;
	return arena_format(evaluation->request->arena,
	                    lookup_fault_is_limit(answer->fault) ? "not evaluated: %s %s: %s"
	                                                         : "the lookup of %s %s failed: %s",
	                    name, record_type_names[type],
	                    answer->why == NULL ? "no reason given" : answer->why);
}

const char *spf_match_term_text(struct spf_evaluation *evaluation, const struct spf_term *term)
{
	return arena_copy(evaluation->request->arena, term->text,
	                  term->length > SPF_TERM_SHOWN ? SPF_TERM_SHOWN : term->length);
}

size_t spf_match_step(struct spf_evaluation *evaluation, const struct spf_check *check,
                      const struct spf_term *term)
{
	size_t step = evaluation->step_count;

	if (step > SPF_STEPS_MAX)
		return step;
	evaluation->steps =
	    arena_grow(evaluation->request->arena, evaluation->steps, step, &evaluation->step_room,
	               STEPS_FIRST, sizeof *evaluation->steps);
	evaluation->step_count++;
	if (step == SPF_STEPS_MAX) {
		invariant(step < evaluation->step_room);
		evaluation->steps[step] = (struct spf_step){check->depth, check->walk.domain, "...",
		                                            "further terms are not shown"};
		return step + 1;
	}
	evaluation->steps[step] = (struct spf_step){check->depth, check->walk.domain,
	                                            spf_match_term_text(evaluation, term), ""};
	return step;
}

void spf_match_outcome(struct spf_evaluation *evaluation, size_t step, const char *outcome)
{
	if (step < SPF_STEPS_MAX)
		evaluation->steps[step].outcome = outcome;
}

static enum spf_match count_lookup(struct spf_evaluation *evaluation)
{
	if (spf_walk_count(&evaluation->count))
		return SPF_MATCH_YES;
	return spf_match_error(evaluation,
	                       "more than ten terms need a DNS lookup (RFC 7208 4.6.4)");
}

/* RFC 7208 4.6.4: void lookups are terms, so one term counts once at most. */
static enum spf_match spf_match_count_void(struct spf_evaluation *evaluation)
{
	unsigned max = evaluation->request->void_lookups_max;

	if (evaluation->void_counted || evaluation->unlimited)
		return SPF_MATCH_NO;
	evaluation->void_counted = true;
	if (++evaluation->void_lookups <= max)
		return SPF_MATCH_NO;
	return spf_match_error(
	    evaluation,
	    arena_format(evaluation->request->arena,
	                 "more than %u terms found nothing in the DNS (RFC 7208 4.6.4)", max));
}

/* SPF_MATCH_YES: `answer` has records; SPF_MATCH_NO: there are none. */
static enum spf_match look_up(struct spf_evaluation *evaluation, const char *name,
                              enum record_type type, const struct answer **answer)
{
	*answer = services_lookup(evaluation->request->services, name, type);
	if ((*answer)->status == LOOKUP_FOUND)
		return SPF_MATCH_YES;
	if ((*answer)->status != LOOKUP_FAILED) {
		evaluation->nothing = arena_format(
		    evaluation->request->arena, "does not match: %s %s", name,
		    (*answer)->status == LOOKUP_NO_NAME ? "does not exist" : "has no such records");
		return SPF_MATCH_NO;
	}
	evaluation->reason = spf_match_failure(evaluation, name, type, *answer);
	return SPF_MATCH_TEMPERROR;
}

/* The lookup that the term itself asks for: if it finds nothing, the term counts as void. */
static enum spf_match look_up_term(struct spf_evaluation *evaluation, const char *name,
                                   enum record_type type, const struct answer **answer)
{
	enum spf_match match = look_up(evaluation, name, type, answer);

	return match == SPF_MATCH_NO ? spf_match_count_void(evaluation) : match;
}

bool spf_match_holds(const struct spf_request *request, const struct answer *answer, unsigned bits4,
                     unsigned bits6)
{
	unsigned bits = request->client.family == ADDRESS_IPV6 ? bits6 : bits4;

	for (size_t i = 0; i < answer->count; i++)
		if (address_in_network(&request->client, &answer->records[i].address, bits))
			return true;
	return false;
}

/* The addresses of a name from an MX or PTR record. They are not counted as void: the term itself
 * has found something. */
static enum spf_match match_named(struct spf_evaluation *evaluation, const char *name,
                                  unsigned bits4, unsigned bits6)
{
	const struct answer *answer;
	enum spf_match match =
	    look_up(evaluation, name, services_address_type(&evaluation->request->client), &answer);

	if (match != SPF_MATCH_YES)
		return match;
	return spf_match_holds(evaluation->request, answer, bits4, bits6) ? SPF_MATCH_YES
	                                                                  : SPF_MATCH_NO;
}

/* RFC 7208 5.5: after a DNS error there are no names. A lookup that a limit of our own prevented is
 * not such an error. */
static enum spf_match ptr_failure(const struct spf_evaluation *evaluation)
{
	return lookup_fault_is_limit(evaluation->fault) ? SPF_MATCH_TEMPERROR : SPF_MATCH_NO;
}

/* RFC 7208 5.5: the names of the client's PTR records that lead back to it. */
static enum spf_match validate_names(struct spf_evaluation *evaluation)
{
	char reverse[ADDRESS_REVERSE_NAME];
	const struct record *name = NULL;
	const struct answer *answer;
	enum spf_match match;

	evaluation->validated_count = 0;
	evaluation->has_validated = true;
	address_reverse_name(&evaluation->request->client, reverse);
	match = look_up_term(evaluation, reverse, RECORD_PTR, &answer);
	if (match != SPF_MATCH_YES)
		return match == SPF_MATCH_TEMPERROR ? ptr_failure(evaluation) : match;
	while ((name = spf_walk_next_name(SPF_TERM_PTR, answer, name)) != NULL) {
		match = match_named(evaluation, name->name, 32, 128);
		invariant(evaluation->validated_count < SPF_NAMES_MAX);
		if (match == SPF_MATCH_YES)
			evaluation->validated[evaluation->validated_count++] = name->name;
		if (match == SPF_MATCH_TEMPERROR && ptr_failure(evaluation) == SPF_MATCH_TEMPERROR)
			return SPF_MATCH_TEMPERROR;
	}
	return SPF_MATCH_YES;
}

/* RFC 7208 7.3: the domain itself, else a name below it, else any. */
static const char *choose_validated(const struct spf_evaluation *evaluation, const char *domain)
{
	const char *below = NULL;

	for (size_t i = 0; i < evaluation->validated_count; i++) {
		const char *name = evaluation->validated[i];

		if (text_same(name, domain))
			return name;
		if (below == NULL && domain_within(name, domain))
			below = name;
	}
	if (below != NULL)
		return below;
	return evaluation->validated_count > 0 ? evaluation->validated[0] : "unknown";
}

const char *spf_match_validated_name(struct spf_evaluation *evaluation, const char *domain)
{
	struct spf_evaluation unlimited = *evaluation;

	if (evaluation->has_validated)
		return choose_validated(evaluation, domain);
	unlimited.unlimited = true;
	validate_names(&unlimited);
	return choose_validated(&unlimited, domain);
}

/* The first %{p} costs a lookup of PTR; after that the names are known. */
static enum spf_match need_validated(struct spf_evaluation *evaluation)
{
	enum spf_match match = SPF_MATCH_YES;

	if (evaluation->has_validated)
		return SPF_MATCH_YES;
	match = count_lookup(evaluation);
	return match == SPF_MATCH_YES ? validate_names(evaluation) : match;
}

enum spf_match spf_match_target(struct spf_evaluation *evaluation, const struct spf_check *check,
                                const struct spf_term *term, char name[DOMAIN_MAX + 1])
{
	const struct spf_walk *walk = &check->walk;
	enum spf_match match = count_lookup(evaluation);
	const char *validated = NULL;

	evaluation->void_counted = false;
	if (match == SPF_MATCH_YES && term->use.validated_name)
		match = need_validated(evaluation);
	if (match == SPF_MATCH_PERMERROR || match == SPF_MATCH_TEMPERROR)
		return match;
	if (term->use.validated_name)
		validated = choose_validated(evaluation, walk->domain);
	evaluation->unusable_local_part =
	    term->use.local_part && !evaluation->request->local_part_ascii;
	if (spf_walk_target(walk, term, validated, name))
		return SPF_MATCH_YES;
	if (evaluation->work == 0)
		return spf_match_error(evaluation, "the macros expand to far too much text");
	return SPF_MATCH_NO;
}

/* The addresses of mail servers. */
static enum spf_match match_exchanges(struct spf_evaluation *evaluation,
                                      const struct spf_term *term, const char *name,
                                      const struct answer *answer)
{
	const struct record *exchange = NULL;
	enum spf_match match = SPF_MATCH_NO;

	if (answer->count > SPF_NAMES_MAX)
		return spf_match_error(
		    evaluation,
		    arena_format(evaluation->request->arena,
		                 "%s has more than ten MX records (RFC 7208 4.6.4)", name));
	while (match == SPF_MATCH_NO &&
	       (exchange = spf_walk_next_name(SPF_TERM_MX, answer, exchange)) != NULL)
		if (exchange->name[0] != '\0')
			match = match_named(evaluation, exchange->name, term->bits4, term->bits6);
	return match;
}

static enum spf_match match_ptr(struct spf_evaluation *evaluation, const char *name)
{
	enum spf_match match = validate_names(evaluation);

	if (match != SPF_MATCH_YES)
		return match;
	for (size_t i = 0; i < evaluation->validated_count; i++)
		if (domain_within(evaluation->validated[i], name))
			return SPF_MATCH_YES;
	return SPF_MATCH_NO;
}

/* a, mx and exists: what they look up, and whether the client is in it. */
static enum spf_match match_records(struct spf_evaluation *evaluation, const struct spf_term *term,
                                    const char *name)
{
	const struct spf_request *request = evaluation->request;
	enum record_type type = spf_walk_type(term->kind, &request->client);
	const struct answer *answer;
	enum spf_match match = look_up_term(evaluation, name, type, &answer);

	if (match != SPF_MATCH_YES || term->kind == SPF_TERM_EXISTS)
		return match;
	if (term->kind == SPF_TERM_MX)
		return match_exchanges(evaluation, term, name, answer);
	return spf_match_holds(request, answer, term->bits4, term->bits6) ? SPF_MATCH_YES
	                                                                  : SPF_MATCH_NO;
}

enum spf_match spf_match(struct spf_evaluation *evaluation, const struct spf_check *check,
                         const struct spf_term *term)
{
	char name[DOMAIN_MAX + 1];
	enum spf_match match;

	invariant(term->kind < SPF_TERM_REDIRECT && term->kind != SPF_TERM_INCLUDE);
	if (term->kind == SPF_TERM_ALL || term->kind == SPF_TERM_IP4 || term->kind == SPF_TERM_IP6)
		return spf_walk_matches(term, &evaluation->request->client) ? SPF_MATCH_YES
		                                                            : SPF_MATCH_NO;
	match = spf_match_target(evaluation, check, term, name);
	if (match != SPF_MATCH_YES)
		return match;
	return term->kind == SPF_TERM_PTR ? match_ptr(evaluation, name)
	                                  : match_records(evaluation, term, name);
}
