/*
 * doctor_spf_tree.c - the record and all records behind its includes and its redirect, each term
 * with its cost in lookups. Called by doctor_spf.c.
 *
 * The records are walked as spf_evaluate.c walks them (spf_walk.h) for a client that no mechanism
 * matches, which is the most expensive one. The count goes on beyond ten, so that the true number
 * is reported; its own limit bounds the walk.
 */
#include <stdint.h>
#include <string.h>

#include "base/invariant.h"
#include "base/text.h"
#include "spf/spf_walk.h"
#include "tool/dns/doctor_spf.h"

struct above {
	const char *domain;
	const struct above *above;
};

struct doctor_spf_tree {
	struct doctor *doctor;
	struct spf_request request;
	size_t work;
	struct spf_walk_count count;
	unsigned voids4, voids6;
	bool has_validated; /* the names for %{p} are known: they are looked up once */
	size_t terms;       /* shown */
};

/* One record while it is walked. */
struct doctor_spf_place {
	struct doctor_spf_tree *tree;
	struct spf_walk walk;
	struct above here;
	struct doctor_spf_record *record;
	const struct doctor_spf_term **end; /* where the next term is linked */
};

static const struct doctor_spf_record *walk_record(struct doctor_spf_tree *tree, const char *domain,
                                                   const struct above *above);

static const char *term_text(const struct doctor_spf_place *place, const struct spf_term *term)
{
	size_t length = term->length < DOCTOR_SPF_TERM_SHOWN ? term->length : DOCTOR_SPF_TERM_SHOWN;

	return doctor_safe(place->tree->doctor, term->text, length);
}

/* A finding about a term: its text, whose record it is in, and what else the sentence has. */
static void report_term(const struct doctor_spf_place *place, enum doctor_code code,
                        const struct spf_term *term, const char *more)
{
	doctor_report(place->tree->doctor, code, place->walk.domain, term_text(place, term),
	              place->walk.domain, more);
}

/* Whether a term, or a name, has no records for clients of a family. */
struct missing {
	bool ipv4, ipv6;
};

/* Counts a void lookup, at most one for each term (RFC 7208 4.6.4). */
static void count_void(const struct doctor_spf_place *place, const struct spf_term *term,
                       struct doctor_spf_term *shown, struct missing missing)
{
	struct doctor *doctor = place->tree->doctor;
	long limit = doctor->asked->settings->spf.void_lookups;

	place->tree->voids4 += missing.ipv4;
	place->tree->voids6 += missing.ipv6;
	shown->voids += missing.ipv4;
	if (!missing.ipv4 || !missing.ipv6)
		return;
	shown->outcome = "finds nothing";
	report_term(place, SPF_VOID_SOME, term, doctor_number(doctor, (unsigned long)limit));
}

static void keep_addresses(const struct doctor_spf_place *place, const struct spf_term *term,
                           const char *name, const struct answer *answer, unsigned single)
{
	unsigned bits = single == 32 ? term->bits4 : term->bits6;

	if (place->here.above != NULL || term->qualifier != RESULT_PASS || bits != single)
		return;
	for (size_t i = 0; i < answer->count; i++)
		doctor_spf_network_keep(place->tree->doctor, &answer->records[i].address, name);
}

/* Both families, since the client may be of either. */
static struct missing walk_addresses(const struct doctor_spf_place *place,
                                     const struct spf_term *term, const char *name)
{
	struct doctor *doctor = place->tree->doctor;
	const struct answer *ipv4 = doctor_ask(doctor, name, RECORD_A);
	const struct answer *ipv6 = doctor_ask(doctor, name, RECORD_AAAA);

	keep_addresses(place, term, name, ipv4, 32);
	keep_addresses(place, term, name, ipv6, 128);
	return (struct missing){spf_walk_is_void(ipv4), spf_walk_is_void(ipv6)};
}

/* One of the names of an MX answer: that has found something, whatever addresses there are. */
static void walk_exchange(const struct doctor_spf_place *place, const struct spf_term *term,
                          const char *name, const char *exchange)
{
	struct missing missing;

	if (exchange[0] == '\0') {
		report_term(place, SPF_MX_NULL, term, name);
		return;
	}
	missing = walk_addresses(place, term, exchange);
	if (missing.ipv4 && missing.ipv6)
		report_term(place, SPF_MX_ADDRESS, term, exchange);
}

static void walk_exchanges(const struct doctor_spf_place *place, const struct spf_term *term,
                           struct doctor_spf_term *shown, const char *name,
                           const struct answer *answer)
{
	if (answer->count > SPF_NAMES_MAX) {
		shown->outcome = "more than ten mail servers";
		report_term(place, SPF_MX_MANY, term,
		            doctor_number(place->tree->doctor, answer->count));
		return;
	}
	for (size_t i = 0; i < answer->count; i++)
		walk_exchange(place, term, name, answer->records[i].name);
}

