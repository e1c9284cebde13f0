/*
 * doctor_mx.c - where mail for the domain goes (RFC 5321 5, RFC 7505). Called by dns.c after
 * SPF, whose outcome it needs.
 */
#include <string.h>

#include "base/domain.h"
#include "base/text.h"
#include "tool/dns/doctor.h"

enum {
	EXCHANGES_MAX = 20
};

bool doctor_mx_is_private(const struct address *address)
{
	static const char *const networks[] = {
	    "0.0.0.0/8",     "10.0.0.0/8",     "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
	    "172.16.0.0/12", "192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4",
	    "::/127",        "fc00::/7",       "fe80::/10",     "fec0::/10",   "ff00::/8",
	};

	for (size_t i = 0; i < sizeof networks / sizeof networks[0]; i++) {
		struct network network;

		if (network_parse(networks[i], &network) &&
		    address_in_network(address, &network.address, network.bits))
			return true;
	}
	return false;
}

static void doctor_mx_report(struct doctor *doctor, enum doctor_code code, const char *name,
                             const char *more)
{
	doctor_report(doctor, code, name, name, more);
}

static struct doctor_exchange *doctor_mx_add(struct doctor *doctor, const struct record *record)
{
	struct doctor_mx *mx = &doctor->mx;
	struct doctor_exchange *exchange;

	exchange = &ARENA_ADD(doctor->arena, mx->exchanges, mx->count, mx->room);
	*exchange = (struct doctor_exchange){
	    .name = doctor_safe(doctor, record->name, strlen(record->name)),
	    .preference = record->preference,
	    .status = "good"};
	return exchange;
}

static void add_addresses(struct doctor *doctor, struct doctor_exchange *exchange,
                          const struct answer *ipv4, const struct answer *ipv6)
{
	const char **items =
	    arena_allocate(doctor->arena, (ipv4->count + ipv6->count + 1) * sizeof *items);
	char text[ADDRESS_TEXT];

	for (size_t i = 0; i < ipv4->count + ipv6->count; i++) {
		const struct record *record =
		    i < ipv4->count ? &ipv4->records[i] : &ipv6->records[i - ipv4->count];

		items[i] = arena_string(doctor->arena, address_print(&record->address, text));
		if (!doctor_mx_is_private(&record->address))
			continue;
		exchange->status = "private";
		doctor_mx_report(doctor, MX_PRIVATE, exchange->name, items[i]);
	}
	exchange->addresses = (struct strings){ipv4->count + ipv6->count, items};
}

static void doctor_mx_check(struct doctor *doctor, struct doctor_exchange *exchange,
                            const char *name)
{
	const struct answer *ipv4 = doctor_ask(doctor, name, RECORD_A);
	const struct answer *ipv6 = doctor_ask(doctor, name, RECORD_AAAA);
	const struct answer *alias = services_lookup(doctor->services, name, RECORD_CNAME);

	add_addresses(doctor, exchange, ipv4, ipv6);
	if (alias->status == LOOKUP_FOUND) {
		exchange->status = "alias";
		doctor_mx_report(doctor, MX_ALIAS, exchange->name, alias->records[0].name);
	}
	if (exchange->addresses.count > 0)
		return;
	exchange->status = "missing";
	if (ipv4->status == LOOKUP_FAILED || ipv6->status == LOOKUP_FAILED)
		exchange->status = "failed";
	else
		doctor_mx_report(doctor, MX_MISSING, exchange->name, NULL);
}

static void check_exchange(struct doctor *doctor, const struct record *record)
{
	struct doctor_exchange *exchange = doctor_mx_add(doctor, record);
	struct address address;

	if (record->name[0] == '\0') {
		exchange->status = "null";
		doctor->mx.null = true;
	} else if (address_parse(record->name, &address)) {
		exchange->status = "literal";
		doctor_mx_report(doctor, MX_LITERAL, exchange->name, NULL);
	} else {
		doctor_mx_check(doctor, exchange, record->name);
	}
}

/* RFC 5321 5.1: without MX, the addresses of the domain count. */
static void check_addresses(struct doctor *doctor)
{
	const char *domain = doctor->asked->domain;
	const struct answer *ipv4 = doctor_ask(doctor, domain, RECORD_A);
	const struct answer *ipv6 = doctor_ask(doctor, domain, RECORD_AAAA);

	if (ipv4->count + ipv6->count > 0) {
		doctor_mx_report(doctor, MX_NONE, domain, NULL);
		return;
	}
	doctor->mx.failed = ipv4->status == LOOKUP_FAILED || ipv6->status == LOOKUP_FAILED;
	if (!doctor->mx.failed && doctor->exists && !doctor->spf.sends_nothing)
		doctor_mx_report(doctor, MX_NOWHERE, domain, NULL);
}

static void report_null(struct doctor *doctor)
{
	const char *domain = doctor->asked->domain;

	if (doctor->mx.count > 1)
		doctor_mx_report(doctor, MX_NULL_MIXED, domain, NULL);
	else if (doctor->spf.sound && !doctor->spf.sends_nothing)
		doctor_mx_report(doctor, MX_NULL_SENDS, domain, NULL);
	else
		doctor_mx_report(doctor, MX_NULL, domain, NULL);
}

static void report_good(struct doctor *doctor)
{
	struct text names;

	text_begin(&names, doctor->arena, DOCTOR_SHOWN);
	for (size_t i = 0; i < doctor->mx.count; i++)
		text_add_format(&names, "%s%s", i == 0 ? "" : ", ", doctor->mx.exchanges[i].name);
	doctor_mx_report(doctor, MX_GOOD, names.bytes, NULL);
}

void doctor_mx_examine(struct doctor *doctor)
{
	const struct answer *answer = doctor_ask(doctor, doctor->asked->domain, RECORD_MX);

	doctor->mx.failed = answer->status == LOOKUP_FAILED;
	for (size_t i = 0; i < answer->count && i < EXCHANGES_MAX; i++)
		check_exchange(doctor, &answer->records[i]);
	if (doctor->mx.failed)
		return;
	if (answer->count == 0)
		check_addresses(doctor);
	else if (doctor->mx.null)
		report_null(doctor);
	else if (doctor_worst(doctor, AREA_MX) < LEVEL_WARNING)
		report_good(doctor);
}
