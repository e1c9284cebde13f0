/*
 * doctor_dmarc_reports.c - where reports go, and whether they would arrive. Called by
 * doctor_dmarc.c.
 *
 * report/destination.c, which also decides where our own reports may go, says whether a
 * destination belongs to another organization and accepts the reports.
 */
#include <string.h>

#include "base/domain.h"
#include "base/text.h"
#include "dmarc/report_uri.h"
#include "report/destination.h"
#include "tool/dns/doctor_dmarc.h"

struct reports {
	struct doctor *doctor;
	struct tree_walks *walks;
	const char *tag;
	size_t at; /* where it stands in the record */
};

static void report_malformed(const struct reports *reports, const char *count)
{
	struct doctor *doctor = reports->doctor;
	struct doctor_finding *finding =
	    doctor_report(doctor, DMARC_RUA_MALFORMED, doctor->dmarc.name, reports->tag, count);

	doctor_dmarc_record_show(doctor, finding, reports->at);
}

/* Why mail to the host would not arrive; NULL where it would, or where that is unknown. */
static const char *unreachable(struct doctor *doctor, const char *host)
{
	const struct answer *exchanges = doctor_ask(doctor, host, RECORD_MX);
	const struct answer *ipv4, *ipv6;

	if (exchanges->status == LOOKUP_FAILED)
		return NULL;
	if (exchanges->count == 1 && exchanges->records[0].name[0] == '\0')
		return "it takes no mail: null MX";
	if (exchanges->count > 0)
		return NULL;
	ipv4 = doctor_ask(doctor, host, RECORD_A);
	ipv6 = doctor_ask(doctor, host, RECORD_AAAA);
	if (ipv4->status == LOOKUP_FAILED || ipv6->status == LOOKUP_FAILED ||
	    ipv4->count + ipv6->count > 0)
		return NULL;
	return exchanges->status == LOOKUP_NO_NAME ? "it does not exist"
	                                           : "it has neither MX records nor addresses";
}

static struct doctor_address *doctor_dmarc_reports_add(struct doctor *doctor)
{
	struct doctor_dmarc *dmarc = &doctor->dmarc;

	return &ARENA_ADD(doctor->arena, dmarc->addresses, dmarc->address_count,
	                  dmarc->address_room);
}

static void check_external(const struct reports *reports, struct doctor_address *row,
                           const struct destination *destination)
{
	struct doctor *doctor = reports->doctor;
	const char *domain = doctor->dmarc.policy_domain;
	const char *fix = doctor_txt(doctor, row->asked, "v=DMARC1;");

	if (destination->outcome == DESTINATION_REFUSED)
		doctor_add(doctor, DMARC_RUA_UNAUTHORISED, doctor->dmarc.name, fix,
		           DOCTOR_WORDS(row->host, domain, row->host));
	if (destination->outcome == DESTINATION_GOOD)
		doctor_report(doctor, DMARC_RUA_EXTERNAL, doctor->dmarc.name, row->host, domain);
}

/* It is unknown whether reports may go there; names the lookups that failed. */
static void report_failed(const struct reports *reports, const struct doctor_address *row)
{
	size_t count;
	const struct walk_step *steps = tree_walk_steps(reports->walks, &count);

	for (size_t i = 0; i < count; i++)
		if (steps[i].status == LOOKUP_FAILED)
			doctor_ask(reports->doctor, steps[i].name, RECORD_TXT);
	if (row->external)
		doctor_ask(reports->doctor, row->asked, RECORD_TXT);
}

