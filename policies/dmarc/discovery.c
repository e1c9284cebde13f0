/*
 * discovery.c - the record at the author domain, else at its organizational domain, else at its
 * public suffix domain; a record anywhere between is never used. Called by judgement.c.
 */
#include "dmarc/discovery.h"

#include "base/domain.h"

static void apply(struct discovery *discovery, const struct walk_answer *answer)
{
	discovery->record = answer->record;
	discovery->policy_domain = answer->domain;
}

/* RFC 9989 3.2.13: only NXDOMAIN says that a name does not exist; the type asked for is of no
 * matter (RFC 8020). */
static void find_existence(struct discovery *discovery, const struct services *services,
                           const char *author_domain)
{
	const struct answer *answer = services_lookup(services, author_domain, RECORD_A);

	discovery->author_exists = answer->status != LOOKUP_NO_NAME;
	if (answer->status == LOOKUP_FAILED && discovery->record->np > discovery->record->sp)
		discovery->existence = answer;
}

/* For a record above the author domain: np where that does not exist, else sp, falling back to p.
 */
static void choose_tag(struct discovery *discovery, const struct services *services,
                       const char *author_domain)
{
	const struct policy_record *record = discovery->record;

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
		apply(discovery, answer);
	else if (walk.suffix != NULL)
		apply(discovery, walk.suffix);
}

static enum request weakened(const struct policy_record *record, enum request published)
{
	if (record->broken || record->unusable || published == REQUEST_NONE)
		return REQUEST_NONE;
	return record->test_mode ? published - 1 : published;
}

/*
 * A lookup failed, so that nobody knows which record applies: the strictest that a record above the
 * author domain asks for on its behalf. It is what a forger who names a dead part of a domain would
 * escape from.
 */
static enum request at_stake_above(const struct organizations *organizations,
                                   const char *author_domain)
{
	const char *names[TREE_WALK_MAX];
	size_t count = tree_walk_names(author_domain, names);
	enum request strictest = REQUEST_NONE;

	for (size_t i = 1; i < count; i++) {
		struct discovery above = {.author_exists = true};
		enum request asked = REQUEST_NONE;

		search_above(&above, organizations, names[i]);
		if (above.record != NULL)
			asked = weakened(above.record, above.record->np > above.record->sp
			                                   ? above.record->np
			                                   : above.record->sp);
		if (asked > strictest)
			strictest = asked;
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
		apply(&discovery, own);
		discovery.tag = "p";
		discovery.published = own->record->p;
	} else {
		search_above(&discovery, organizations, author_domain);
		if (discovery.record != NULL)
			choose_tag(&discovery, services, author_domain);
	}
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
	return weakened(discovery->record, discovery->published);
}