static void report_behind(const struct doctor_spf_place *place, const struct spf_term *term,
                          const struct doctor_spf_record *behind)
{
	bool include = term->kind == SPF_TERM_INCLUDE;

	if (strcmp(behind->status, "none") == 0)
		report_term(place, include ? SPF_INCLUDE_NONE : SPF_REDIRECT_NONE, term, NULL);
	if (strcmp(behind->status, "several") == 0)
		report_term(place, SPF_INCLUDE_SEVERAL, term, "several");
	if (strcmp(behind->status, "loop") == 0)
		report_term(place, SPF_LOOP, term, NULL);
	if (behind->everybody && term->qualifier == RESULT_PASS) {
		place->record->everybody = true;
		report_term(place, SPF_INCLUDE_ALL_PASS, term, NULL);
	}
}

static void walk_behind(const struct doctor_spf_place *place, const struct spf_term *term,
                        struct doctor_spf_term *shown, const char *name)
{
	shown->record = walk_record(place->tree, name, &place->here);
	shown->voids = shown->record->voids;
	if (strcmp(shown->record->status, "found") != 0)
		shown->outcome = shown->record->status;
	report_behind(place, term, shown->record);
}

static void walk_target(const struct doctor_spf_place *place, const struct spf_term *term,
                        struct doctor_spf_term *shown, const char *name)
{
	const struct answer *answer;
	enum record_type type;

	shown->target = name;
	switch (term->kind) {
	case SPF_TERM_INCLUDE:
	case SPF_TERM_REDIRECT:
		walk_behind(place, term, shown, name);
		return;
	case SPF_TERM_A:
		count_void(place, term, shown, walk_addresses(place, term, name));
		return;
	case SPF_TERM_MX:
	case SPF_TERM_EXISTS:
		type = spf_walk_type(term->kind, &place->walk.request->client);
		answer = doctor_ask(place->tree->doctor, name, type);
		if (spf_walk_is_void(answer))
			count_void(place, term, shown, (struct missing){true, true});
		if (term->kind == SPF_TERM_MX)
			walk_exchanges(place, term, shown, name, answer);
		return;
	default:
		return;
	}
}

/* What the term looks up; NULL where that depends on the message, or where it is not a name. */
static const char *find_target(const struct doctor_spf_place *place, const struct spf_term *term,
                               struct doctor_spf_term *shown)
{
	char name[DOMAIN_MAX + 1];

	if (term->use.message) {
		shown->outcome = "depends on the message";
		report_term(place, SPF_MACRO, term, NULL);
		return NULL;
	}
	place->tree->work = SPF_MACRO_WORK;
	if (spf_walk_target(&place->walk, term, NULL, name))
		return arena_string(place->tree->doctor->arena, name);
	shown->outcome = "names nothing";
	if (term->kind == SPF_TERM_INCLUDE || term->kind == SPF_TERM_REDIRECT)
		report_term(place, SPF_TARGET, term, NULL);
	return NULL;
}

static struct doctor_spf_term *doctor_spf_tree_show(struct doctor_spf_place *place,
                                                    const struct spf_term *term)
{
	struct doctor_spf_term *shown = arena_allocate(place->tree->doctor->arena, sizeof *shown);

	shown->text = shown->outcome = "";
	if (place->tree->terms++ < DOCTOR_SPF_TERMS) {
		shown->text = term_text(place, term);
		*place->end = shown;
		place->end = &shown->next;
	}
	return shown;
}

/* %{p} costs one lookup more, the first time. */
static void count_validated(const struct doctor_spf_place *place, const struct spf_term *term)
{
	if (term->kind != SPF_TERM_PTR && !term->use.validated_name)
		return;
	if (term->use.validated_name) {
		if (!place->tree->has_validated)
			spf_walk_count(&place->tree->count);
		report_term(place, SPF_MACRO_PTR, term, NULL);
	}
	if (term->kind == SPF_TERM_PTR)
		report_term(place, SPF_PTR, term, NULL);
	place->tree->has_validated = true;
}

static void walk_term(struct doctor_spf_place *place, const struct spf_term *term)
{
	struct doctor_spf_term *shown = doctor_spf_tree_show(place, term);
	unsigned before = place->tree->count.lookups;
	const char *name;

	if (term->kind < SPF_TERM_REDIRECT)
		doctor_spf_network_check(place->tree->doctor, term, place->walk.domain);
	if (term->kind == SPF_TERM_ALL || term->kind == SPF_TERM_IP4 || term->kind == SPF_TERM_IP6)
		return;
	if (!spf_walk_count(&place->tree->count)) {
		shown->outcome = "not counted any more";
		return;
	}
	count_validated(place, term);
	name = find_target(place, term, shown);
	if (name != NULL)
		walk_target(place, term, shown, name);
	shown->lookups = place->tree->count.lookups - before;
}

static bool lets_everybody_pass(const struct spf_term *term)
{
	unsigned bits = term->kind == SPF_TERM_IP6 ? term->bits6 : term->bits4;

	if (term->qualifier != RESULT_PASS)
		return false;
	return term->kind == SPF_TERM_ALL || (term->kind == SPF_TERM_IP4 && bits == 0);
}

