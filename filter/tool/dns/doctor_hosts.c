/*
 * doctor_hosts.c - the servers that send: whether their addresses have names that resolve to them
 * (RFC 8601 3). Called by dns.c after SPF, which knows their addresses.
 */
#include <string.h>

#include "base/domain.h"
#include "base/invariant.h"
#include "base/text.h"
#include "tool/dns/doctor_spf.h"

enum {
	NAMES_MAX = 10 /* of one address, as iprev.c has it */
};

/* Whether the name has the numbers of the address in it, or a word for customer lines. */
static bool is_generic(struct doctor *doctor, const char *name, const struct address *address)
{
	static const char *const names[] = {"dynamic", "dialup",   "dial-up", "dyn.", "dhcp",
	                                    "pool.",   "pool-",    "dsl.",    "-dsl", "cable.",
	                                    "ppp",     "customer", "cust-"};
	const unsigned char *octets = address->bytes;

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strcasestr(name, names[i]) != NULL)
			return true;
	if (address->family != ADDRESS_IPV4)
		return false;
	for (const char *glue = ".-"; *glue != '\0'; glue++) {
		const char *forward = arena_format(doctor->arena, "%u%c%u%c%u", octets[1], *glue,
		                                   octets[2], *glue, octets[3]);
		const char *reverse = arena_format(doctor->arena, "%u%c%u%c%u", octets[3], *glue,
		                                   octets[2], *glue, octets[1]);

		if (strstr(name, forward) != NULL || strstr(name, reverse) != NULL)
			return true;
	}
	return false;
}

/* The name that a server without a good one should have: one that leads to it already, in SPF or as
 * an MX, else a usual one. */
static const char *better_name(struct doctor *doctor, const struct doctor_host *host,
                               const struct address *address)
{
	const struct doctor_spf *spf = &doctor->spf;
	const struct doctor_mx *mx = &doctor->mx;

	for (size_t i = 0; i < spf->sender_count; i++)
		if (spf->senders[i].name != NULL &&
		    address_equal(&spf->senders[i].address, address) &&
		    !is_generic(doctor, spf->senders[i].name, address))
			return doctor_safe(doctor, spf->senders[i].name,
			                   strlen(spf->senders[i].name));
	for (size_t i = 0; i < mx->count; i++)
		for (size_t j = 0; j < mx->exchanges[i].addresses.count; j++)
			if (strcmp(mx->exchanges[i].addresses.items[j], host->address) == 0 &&
			    !is_generic(doctor, mx->exchanges[i].name, address))
				return mx->exchanges[i].name;
	return arena_format(doctor->arena, "mail.%s", doctor->asked->domain);
}

static bool leads_back(struct doctor *doctor, const char *name, const struct address *address)
{
	const struct answer *answer = doctor_ask(doctor, name, services_address_type(address));

	for (size_t i = 0; i < answer->count; i++)
		if (address_equal(&answer->records[i].address, address))
			return true;
	return false;
}

static void doctor_hosts_report(struct doctor *doctor, enum doctor_code code,
                                const struct doctor_host *host, const char *more)
{
	doctor_report(doctor, code, host->address, host->address, host->name, more);
}

static void check_host_name(struct doctor *doctor, struct doctor_host *host,
                            const struct address *address)
{
	host->status = "good";
	host->generic = is_generic(doctor, host->name, address);
	if (host->generic)
		doctor_report(doctor, HOST_GENERIC, host->address, host->name, host->address,
		              better_name(doctor, host, address));
	else
		doctor_hosts_report(doctor, HOST_GOOD, host, NULL);
	if (doctor->asked->ip.family != ADDRESS_UNKNOWN)
		doctor_hosts_report(doctor, HOST_HELO, host, NULL);
	else if (!domain_within(host->name, doctor->asked->domain))
		return;
	doctor_spf_client_helo(doctor, address, host->name, &host->helo_result);
}

static void check_host_names(struct doctor *doctor, struct doctor_host *host,
                             const struct address *address, const struct answer *names)
{
	size_t failed = doctor->lookups_failed;

	host->name = names->records[0].name;
	for (size_t i = 0; i < names->count && i < NAMES_MAX; i++) {
		if (!leads_back(doctor, names->records[i].name, address))
			continue;
		host->name = names->records[i].name;
		check_host_name(doctor, host, address);
		return;
	}
	host->status = doctor->lookups_failed > failed ? "failed" : "mismatch";
	if (doctor->lookups_failed == failed)
		doctor_hosts_report(doctor, HOST_MISMATCH, host, NULL);
}

static void doctor_hosts_check(struct doctor *doctor, const struct address *address)
{
	struct doctor_host *host = &doctor->hosts.hosts[doctor->hosts.count++];
	char reverse[ADDRESS_REVERSE_NAME], text[ADDRESS_TEXT];
	const struct answer *names;

	invariant(doctor->hosts.count <= DOCTOR_HOSTS_MAX);
	*host = (struct doctor_host){.address =
	                                 arena_string(doctor->arena, address_print(address, text)),
	                             .status = "private"};
	if (doctor_mx_is_private(address)) {
		doctor_hosts_report(doctor, HOST_PRIVATE, host, NULL);
		return;
	}
	address_reverse_name(address, reverse);
	names = doctor_ask(doctor, reverse, RECORD_PTR);
	host->status = names->status == LOOKUP_FAILED ? "failed" : "unnamed";
	if (names->status == LOOKUP_FOUND)
		check_host_names(doctor, host, address, names);
	else if (names->status != LOOKUP_FAILED)
		doctor_add(doctor, HOST_NO_PTR, host->address,
		           arena_format(doctor->arena, "%s. IN PTR %s.", reverse,
		                        better_name(doctor, host, address)),
		           DOCTOR_WORDS(host->address));
}

void doctor_hosts_examine(struct doctor *doctor)
{
	if (doctor->asked->ip.family != ADDRESS_UNKNOWN) {
		doctor_hosts_check(doctor, &doctor->asked->ip);
		return;
	}
	for (size_t i = 0; i < doctor->spf.sender_count; i++)
		doctor_hosts_check(doctor, &doctor->spf.senders[i].address);
}