static void doctor_dmarc_reports_check(const struct reports *reports, const char *uri)
{
	static const char *const names[] = {[DESTINATION_GOOD] = "good",
	                                    [DESTINATION_LATER] = "unknown",
	                                    [DESTINATION_REFUSED] = "refused"};
	static const struct strings nothing = {0, NULL};
	struct doctor *doctor = reports->doctor;
	const char *domain = doctor->dmarc.policy_domain, *missing;
	const struct destination_question question = {doctor->services, reports->walks,
	                                              doctor->arena, domain, &nothing};
	struct destination destination = destination_find(&question, uri);
	struct doctor_address *row = doctor_dmarc_reports_add(doctor);

	*row = (struct doctor_address){
	    .tag = reports->tag, .uri = uri, .host = "", .status = names[destination.outcome]};
	row->address = destination_address(doctor->arena, uri, &row->host);
	row->why = destination.outcome == DESTINATION_GOOD ? NULL : destination.why;
	if (row->address == NULL) {
		report_malformed(reports, "1");
		return;
	}
	row->external = tree_walk_compare(reports->walks, domain, row->host) == WALK_DIFFERENT;
	row->asked = arena_format(doctor->arena, "%s._report._dmarc.%s", domain, row->host);
	if (row->external)
		check_external(reports, row, &destination);
	if (destination.outcome == DESTINATION_LATER)
		report_failed(reports, row);
	missing = unreachable(doctor, row->host);
	if (missing != NULL)
		doctor_report(doctor, DMARC_RUA_NO_MX, doctor->dmarc.name, row->host, missing,
		              row->address);
	else if (destination.outcome == DESTINATION_GOOD && strcmp(reports->tag, "rua") == 0)
		doctor_report(doctor, DMARC_RUA_GOOD, doctor->dmarc.name, row->address);
}

/* Entries that are not mail addresses, by number: their text may be anything. */
static void check_destinations(const struct reports *reports, const char *value)
{
	struct doctor *doctor = reports->doctor;
	struct report_uris uris = report_uri_list(doctor->arena, value);

	if (uris.malformed > 0)
		report_malformed(reports, doctor_number(doctor, uris.malformed));
	if (uris.foreign > 0)
		doctor_report(doctor, DMARC_RUA_SCHEME, doctor->dmarc.name, reports->tag,
		              doctor_number(doctor, uris.foreign));
	for (size_t i = 0; i < uris.limits.count; i++)
		if (uris.limits.items[i][0] != '\0')
			doctor_report(doctor, DMARC_RUA_SIZE, doctor->dmarc.name,
			              uris.limits.items[i], uris.mailto.items[i]);
	for (size_t i = 0; i < uris.mailto.count; i++)
		doctor_dmarc_reports_check(reports, uris.mailto.items[i]);
}

static void report_no_rua(struct doctor *doctor)
{
	const char *domain = doctor->dmarc.policy_domain, *text = doctor->dmarc.record->text;
	size_t length = strlen(text);
	const char *better = doctor_dmarc_repair(doctor, text, length);

	while (length > 0 && strchr("; ", text[length - 1]) != NULL)
		length--;
	if (better == NULL || strstr(better, "rua=") == NULL) /* else a mistyped rua= */
		better = doctor->dmarc.record->error != NULL
		             ? NULL
		             : arena_format(doctor->arena, "%.*s; rua=mailto:dmarc-reports@%s",
		                            (int)length, text, domain);
	doctor_add(doctor, DMARC_NO_RUA, doctor->dmarc.name,
	           doctor_txt(doctor, doctor->dmarc.name, better), DOCTOR_WORDS(domain));
}

void doctor_dmarc_reports(struct doctor *doctor, struct tree_walks *walks)
{
	const struct doctor_tag *rua = doctor_dmarc_record_given(doctor, "rua");
	const struct doctor_tag *ruf = doctor_dmarc_record_given(doctor, "ruf");

	if (rua != NULL)
		check_destinations(&(const struct reports){doctor, walks, "rua", rua->at},
		                   rua->value);
	else if (!doctor->spf.sends_nothing)
		report_no_rua(doctor);
	if (ruf == NULL)
		return;
	doctor_report(doctor, DMARC_RUF, doctor->dmarc.name, ruf->value);
	check_destinations(&(const struct reports){doctor, walks, "ruf", ruf->at}, ruf->value);
}
