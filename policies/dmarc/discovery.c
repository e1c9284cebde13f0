/*
 * discovery.c - the record at the author domain, else at its organizational domain, else at its
 * public suffix domain; records between these are never used. Called by judgement.c.
 */
#include "dmarc/discovery.h"

#include "base/domain.h"
#include "base/invariant.h"

static void use_record(struct discovery *discovery, const struct walk_answer *answer)
{
	discovery->record = answer->record;
	discovery->policy_domain = answer->domain;
}

/* RFC 9989 3.2.13: only NXDOMAIN says that a name does not exist, whatever type is looked up (RFC
 * 8020). */
static void find_existence(struct discovery *discovery, const struct services *services,
                           const char *author_domain)
{
	const struct answer *answer = services_lookup(services, author_domain, RECORD_A);

	discovery->author_exists = answer->status != LOOKUP_NO_NAME;
	services_debug(services, "DMARC: does %s exist: %s", author_domain,
	               lookup_names[answer->status]);
	if (answer->status == LOOKUP_FAILED && discovery->record->np > discovery->record->sp)
		discovery->existence = answer;
}

/* For a record above the author domain: np where that does not exist, else sp, falling back to p.
 */
static void choose_tag(struct discovery *discovery, const struct services *services,
                       const char *author_domain)
{
	const struct policy_record *record = discovery->record;

	invariant(record != NULL);
	if (record->has_np && !record->broken && record->np != record->sp)
		find_existence(discovery, services, author_domain);
	if (!discovery->author_exists) {
		discovery->tag = "np";
		discovery->published = record->np;
	} else {
		discovery->tag = record->has_sp ? "sp" : "p";
		discovery->published = record->sp;
	}
}

/* The records above the author domain that may apply. */
static void search_above(struct discovery *discovery, const struct organizations *organizations,
                         const char *author_domain)
{
	struct tree_walk walk = organization_find(organizations, author_domain);
	const struct walk_answer *answer;

	discovery->failed = walk.failed;
	if (walk.failed != NULL)
		return;
	answer = tree_walk_ask(organizations->walks, walk.organizational_domain);
	if (answer->failed)
		discovery->failed = answer;
	else if (answer->record != NULL)
		use_record(discovery, answer);
	else if (walk.suffix != NULL)
		use_record(discovery, walk.suffix);
}

static enum request weakened(const struct policy_record *record, enum request published)
{
	if (record->broken || record->unusable || published == REQUEST_NONE)
		return REQUEST_NONE;
	return record->test_mode ? published - 1 : published;
}

/*
 * If a lookup failed and the record that applies is unknown: the strictest policy that a record
 * above the author domain has for it. Without this a forger could escape a policy by using a part
 * of the domain whose name servers do not answer.
 */
static enum request at_stake_above(const struct organizations *organizations,
                                   const char *author_domain)
{
	const char *names[TREE_WALK_MAX];
	size_t count = tree_walk_names(author_domain, names);
	enum request strictest = REQUEST_NONE;

	for (size_t i = 1; i < count; i++) {
		struct discovery above = {.author_exists = true};
		enum request requested = REQUEST_NONE;

		search_above(&above, organizations, names[i]);
		if (above.record != NULL)
			requested = weakened(above.record, above.record->np > above.record->sp
			                                       ? above.record->np
			                                       : above.record->sp);
		if (requested > strictest)
			strictest = requested;
	}
	return strictest;
}

struct discovery discovery_make(const struct organizations *organizations,
                                const struct services *services, const char *author_domain)
{
	struct discovery discovery = {.author_exists = true};
	const struct walk_answer *own = tree_walk_ask(organizations->walks, author_domain);

	if (own->failed) {
		discovery.failed = own;
	} else if (own->record != NULL) {
		use_record(&discovery, own);
		discovery.tag = "p";
		discovery.published = own->record->p;
	} else {
		search_above(&discovery, organizations, author_domain);
		if (discovery.record != NULL)
			choose_tag(&discovery, services, author_domain);
	}
	services_debug(services, "DMARC: policy of %s: %s at %s", author_domain,
	               discovery.record == NULL ? "no record" : request_names[discovery.published],
	               discovery.policy_domain == NULL ? "no domain" : discovery.policy_domain);
	if (discovery.failed != NULL)
		discovery.at_stake = at_stake_above(organizations, author_domain);
	else if (discovery.record != NULL)
		discovery.at_stake =
		    weakened(discovery.record, discovery.existence != NULL ? discovery.record->np
		                                                           : discovery.published);
	return discovery;
}

enum request discovery_effective(const struct discovery *discovery)
{
	invariant(discovery->record != NULL);
	return weakened(discovery->record, discovery->published);
}
