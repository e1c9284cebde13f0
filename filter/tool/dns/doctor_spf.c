/*
 * doctor_spf.c - examines the SPF record of the domain. Called by dns.c, first of all parts;
 * calls the other files doctor_spf*.c.
 */
#include "tool/dns/doctor_spf.h"

#include <string.h>

#include "base/invariant.h"
#include "base/text.h"

enum {
	LONG = 450,
	LOOKUPS_NEAR = 9
};

static void report_no_record(struct doctor *doctor)
{
	const char *domain = doctor->asked->domain;

	doctor_add(doctor, SPF_NONE, domain, doctor_txt(doctor, domain, "v=spf1 mx ~all"),
	           DOCTOR_WORDS(domain));
}

/* The terms with their lookups: "include:_spf.example.net 4, mx 1" */
static const char *list_costs(struct doctor *doctor)
{
	const struct doctor_spf_term *term = doctor->spf.record->terms;
	struct text list;

	invariant(doctor->spf.record != NULL);
	text_begin(&list, doctor->arena, DOCTOR_SHOWN);
	for (; term != NULL; term = term->next)
		if (term->lookups > 0)
			text_add_format(&list, "%s%s %u", list.length == 0 ? "" : ", ", term->text,
			                term->lookups);
	return list.bytes;
}

static const char *list_void_terms(struct doctor *doctor)
{
	const struct doctor_spf_term *term = doctor->spf.record->terms;
	struct text list;

	text_begin(&list, doctor->arena, DOCTOR_SHOWN);
	for (; term != NULL; term = term->next)
		if (term->voids > 0)
			text_add_format(&list, "%s%s", list.length == 0 ? "" : ", ", term->text);
	return list.bytes;
}

/* RFC 7208 4.6.4 */
static void check_limits(struct doctor *doctor)
{
	const struct doctor_spf *spf = &doctor->spf;
	const char *domain = doctor->asked->domain;
	const char *lookups = doctor_number(doctor, spf->lookups);
	unsigned max = (unsigned)doctor->asked->settings->spf.void_lookups;
	const char *limit = doctor_number(doctor, max);

	if (spf->more)
		doctor_report(doctor, SPF_LOOKUPS_MORE, domain, lookups, list_costs(doctor));
	else if (spf->lookups > SPF_TERMS_MAX)
		doctor_report(doctor, SPF_LOOKUPS, domain, lookups, list_costs(doctor));
	else if (spf->lookups >= LOOKUPS_NEAR)
		doctor_report(doctor, SPF_LOOKUPS_NEAR, domain, lookups, list_costs(doctor));
	if (spf->voids4 > max)
		doctor_report(doctor, SPF_VOID, domain, doctor_number(doctor, spf->voids4), limit,
		              list_void_terms(doctor));
	else if (spf->voids6 > max)
		doctor_report(doctor, SPF_VOID_IPV6, domain, doctor_number(doctor, spf->voids6),
		              limit, list_costs(doctor));
}

static void check_explanation(struct doctor *doctor, const struct spf_record *record)
{
	const struct spf_term *term = &record->explanation;
	const struct answer *answer;
	struct spf_macro_use use;
	const char *name;

	if (term->spec == NULL || term->use.any)
		return;
	name = arena_copy(doctor->arena, term->spec, term->spec_length);
	answer = doctor_ask(doctor, name, RECORD_TXT);
	if (answer->status == LOOKUP_FAILED)
		return;
	if (answer->count != 1 ||
	    !spf_macro_check(answer->records[0].text, answer->records[0].text_length,
	                     SPF_MACRO_IN_EXPLANATION, &use))
		doctor_report(doctor, SPF_EXP_NONE, name,
		              arena_copy(doctor->arena, term->text, term->length));
}

static void check_one(struct doctor *doctor, const char *text, size_t length)
{
	const char *domain = doctor->asked->domain;
	struct spf_record record;
	struct spf_fault fault;

	doctor_spf_tree_walk(doctor);
	invariant(doctor->spf.lookups <= DOCTOR_SPF_LOOKUPS);
	if (length > LONG)
		doctor_report(doctor, SPF_LONG, domain, domain, doctor_number(doctor, length));
	if (!spf_record_read(text, length, &record, &fault))
		return;
	doctor->spf.sound = true;
	doctor_spf_tidy(doctor, arena_copy(doctor->arena, text, length), &record);
	check_explanation(doctor, &record);
	check_limits(doctor);
	if (doctor_worst(doctor, AREA_SPF) < LEVEL_WARNING)
		doctor_report(doctor, SPF_GOOD, domain, doctor_number(doctor, doctor->spf.lookups));
}

/* RFC 7208 3.1: obsolete, but still published by some domains. */
static void check_retired_type(struct doctor *doctor)
{
	const char *domain = doctor->asked->domain;

	if (services_lookup(doctor->services, domain, RECORD_SPF)->status == LOOKUP_FOUND)
		doctor_report(doctor, SPF_TYPE, domain, domain);
}

void doctor_spf_examine(struct doctor *doctor)
{
	const char *domain = doctor->asked->domain;
	struct doctor_spf_record *none = arena_allocate(doctor->arena, sizeof *none);
	const struct answer *answer = doctor_ask(doctor, domain, RECORD_TXT);
	const char *text;
	size_t length, count = spf_record_select(answer, &text, &length);

	*none = (struct doctor_spf_record){.domain = domain, .status = "none"};
	doctor->spf.record = none;
	doctor->spf.failed = answer->status == LOOKUP_FAILED;
	if (doctor->spf.failed)
		none->status = "failed";
	check_retired_type(doctor);
	doctor_spf_repair_near(doctor, domain, answer);
	if (strchr(domain, '.') == NULL)
		doctor_report(doctor, SPF_SINGLE_LABEL, domain, NULL);
	if (count == 1)
		check_one(doctor, text, length);
	if (count > 1) {
		none->status = "several";
		doctor_report(doctor, SPF_SEVERAL, domain, domain, doctor_number(doctor, count));
	}
	if (count == 0 && !doctor->spf.failed && doctor_worst(doctor, AREA_SPF) < LEVEL_ERROR)
		report_no_record(doctor);
	doctor_spf_client(doctor);
}
