/*
 * doctor_spf_tidy.c - terms of the domain's own record that are superfluous, missing or dangerous,
 * and the record without these mistakes. Called by doctor_spf.c for a record whose grammar is
 * correct.
 *
 * The terms are marked first. The record that follows from the marks is the fix that all findings
 * here suggest.
 */
#include <string.h>

#include "base/invariant.h"
#include "base/text.h"
#include "tool/dns/doctor_spf.h"

enum mark {
	MARK_KEEP,
	MARK_AFTER_ALL,
	MARK_IGNORED, /* redirect beside all */
	MARK_DUPLICATE,
	MARK_OVERLAP,
	MARK_PRIVATE,
	MARK_OPEN, /* +all, ?all: becomes ~all */
};

struct marked {
	struct spf_term term;
	enum mark mark;
	size_t within; /* MARK_OVERLAP: the term that it is within */
};

struct tidy {
	struct doctor *doctor;
	size_t count;
	struct marked *terms;
	bool complete; /* `terms` has all terms of the record */
	bool all_pass; /* every mechanism but all has the qualifier + */
	const char *fix;
};

static const char *text_of(const struct tidy *tidy, size_t number)
{
	const struct spf_term *term = &tidy->terms[number].term;

	invariant(number < tidy->count);
	return arena_copy(tidy->doctor->arena, term->text, term->length);
}

static void collect(struct tidy *tidy, const struct spf_record *record)
{
	const char *at = record->terms;
	struct spf_fault fault;
	struct spf_term term;

	tidy->terms = arena_allocate(tidy->doctor->arena, DOCTOR_SPF_TERMS * sizeof *tidy->terms);
	tidy->complete = tidy->all_pass = true;
	while (spf_record_next(&at, record->end, &term, &fault)) {
		if (tidy->count == DOCTOR_SPF_TERMS) {
			tidy->complete = false;
			return;
		}
		if (term.kind < SPF_TERM_REDIRECT && term.kind != SPF_TERM_ALL &&
		    term.qualifier != RESULT_PASS)
			tidy->all_pass = false;
		tidy->terms[tidy->count++].term = term;
	}
}

static bool is_network(const struct spf_term *term)
{
	return (term->kind == SPF_TERM_IP4 || term->kind == SPF_TERM_IP6) &&
	       term->qualifier == RESULT_PASS;
}

static bool is_within(const struct spf_term *inner, const struct spf_term *outer)
{
	unsigned inner_bits = inner->kind == SPF_TERM_IP4 ? inner->bits4 : inner->bits6;
	unsigned outer_bits = outer->kind == SPF_TERM_IP4 ? outer->bits4 : outer->bits6;

	return is_network(inner) && is_network(outer) && inner->kind == outer->kind &&
	       outer_bits < inner_bits &&
	       address_in_network(&inner->address, &outer->address, outer_bits);
}

static bool is_same_term(const struct spf_term *one, const struct spf_term *other)
{
	return one->length == other->length && text_same_bytes(one->text, other->text, one->length);
}

/* One term against all others; there are 200 at most. */
static void compare_term(struct tidy *tidy, size_t number)
{
	struct marked *marked = &tidy->terms[number];

	for (size_t i = 0; i < tidy->count && marked->mark == MARK_KEEP; i++) {
		const struct marked *other = &tidy->terms[i];

		if (i == number || other->mark == MARK_AFTER_ALL)
			continue;
		if (i < number && is_same_term(&marked->term, &other->term))
			marked->mark = MARK_DUPLICATE;
		else if (tidy->all_pass && is_within(&marked->term, &other->term))
			*marked = (struct marked){marked->term, MARK_OVERLAP, i};
	}
}

static void mark(struct tidy *tidy, const struct spf_record *record)
{
	bool ended = false;

	for (size_t i = 0; i < tidy->count; i++) {
		struct marked *marked = &tidy->terms[i];
		const struct spf_term *term = &marked->term;

		if (term->kind == SPF_TERM_REDIRECT && record->has_all)
			marked->mark = MARK_IGNORED;
		else if (term->kind < SPF_TERM_REDIRECT && ended)
			marked->mark = MARK_AFTER_ALL;
		else if (term->kind == SPF_TERM_ALL)
			ended = true;
		if (term->kind == SPF_TERM_ALL && marked->mark == MARK_KEEP &&
		    (term->qualifier == RESULT_PASS || term->qualifier == RESULT_NEUTRAL))
			marked->mark = MARK_OPEN;
		if (is_network(term) && marked->mark == MARK_KEEP &&
		    doctor_mx_is_private(&term->address))
			marked->mark = MARK_PRIVATE;
	}
	for (size_t i = 0; i < tidy->count; i++)
		if (tidy->terms[i].mark == MARK_KEEP)
			compare_term(tidy, i);
}

