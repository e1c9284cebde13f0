/*
 * doctor_spf_network.c - networks in records: too wide, private, or with host bits set.
 * Called by doctor_spf_tree.c for every mechanism of every record.
 */
#include <string.h>

#include "base/invariant.h"
#include "tool/dns/doctor_spf.h"

enum {
	/* shorter prefixes are reported; those of large senders are at least /14 and /32 */
	NARROW_IPV4 = 14,
	NARROW_IPV6 = 28
};

static const char *count_addresses(struct doctor *doctor, unsigned free_bits)
{
	invariant(free_bits <= 128);
	return free_bits <= 32 ? doctor_number(doctor, 1UL << free_bits)
	                       : arena_format(doctor->arena, "2^%u", free_bits);
}

static void report_network(struct doctor *doctor, enum doctor_code code,
                           const struct spf_term *term, const char *owner, const char *more)
{
	size_t length = term->length < DOCTOR_SPF_TERM_SHOWN ? term->length : DOCTOR_SPF_TERM_SHOWN;

	doctor_report(doctor, code, owner, arena_copy(doctor->arena, term->text, length), owner,
	              more);
}

static void check_width(struct doctor *doctor, const struct spf_term *term, const char *owner)
{
	bool ipv4 = term->kind != SPF_TERM_IP6 && term->bits4 < NARROW_IPV4;
	bool ipv6 = term->kind != SPF_TERM_IP4 && term->bits6 < NARROW_IPV6;

	if ((ipv4 && term->bits4 == 0) || (ipv6 && term->bits6 == 0))
		report_network(doctor, SPF_EVERYBODY, term, owner, NULL);
	else if (ipv4)
		report_network(doctor, SPF_WIDE, term, owner,
		               count_addresses(doctor, 32 - term->bits4));
	else if (ipv6)
		report_network(doctor, SPF_WIDE, term, owner,
		               count_addresses(doctor, 128 - term->bits6));
}

static void check_host_bits(struct doctor *doctor, const struct spf_term *term, unsigned bits)
{
	struct address first = address_network_first(&(struct network){term->address, bits});
	char text[ADDRESS_TEXT];

	if (address_equal(&first, &term->address))
		return;
	report_network(doctor, SPF_HOST_BITS, term,
	               arena_format(doctor->arena, "%s/%u", address_print(&first, text), bits),
	               NULL);
}

void doctor_spf_network_keep(struct doctor *doctor, const struct address *address, const char *name)
{
	struct doctor_spf *spf = &doctor->spf;

	for (size_t i = 0; i < spf->sender_count; i++) {
		struct doctor_sender *sender = &spf->senders[i];

		if (!address_equal(&sender->address, address))
			continue;
		if (sender->name == NULL)
			sender->name = name;
		return;
	}
	if (spf->sender_count < DOCTOR_HOSTS_MAX && !doctor_mx_is_private(address))
		spf->senders[spf->sender_count++] = (struct doctor_sender){*address, name};
}

void doctor_spf_network_check(struct doctor *doctor, const struct spf_term *term, const char *owner)
{
	bool network = term->kind == SPF_TERM_IP4 || term->kind == SPF_TERM_IP6;
	unsigned bits = term->kind == SPF_TERM_IP4 ? term->bits4 : term->bits6;
	bool own = strcmp(owner, doctor->asked->domain) == 0;

	if (term->qualifier == RESULT_PASS &&
	    (network || term->kind == SPF_TERM_A || term->kind == SPF_TERM_MX))
		check_width(doctor, term, owner);
	if (!network || !own)
		return;
	check_host_bits(doctor, term, bits);
	if (doctor_mx_is_private(&term->address))
		report_network(doctor, SPF_PRIVATE, term, owner, NULL);
	else if (term->qualifier == RESULT_PASS && bits == (term->kind == SPF_TERM_IP4 ? 32 : 128))
		doctor_spf_network_keep(doctor, &term->address, NULL);
}
