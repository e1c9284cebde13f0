/*
 * doctor_spf_client.c - the SPF result of an address, evaluated as for a message: of --ip for the
 * domain, and of a sending server for its own name. Called by doctor_spf.c and doctor_hosts.c.
 */
#include <string.h>

#include "base/invariant.h"
#include "spf/spf_evaluate.h"
#include "tool/dns/doctor_spf.h"

static struct spf_finding evaluate_client(struct doctor *doctor, const struct address *client,
                                          enum spf_scope scope, const char *domain)
{
	const struct settings *settings = doctor->asked->settings;
	const struct spf_request request = {
	    .services = doctor->services,
	    .arena = doctor->arena,
	    .client = *client,
	    .scope = scope,
	    .domain = domain,
	    .sender = arena_format(doctor->arena, "postmaster@%s", domain),
	    .local_part = "postmaster",
	    .local_part_ascii = true,
	    .helo = domain,
	    .receiver = settings->authserv_id,
	    .now = doctor->services->now(doctor->services->context),
	    .void_lookups_max = (unsigned)settings->spf.void_lookups,
	};
	struct spf_finding finding = {.scope = scope, .domain = domain};

	invariant(domain != NULL && client->family != ADDRESS_UNKNOWN);
	spf_evaluate(&request, &finding);
	return finding;
}

static void report_failed(struct doctor *doctor, const char *name, const char *reason)
{
	doctor->lookups_failed++;
	doctor_report(doctor, DOMAIN_LOOKUP_FAILED, name, "SPF of", name,
	              reason == NULL ? "no reason given" : reason);
}

static void report_client(struct doctor *doctor, const struct spf_finding *finding,
                          const char *address)
{
	const char *domain = doctor->asked->domain, *result = result_names[finding->result];
	const char *reason = finding->reason == NULL ? "no reason given" : finding->reason;
	const char *term = finding->mechanism == NULL ? reason : finding->mechanism;

	if (finding->result == RESULT_PASS)
		doctor_report(doctor, SPF_IP_PASS, address, address, domain, term);
	else if (finding->result == RESULT_NONE)
		doctor_report(doctor, SPF_IP_NONE, address, address, domain, reason);
	else if (finding->result == RESULT_PERMERROR)
		doctor_report(doctor, SPF_IP_ERROR, address, address, domain, reason);
	else if (finding->result == RESULT_TEMPERROR)
		report_failed(doctor, address, reason);
	else
		doctor_report(doctor, SPF_IP_NOT, address, address, domain, result, term);
}

void doctor_spf_client(struct doctor *doctor)
{
	const struct address *client = &doctor->asked->ip;
	char address[ADDRESS_TEXT];
	struct spf_finding finding;

	if (client->family == ADDRESS_UNKNOWN)
		return;
	finding = evaluate_client(doctor, client, SPF_SCOPE_MAILFROM, doctor->asked->domain);
	doctor->spf.ip_result = result_names[finding.result];
	doctor->spf.ip_term = finding.mechanism;
	report_client(doctor, &finding,
	              arena_string(doctor->arena, address_print(client, address)));
}

void doctor_spf_client_helo(struct doctor *doctor, const struct address *address, const char *name,
                            const char **result)
{
	struct spf_finding finding = evaluate_client(doctor, address, SPF_SCOPE_HELO, name);
	char text[ADDRESS_TEXT];
	const char *message = arena_string(doctor->arena, address_print(address, text));

	*result = result_names[finding.result];
	if (finding.result == RESULT_NONE)
		doctor_add(doctor, SPF_HELO_NONE, name, doctor_txt(doctor, name, "v=spf1 a -all"),
		           DOCTOR_WORDS(name));
	else if (finding.result == RESULT_PASS)
		doctor_report(doctor, SPF_HELO_PASS, name, message, name);
	else if (finding.result == RESULT_TEMPERROR)
		report_failed(doctor, name, finding.reason);
	else
		doctor_report(doctor, SPF_HELO_NOT, name, message, name, *result);
}
