/*
 * discovery.c - the record at the author domain, else at its organizational domain, else at its public suffix
 * domain; a record anywhere between is never used. Called by judgement.c.
 */
#include "dmarc/discovery.h"

#include "domain.h"

/* RFC 9989 3.2.13: only NXDOMAIN says that a name does not exist; the type asked for is of no matter (RFC
 * 8020). */
static bool exists(const struct services *services, const char *name)
{
	return services_lookup(services, name, RECORD_A)->status != LOOKUP_NO_NAME;
}

static void apply(struct discovery *discovery, const struct walk_answer *answer)
{
	discovery->record = answer->record;
	discovery->policy_domain = answer->domain;
}

/* For a record above the author domain: np where that does not exist, else sp, falling back to p. */
static void choose_tag(struct discovery *discovery, const struct services *services,
                       const char *author_domain)
{
	const struct policy_record *record = discovery->record;

	if (record->has_np && !record->broken && record->np != record->sp)
		discovery->author_exists = exists(services, author_domain);
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

struct discovery discovery_make(const struct organizations *organizations, const struct services *services,
                                const char *author_domain)
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
	return discovery;
}

enum request discovery_effective(const struct discovery *discovery)
{
	if (discovery->record->broken || discovery->published == REQUEST_NONE)
		return REQUEST_NONE;
	return discovery->record->test_mode ? discovery->published - 1 : discovery->published;
}
