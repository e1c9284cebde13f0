/*
 * source_facts.c - see source_facts.h. SPF is evaluated by the evaluator of the policy itself, so
 * what it says of an address is what receivers find.
 */
#include "received/source_facts.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/domain.h"
#include "base/invariant.h"
#include "base/text.h"
#include "dmarc/discovery.h"
#include "spf/spf_evaluate.h"
#include "spf/spf_record.h"

enum {
	NAMES_MAX = 10, /* of one address, as iprev.c has it */
	VOID_MAX = 2,   /* RFC 7208 4.6.4 */
	MX_MAX = 10
};

static int by_text(const void *one, const void *other)
{
	return strcmp(((const struct source_address *)one)->text,
	              ((const struct source_address *)other)->text);
}

static int by_messages(const void *one, const void *other)
{
	const struct source_address *const *a = one, *const *b = other;

	if ((*a)->messages != (*b)->messages)
		return (*a)->messages < (*b)->messages ? 1 : -1;
	return strcmp((*a)->text, (*b)->text);
}

/* Each address once, by its text. */
static void gather_addresses(struct source_facts *facts, const struct source_line *lines,
                             size_t count)
{
	struct source_address *all =
	    arena_allocate(facts->arena, (count + 1) * sizeof(struct source_address));

	for (size_t i = 0; i < count; i++)
		all[i] = (struct source_address){
		    .text = lines[i].address, .messages = lines[i].numbers.messages, .name = ""};
	qsort(all, count, sizeof *all, by_text);
	facts->addresses = all;
	for (size_t i = 0; i < count; i++) {
		if (facts->count > 0 && strcmp(all[facts->count - 1].text, all[i].text) == 0) {
			all[facts->count - 1].messages += all[i].messages;
			continue;
		}
		all[facts->count] = all[i];
		if (!address_parse(all[i].text, &all[facts->count].address))
			all[facts->count].address.family = ADDRESS_UNKNOWN;
		facts->count++;
	}
}

static const struct answer *source_facts_ask(struct source_facts *facts, const char *name,
                                             enum record_type type)
{
	const struct answer *answer = services_lookup(facts->site->services, name, type);

	facts->unsure = facts->unsure || answer->status == LOOKUP_FAILED;
	return answer;
}

const char *source_facts_organization(const struct source_facts *facts, const char *name)
{
	if (facts->site->suffixes != NULL)
		return public_suffix_organization(facts->site->suffixes, name);
	return domain_rightmost(name, 2);
}

static const char *source_facts_first_word(struct source_facts *facts, const char *term,
                                           const char *word)
{
	size_t length = strlen(word);

	term += strspn(term, "+");
	if (strncasecmp(term, word, length) != 0)
		return NULL;
	return text_lower(facts->arena, term + length, strlen(term + length));
}

static struct spf_finding source_facts_evaluate(struct source_facts *facts, const char *domain,
                                                const struct address *address, unsigned void_max)
{
	const struct spf_request request = {
	    .services = facts->site->services,
	    .arena = facts->arena,
	    .client = *address,
	    .scope = SPF_SCOPE_MAILFROM,
	    .domain = domain,
	    .sender = arena_format(facts->arena, "postmaster@%s", domain),
	    .local_part = "postmaster",
	    .local_part_ascii = true,
	    .helo = domain,
	    .receiver = facts->site->receiver,
	    .now = facts->site->services->now(facts->site->services->context),
	    .void_lookups_max = void_max};
	struct spf_finding finding = {.scope = SPF_SCOPE_MAILFROM, .domain = domain};

	invariant(domain != NULL && address->family != ADDRESS_UNKNOWN);
	spf_evaluate(&request, &finding);
	facts->unsure = facts->unsure || finding.result == RESULT_TEMPERROR;
	return finding;
}

const char *source_facts_spf(struct source_facts *facts, const char *domain,
                             const struct address *address, const char **term)
{
	struct spf_finding finding = source_facts_evaluate(facts, domain, address, VOID_MAX);

	*term = finding.result == RESULT_PASS ? finding.mechanism : NULL;
	return result_names[finding.result];
}

/* An address that no record names makes the evaluation go through all terms, whatever they find. */
unsigned source_facts_spf_lookups(struct source_facts *facts, const char *domain)
{
	static const unsigned char nobody[4] = {255, 255, 255, 254};
	const struct address address = address_ipv4(nobody);

	return source_facts_evaluate(facts, domain, &address, SPF_TERMS_MAX + 1).lookups;
}

const char *source_facts_spf_record(struct source_facts *facts, const char *domain)
{
	const struct answer *answer = source_facts_ask(facts, domain, RECORD_TXT);
	const char *text;
	size_t length;

	if (spf_record_select(answer, &text, &length) != 1)
		return NULL;
	return arena_copy(facts->arena, text, length);
}

