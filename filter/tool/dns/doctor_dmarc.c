/*
 * doctor_dmarc.c - which DMARC record applies, and how dmarc/discovery.c found it.
 * Called by dns.c after SPF and DKIM, which it is compared with.
 */
#include "tool/dns/doctor_dmarc.h"

#include <string.h>

#include "base/domain.h"
#include "base/text.h"
#include "dmarc/discovery.h"

static const char *query_name(struct doctor *doctor, const char *domain)
{
	return arena_format(doctor->arena, "_dmarc.%s", domain);
}

static size_t count_records(struct doctor *doctor, const struct answer *answer)
{
	size_t count = 0;

	for (size_t i = 0; i < answer->count; i++)
		count += policy_record_read(doctor->arena, answer->records[i].text,
		                            answer->records[i].text_length) != NULL;
	return count;
}

static void find_near(struct doctor *doctor, const char *name, const struct answer *answer)
{
	for (size_t i = 0; i < answer->count; i++) {
		const struct record *record = &answer->records[i];
		const char *repaired;

		if (policy_record_read(doctor->arena, record->text, record->text_length) != NULL ||
		    !doctor_dmarc_repair_is_near(doctor, record->text, record->text_length))
			continue;
		repaired = doctor_dmarc_repair(doctor, record->text, record->text_length);
		doctor_add(
		    doctor, DMARC_TYPO, name, doctor_txt(doctor, name, repaired),
		    DOCTOR_WORDS(name, doctor_safe(doctor, record->text, record->text_length)));
	}
}

/* Each name of the walk: failed, several records, or something that was meant to be one. */
static void check_steps(struct doctor *doctor)
{
	for (size_t i = 0; i < doctor->dmarc.step_count; i++) {
		const char *name = doctor->dmarc.steps[i].name;
		const struct answer *answer = doctor_ask(doctor, name, RECORD_TXT);
		size_t count = count_records(doctor, answer);

		if (count > 1)
			doctor_report(doctor, DMARC_SEVERAL, name, name,
			              doctor_number(doctor, count));
		if (strchr(name + strlen("_dmarc."), '.') != NULL)
			find_near(doctor, name, answer);
	}
}

/* Web forms that append the domain, and people who forget _dmarc, put the record there. */
static void find_misplaced(struct doctor *doctor)
{
	const char *domain = doctor->asked->domain;
	const char *names[] = {domain, arena_format(doctor->arena, "_dmarc.%s.%s", domain, domain),
	                       arena_format(doctor->arena, "dmarc.%s", domain)};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		const struct answer *answer;

		if (strlen(names[i]) > DOMAIN_MAX)
			continue;
		answer = services_lookup(doctor->services, names[i], RECORD_TXT);
		if (count_records(doctor, answer) > 0)
			doctor_report(doctor, DMARC_MISPLACED, names[i], names[i],
			              query_name(doctor, domain));
	}
}

/* Records on the way that no receiver uses. */
static void report_ignored(struct doctor *doctor, struct tree_walks *walks)
{
	const struct doctor_dmarc *dmarc = &doctor->dmarc;
	const char *names[TREE_WALK_MAX];
	size_t count = tree_walk_names(doctor->asked->domain, names);

	for (size_t i = 0; i < count && dmarc->policy_domain != NULL; i++) {
		const struct walk_answer *answer = tree_walk_ask(walks, names[i]);

		if (answer->record == NULL || answer->record->psd != PSD_UNKNOWN ||
		    domain_equal(names[i], dmarc->policy_domain) ||
		    domain_equal(names[i], dmarc->organizational_domain))
			continue;
		doctor_report(doctor, DMARC_IGNORED, query_name(doctor, names[i]), names[i],
		              doctor->asked->domain);
	}
}

static void apply(struct doctor *doctor, const struct discovery *discovery,
                  struct tree_walks *walks)
{
	struct doctor_dmarc *dmarc = &doctor->dmarc;
	const struct answer *answer;

	dmarc->policy_domain = discovery->policy_domain;
	dmarc->name = query_name(doctor, dmarc->policy_domain);
	dmarc->record = discovery->record;
	dmarc->tag = discovery->tag;
	dmarc->published = discovery->published;
	dmarc->effective = discovery_effective(discovery);
	if (!domain_equal(discovery->policy_domain, doctor->asked->domain))
		doctor_report(doctor, DMARC_INHERITED, query_name(doctor, doctor->asked->domain),
		              doctor->asked->domain, discovery->policy_domain,
		              arena_format(doctor->arena, "%s=%s", dmarc->tag,
		                           request_names[dmarc->published]));
	answer = services_lookup(doctor->services, dmarc->name, RECORD_TXT);
	for (size_t i = 0; i < answer->count; i++)
		if (policy_record_read(doctor->arena, answer->records[i].text,
		                       answer->records[i].text_length) != NULL)
			doctor_dmarc_record(doctor, answer->records[i].text,
			                    answer->records[i].text_length);
	doctor_dmarc_reports(doctor, walks);
}

/* A policy that asks for action needs SPF or DKIM that mail can pass. */
static void doctor_dmarc_compare(struct doctor *doctor)
{
	const struct doctor_dmarc *dmarc = &doctor->dmarc;
	const char *policy = request_names[dmarc->effective];
	bool asks = dmarc->effective != REQUEST_NONE;
	bool no_dkim = !doctor->dkim.usable && !doctor->dkim.failed;
	bool no_spf = !doctor->spf.sound && !doctor->spf.failed;
	const struct doctor_row rows[] = {
	    {!asks && doctor->spf.refuses, DMARC_SPF_REFUSES, {NULL}},
	    {asks && no_spf && !doctor->mx.null, DMARC_NOTHING_TO_PASS, {policy}},
	    {asks && !no_spf, DMARC_NO_DKIM, {policy}}};

	if (no_dkim && !doctor->spf.sends_nothing)
		doctor_report_rows(doctor, dmarc->name, rows, sizeof rows / sizeof rows[0]);
}

static void report_none(struct doctor *doctor)
{
	const char *domain = doctor->asked->domain, *name = query_name(doctor, domain);
	const char *record =
	    doctor->spf.sends_nothing
	        ? "v=DMARC1; p=reject"
	        : arena_format(doctor->arena, "v=DMARC1; p=none; rua=mailto:dmarc-reports@%s",
	                       domain);

	if (doctor_worst(doctor, AREA_DMARC) < LEVEL_ERROR)
		doctor_add(doctor, DMARC_NONE, name, doctor_txt(doctor, name, record),
		           DOCTOR_WORDS(domain));
}

void doctor_dmarc_examine(struct doctor *doctor)
{
	struct tree_walks *walks = tree_walk_begin(doctor->services, doctor->arena);
	const struct organizations organizations = {walks, doctor->asked->suffixes};
	struct discovery discovery =
	    discovery_make(&organizations, doctor->services, doctor->asked->domain);
	struct tree_walk walk = organization_find(&organizations, doctor->asked->domain);

	doctor->dmarc.failed = discovery.failed != NULL;
	doctor->dmarc.organizational_domain = walk.organizational_domain;
	doctor->dmarc.steps = tree_walk_steps(walks, &doctor->dmarc.step_count);
	check_steps(doctor);
	find_misplaced(doctor);
	if (doctor->dmarc.failed)
		return;
	if (discovery.policy_domain == NULL) {
		report_none(doctor);
		return;
	}
	apply(doctor, &discovery, walks);
	report_ignored(doctor, walks);
	doctor_dmarc_compare(doctor);
}