/* RFC 7208 6: unknown modifiers are ignored, which surprises people who meant a mechanism. */
static void check_modifier(const struct doctor_spf_place *place, const struct spf_term *term)
{
	static const char *const mechanisms[] = {"include", "a",      "mx",  "ip4", "ip6",
	                                         "ptr",     "exists", "all", NULL};
	const char *equals = memchr(term->text, '=', term->length);
	const char *name =
	    arena_copy(place->tree->doctor->arena, term->text, (size_t)(equals - term->text));
	bool typo = text_word(mechanisms, name) >= 0;

	report_term(place, typo ? SPF_MODIFIER_TYPO : SPF_UNKNOWN_MODIFIER, term, NULL);
}

static void walk_terms(struct doctor_spf_place *place)
{
	struct spf_term term;

	while (spf_walk_next(&place->walk, &term)) {
		if (place->tree->count.exceeded && term.kind != SPF_TERM_REDIRECT)
			continue;
		if (term.kind == SPF_TERM_OTHER) {
			check_modifier(place, &term);
			continue;
		}
		walk_term(place, &term);
		place->record->everybody = place->record->everybody || lets_everybody_pass(&term);
	}
}

/* The record with a caret below the octet at `at`, and what it was probably meant to be. */
static void report_fault(const struct doctor_spf_place *place, enum doctor_code code, size_t at,
                         const char *what)
{
	const struct spf_walk *walk = &place->walk;
	struct doctor *doctor = place->tree->doctor;
	const char *value = doctor_spf_repair(doctor, walk->text, walk->length);
	const char *octet = doctor_number(doctor, (unsigned long)at + 1);

	invariant(at <= walk->length);
	doctor_add(doctor, code, walk->domain, doctor_txt(doctor, walk->domain, value),
	           DOCTOR_WORDS(walk->domain, octet, what))
	    ->shown = doctor_caret(doctor, walk->text, walk->length, at);
}

static void check_grammar(const struct doctor_spf_place *place, enum spf_walk_status status)
{
	const struct spf_walk *walk = &place->walk;
	size_t seam = doctor_spf_repair_seam(walk->text, walk->length);

	if (seam > 0)
		report_fault(place, SPF_JOINED, seam, NULL);
	else if (status == SPF_WALK_BROKEN)
		report_fault(place, SPF_SYNTAX, (size_t)(walk->fault.at - walk->text),
		             walk->fault.what);
}

static bool is_above(const struct above *above, const char *domain)
{
	for (; above != NULL; above = above->above)
		if (text_same(above->domain, domain))
			return true;
	return false;
}

/* The record of a domain that is not above itself. */
static void read_record(struct doctor_spf_place *place)
{
	static const char *const names[] = {[SPF_WALK_FOUND] = "found",
	                                    [SPF_WALK_FAILED] = "failed",
	                                    [SPF_WALK_NONE] = "none",
	                                    [SPF_WALK_SEVERAL] = "several",
	                                    [SPF_WALK_BROKEN] = "broken"};
	struct doctor *doctor = place->tree->doctor;
	const struct answer *answer = doctor_ask(doctor, place->walk.domain, RECORD_TXT);
	enum spf_walk_status status = spf_walk_open(&place->walk, answer, SIZE_MAX);

	invariant(names[status] != NULL);
	place->record->status = names[status];
	if (status != SPF_WALK_FOUND && status != SPF_WALK_BROKEN)
		return;
	place->record->text = doctor_safe(doctor, place->walk.text, place->walk.length);
	check_grammar(place, status);
	walk_terms(place);
}

/* The limit of lookups bounds the depth. */
static const struct doctor_spf_record *walk_record(struct doctor_spf_tree *tree, const char *domain,
                                                   const struct above *above)
{
	struct doctor_spf_record *record = arena_allocate(tree->doctor->arena, sizeof *record);
	struct doctor_spf_place place = {
	    .tree = tree,
	    .walk = {.request = &tree->request, .domain = domain, .work = &tree->work},
	    .here = {domain, above},
	    .record = record,
	    .end = &record->terms};
	unsigned lookups = tree->count.lookups, voids = tree->voids4;

	*record = (struct doctor_spf_record){.domain = domain, .status = "loop"};
	if (is_above(above, domain))
		return record;
	read_record(&place);
	record->lookups = tree->count.lookups - lookups;
	record->voids = tree->voids4 - voids;
	return record;
}

void doctor_spf_tree_walk(struct doctor *doctor)
{
	const char *domain = doctor->asked->domain;
	struct doctor_spf_tree tree = {
	    .doctor = doctor, .request = {.domain = domain}, .count = {.max = DOCTOR_SPF_LOOKUPS}};
	struct doctor_spf *spf = &doctor->spf;

	spf->record = walk_record(&tree, domain, NULL);
	spf->lookups = tree.count.lookups;
	spf->more = tree.count.exceeded;
	spf->voids4 = tree.voids4;
	spf->voids6 = tree.voids6;
	if (tree.terms > DOCTOR_SPF_TERMS)
		doctor_report(doctor, SPF_MANY_TERMS, domain, NULL);
}
