/*
 * source_facts.h - what the DNS says about a domain and about the addresses that send as it: for
 * sources.c and source_advice.c.
 */
#ifndef ASSAY_SOURCE_FACTS_H
#define ASSAY_SOURCE_FACTS_H

#include "received/sources.h"

/* What one address is to the domain. */
struct source_address {
	const char *text;
	struct address address; /* ADDRESS_UNKNOWN where the text is none */
	int64_t messages;
	bool ours;
	const char *term;     /* of the domain's SPF record that lets it pass; NULL for none */
	const char *included; /* the name behind that term where it is an include or a redirect */
	const char *name;     /* that leads back; "" for none or unknown */
};

struct source_facts {
	const struct source_site *site;
	struct arena *arena;
	size_t count;
	struct source_address *addresses; /* by their text */
	const char *organization;         /* of the domain */
	const char *policy;               /* that applies, "" for none */
	const char *policy_domain;        /* whose record that is, and its text; NULL for none */
	const char *policy_text;
	bool unsure; /* a lookup failed */
};

void source_facts_find(struct source_facts *facts, const struct source_site *site,
                       const struct source_line *lines, size_t count, struct arena *arena);

/* NULL: no line has it. */
const struct source_address *source_facts_of(const struct source_facts *facts, const char *address);

/* The organizational domain of a name. */
const char *source_facts_organization(const struct source_facts *facts, const char *name);

/* The one SPF record of a name, NULL for none or several. */
const char *source_facts_spf_record(struct source_facts *facts, const char *domain);

/* How many lookups the SPF record of a domain costs (RFC 7208 4.6.4); more than ten where that is
 * too many. */
unsigned source_facts_spf_lookups(struct source_facts *facts, const char *domain);

/* What SPF says of an address for a domain today, as a name of result_names; "none" where the
 * domain has no record. */
const char *source_facts_spf(struct source_facts *facts, const char *domain,
                             const struct address *address, const char **term);

#endif
