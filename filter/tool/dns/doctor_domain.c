/*
 * doctor_domain.c - what concerns the whole domain: whether it exists, is signed, and sends mail at
 * all. Called by dns.c first and last.
 */
#include <string.h>

#include "base/text.h"
#include "tool/dns/doctor.h"

void doctor_domain_begin(struct doctor *doctor)
{
	const struct doctor_asked *asked = doctor->asked;
	const struct answer *address = doctor_ask(doctor, asked->domain, RECORD_A);
	const struct answer *alias = services_lookup(doctor->services, asked->domain, RECORD_CNAME);

	doctor->exists = address->status != LOOKUP_NO_NAME;
	doctor->secure = services_lookup(doctor->services, asked->domain, RECORD_TXT)->secure;
	if (!doctor->exists)
		doctor_report(doctor, DOMAIN_NONE, asked->domain, asked->domain);
	if (alias->status == LOOKUP_FOUND)
		doctor_report(doctor, DOMAIN_ALIAS, asked->domain, asked->domain,
		              alias->records[0].name);
	if (asked->unicode != NULL)
		doctor_report(doctor, DOMAIN_IDN, asked->domain, asked->unicode, asked->domain);
}

static void report_security(struct doctor *doctor)
{
	const struct resolver_settings *settings = &doctor->asked->settings->resolver;

	if (!settings->dnssec)
		doctor_report(doctor, DOMAIN_NO_VALIDATION, doctor->asked->domain, NULL);
	else
		doctor_report(doctor, doctor->secure ? DOMAIN_SECURE : DOMAIN_INSECURE,
		              doctor->asked->domain, NULL);
}

static void add_record(struct doctor *doctor, struct text *records, const char *name,
                       const char *value)
{
	text_add_format(records, "%s%s", records->length == 0 ? "" : "\n",
	                doctor_txt(doctor, name, value));
}

/* For a domain that never sends, all three say so: SPF, MX, DMARC. */
static void report_sends_nothing(struct doctor *doctor)
{
	const char *domain = doctor->asked->domain;
	bool rejects = doctor->dmarc.effective == REQUEST_REJECT && doctor->dmarc.record != NULL;
	bool takes_none = doctor->mx.null || (doctor->mx.count > 0);
	struct text missing;

	text_begin(&missing, doctor->arena, DOCTOR_SHOWN);
	if (!doctor->spf.sends_nothing)
		add_record(doctor, &missing, domain, "v=spf1 -all");
	if (!rejects)
		add_record(doctor, &missing, arena_format(doctor->arena, "_dmarc.%s", domain),
		           "v=DMARC1; p=reject");
	if (!takes_none)
		text_add_format(&missing, "%s%s. IN MX 0 .", missing.length == 0 ? "" : "\n",
		                domain);
	if (missing.length == 0)
		doctor_report(doctor, DOMAIN_SENDS_NOTHING, doctor->asked->domain, NULL);
	else
		doctor_add(doctor, DOMAIN_SENDS_NOTHING_PARTLY, doctor->asked->domain,
		           missing.bytes,
		           DOCTOR_WORDS(doctor->spf.sends_nothing ? "SPF is v=spf1 -all"
		                                                  : "its MX is the null MX"));
}

static void report_start(struct doctor *doctor)
{
	const char *domain = doctor->asked->domain;
	const char *dmarc = arena_format(doctor->arena, "_dmarc.%s", domain);
	const char *policy =
	    arena_format(doctor->arena, "v=DMARC1; p=none; rua=mailto:dmarc-reports@%s", domain);
	struct text records;

	text_begin(&records, doctor->arena, DOCTOR_SHOWN);
	add_record(doctor, &records, domain, "v=spf1 mx ~all");
	text_add_format(&records, "\n; the DKIM record comes from: assay key new %s\n", domain);
	text_add(&records, doctor_txt(doctor, dmarc, policy));
	doctor_add(doctor, DOMAIN_START, doctor->asked->domain, records.bytes, DOCTOR_WORDS(NULL));
}

void doctor_domain_examine(struct doctor *doctor)
{
	bool no_spf = strcmp(doctor->spf.record->status, "none") == 0;

	if (!doctor->exists)
		return;
	report_security(doctor);
	if (doctor->spf.sends_nothing || (doctor->mx.null && no_spf))
		report_sends_nothing(doctor);
	else if (no_spf && doctor->dkim.count == 0 && !doctor->dmarc.failed &&
	         doctor->dmarc.record == NULL && doctor_worst(doctor, AREA_SPF) < LEVEL_ERROR &&
	         doctor_worst(doctor, AREA_DMARC) < LEVEL_ERROR)
		report_start(doctor);
}