/* "all" and "exists" say nothing about an address. */
static bool names_addresses(const char *term)
{
	term += strspn(term, "+");
	return strncasecmp(term, "all", 3) != 0 && strncasecmp(term, "exists", 6) != 0 &&
	       strncasecmp(term, "ptr", 3) != 0;
}

static void find_term(struct source_facts *facts, struct source_address *address)
{
	const char *term = NULL;

	source_facts_spf(facts, facts->site->domain, &address->address, &term);
	if (term == NULL || !names_addresses(term))
		return;
	address->term = term;
	address->included = source_facts_first_word(facts, term, "include:");
	if (address->included == NULL)
		address->included = source_facts_first_word(facts, term, "redirect=");
	if (address->included == NULL || domain_within(address->included, facts->organization))
		address->ours = true;
	if (address->ours)
		address->included = NULL;
}

static bool source_facts_leads_back(struct source_facts *facts, const char *name,
                                    const struct address *address, bool *failed)
{
	const struct answer *answer =
	    services_lookup(facts->site->services, name, services_address_type(address));

	*failed = *failed || answer->status == LOOKUP_FAILED;
	for (size_t i = 0; i < answer->count; i++)
		if (address_equal(&answer->records[i].address, address))
			return true;
	return false;
}

/* RFC 8601 3. A lookup that failed is not kept: it says nothing. */
static const char *look_up_name(struct source_facts *facts, const struct source_address *address)
{
	char reverse[ADDRESS_REVERSE_NAME];
	const struct answer *names;
	bool failed;

	address_reverse_name(&address->address, reverse);
	names = services_lookup(facts->site->services, reverse, RECORD_PTR);
	failed = names->status == LOOKUP_FAILED;
	for (size_t i = 0; i < names->count && i < NAMES_MAX; i++) {
		const char *name = names->records[i].name;

		if (source_facts_leads_back(facts, name, &address->address, &failed))
			return domain_normalize(facts->arena, name, strlen(name));
	}
	facts->unsure = facts->unsure || failed;
	return failed ? NULL : "";
}

static void find_name(struct source_facts *facts, struct source_address *address)
{
	const struct source_site *site = facts->site;
	const char *name = site->name == NULL ? NULL : site->name(site->context, address->text);

	if (name == NULL && site->ask_names) {
		name = look_up_name(facts, address);
		if (name != NULL && site->keep != NULL)
			site->keep(site->context, address->text, name);
	}
	address->name = name == NULL ? "" : name;
	/* only who answers for the domain can make such a name lead back */
	if (address->name[0] != '\0' && domain_within(address->name, facts->organization))
		address->ours = true;
}

static bool is_exchange(struct source_facts *facts, const struct address *address)
{
	const struct answer *exchanges = source_facts_ask(facts, facts->site->domain, RECORD_MX);

	for (size_t i = 0; i < exchanges->count && i < MX_MAX; i++) {
		const char *name = exchanges->records[i].name;
		bool failed = false;

		if (name[0] != '\0' && domain_within(name, facts->organization) &&
		    source_facts_leads_back(facts, name, address, &failed))
			return true;
	}
	return false;
}

static void find_policy(struct source_facts *facts)
{
	const struct organizations organizations = {
	    .walks = tree_walk_begin(facts->site->services, facts->arena),
	    .suffixes = facts->site->suffixes};
	struct discovery discovery =
	    discovery_make(&organizations, facts->site->services, facts->site->domain);

	facts->policy = "";
	facts->unsure = facts->unsure || discovery.failed != NULL;
	if (discovery.failed != NULL || discovery.record == NULL)
		return;
	facts->policy = request_names[discovery_effective(&discovery)];
	facts->policy_domain = discovery.policy_domain;
	facts->policy_text = discovery.record->text;
}

void source_facts_find(struct source_facts *facts, const struct source_site *site,
                       const struct source_line *lines, size_t count, struct arena *arena)
{
	struct source_address **ranked;

	invariant(site->services != NULL && site->domain != NULL);
	*facts = (struct source_facts){.site = site, .arena = arena};
	facts->organization = source_facts_organization(facts, site->domain);
	gather_addresses(facts, lines, count);
	find_policy(facts);
	ranked = arena_allocate(arena, (facts->count + 1) * sizeof(struct source_address *));
	for (size_t i = 0; i < facts->count; i++)
		ranked[i] = &facts->addresses[i];
	qsort(ranked, facts->count, sizeof *ranked, by_messages);
	for (size_t i = 0; i < facts->count; i++) {
		struct source_address *address = ranked[i];

		if (address->address.family == ADDRESS_UNKNOWN)
			continue;
		address->ours = address_in_networks(&address->address, site->ours);
		if (i >= SOURCES_ASKED_MAX)
			continue;
		find_term(facts, address);
		find_name(facts, address);
		address->ours = address->ours || is_exchange(facts, &address->address);
	}
}

const struct source_address *source_facts_of(const struct source_facts *facts, const char *address)
{
	const struct source_address key = {.text = address};

	return bsearch(&key, facts->addresses, facts->count, sizeof *facts->addresses, by_text);
}