static const char *rebuild(const struct tidy *tidy, const struct spf_record *record)
{
	const char *domain = tidy->doctor->asked->domain;
	struct text line;

	if (!tidy->complete)
		return NULL;
	text_begin(&line, tidy->doctor->arena, DOCTOR_SHOWN);
	text_add(&line, "v=spf1");
	for (size_t i = 0; i < tidy->count; i++) {
		if (tidy->terms[i].mark == MARK_KEEP)
			text_add_format(&line, " %s", text_of(tidy, i));
		if (tidy->terms[i].mark == MARK_OPEN)
			text_add(&line, " ~all");
	}
	if (!record->has_all && record->redirect.spec == NULL)
		text_add(&line, " ~all");
	return line.cut ? NULL : doctor_txt(tidy->doctor, domain, line.bytes);
}

static void report_tidy(const struct tidy *tidy, enum doctor_code code, const char *one,
                        const char *other)
{
	doctor_add(tidy->doctor, code, tidy->doctor->asked->domain, tidy->fix,
	           DOCTOR_WORDS(one, other));
}

/* MARK_PRIVATE is reported by doctor_spf_network_check(), and removed here. */
static void report_marks(const struct tidy *tidy)
{
	for (size_t i = 0; i < tidy->count; i++) {
		const struct marked *marked = &tidy->terms[i];
		const char *text = text_of(tidy, i), *domain = tidy->doctor->asked->domain;

		if (marked->mark == MARK_AFTER_ALL)
			report_tidy(tidy, SPF_AFTER_ALL, text, NULL);
		else if (marked->mark == MARK_IGNORED)
			report_tidy(tidy, SPF_REDIRECT_IGNORED, text, NULL);
		else if (marked->mark == MARK_DUPLICATE)
			report_tidy(tidy, SPF_DUPLICATE, text, NULL);
		else if (marked->mark == MARK_OVERLAP)
			report_tidy(tidy, SPF_OVERLAP, text, text_of(tidy, marked->within));
		else if (marked->mark == MARK_OPEN && marked->term.qualifier == RESULT_PASS)
			report_tidy(tidy, SPF_ALL_PASS, domain, text);
		else if (marked->mark == MARK_OPEN)
			report_tidy(tidy, SPF_ALL_NEUTRAL, NULL, NULL);
	}
}

/* How the record ends: the first all counts. */
static void report_end(const struct tidy *tidy, const struct spf_record *record)
{
	struct doctor_spf *spf = &tidy->doctor->spf;
	size_t mechanisms = 0;

	for (size_t i = 0; i < tidy->count; i++) {
		const struct spf_term *term = &tidy->terms[i].term;

		mechanisms += term->kind < SPF_TERM_REDIRECT;
		if (term->kind != SPF_TERM_ALL)
			continue;
		spf->refuses = term->qualifier == RESULT_FAIL;
		spf->sends_nothing = spf->refuses && mechanisms == 1;
		if (term->qualifier == RESULT_FAIL)
			report_tidy(tidy, SPF_ALL_FAIL, NULL, NULL);
		if (term->qualifier == RESULT_SOFTFAIL)
			report_tidy(tidy, SPF_ALL_SOFTFAIL, NULL, NULL);
		return;
	}
	if (tidy->complete && !record->has_all && record->redirect.spec == NULL)
		report_tidy(tidy, SPF_ALL_MISSING, NULL, NULL);
}

void doctor_spf_tidy(struct doctor *doctor, const char *text, const struct spf_record *record)
{
	struct tidy tidy = {.doctor = doctor};
	const char *as_is = doctor_txt(doctor, doctor->asked->domain, text);

	collect(&tidy, record);
	invariant(tidy.count <= DOCTOR_SPF_TERMS);
	mark(&tidy, record);
	tidy.fix = rebuild(&tidy, record);
	if (tidy.fix != NULL && as_is != NULL && strcmp(tidy.fix, as_is) == 0)
		tidy.fix = NULL;
	report_marks(&tidy);
	report_end(&tidy, record);
}
