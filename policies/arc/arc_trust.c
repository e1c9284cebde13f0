/*
 * arc_trust.c - which sets of a chain are believed, and what the lowest of them says about the
 * author. Called once ARC and DMARC have been judged (policy_arc_trust.c); decision_arc.c acts on
 * it. Pure but for the lookups that comparing organizational domains takes.
 *
 * A set that was sealed by nobody listed ends the walk: whoever stood between could have written
 * another message under the older sets.
 */
#include "arc/arc_trust.h"

#include "arc/arc_evidence.h"
#include "base/domain.h"
#include "base/invariant.h"
#include "dmarc/organization.h"

enum {
	COMPARISONS_MAX = 6 /* of organizational domains, for one message */
};

struct arc_trust {
	const struct arc_finding *arc;
	const struct strings *trusted; /* NULL: everybody is, to see what listing would do */
	const struct dmarc_finding *dmarc;
	unsigned comparisons;
	struct arena *arena;
};

/* What the believed sets lead to. */
struct arc_belief {
	size_t lowest; /* index of the oldest believed set; the count: none is */
	enum arc_evidence evidence;
	size_t index; /* of the set that has it */
};

static bool arc_trust_is_listed(const struct arc_trust *trust, const char *domain)
{
	if (domain == NULL)
		return false;
	for (size_t i = 0; trust->trusted != NULL && i < trust->trusted->count; i++)
		if (domain_matches(trust->trusted->items[i], domain))
			return true;
	return trust->trusted == NULL;
}

static bool is_one_sealer(struct arc_trust *trust, const struct arc_set *set)
{
	if (domain_equal(set->domain, set->ams_domain))
		return true;
	/* strangers are not worth lookups */
	if (trust->trusted == NULL || trust->dmarc->organizations == NULL ||
	    trust->comparisons == 0)
		return false;
	trust->comparisons--;
	return organization_same(trust->dmarc->organizations, set->domain, set->ams_domain);
}

static bool is_believed(struct arc_trust *trust, const struct arc_set *set)
{
	return arc_trust_is_listed(trust, set->domain) &&
	       arc_trust_is_listed(trust, set->ams_domain) && is_one_sealer(trust, set);
}

static size_t lowest_believed(struct arc_trust *trust)
{
	size_t lowest = trust->arc->count;

	while (lowest > 0 && is_believed(trust, &trust->arc->sets[lowest - 1]))
		lowest--;
	return lowest;
}

/* The oldest comes first: it saw the message nearest to its author. */
static struct arc_belief believe(struct arc_trust *trust)
{
	struct arc_belief belief = {.lowest = lowest_believed(trust)};

	belief.index = belief.lowest;
	for (; belief.index < trust->arc->count; belief.index++) {
		const char *results = trust->arc->sets[belief.index].results;

		belief.evidence =
		    results == NULL
		        ? ARC_EVIDENCE_NONE
		        : arc_evidence_of(results, trust->dmarc, &trust->comparisons, trust->arena);
		if (belief.evidence != ARC_EVIDENCE_NONE)
			break;
	}
	return belief;
}

static bool restores(const struct arc_belief *belief)
{
	return belief->evidence != ARC_EVIDENCE_NONE && belief->evidence != ARC_EVIDENCE_AGAINST;
}

static void mark_trusted(struct arc_finding *arc, size_t lowest, struct arena *arena)
{
	struct arc_set *sets = arena_allocate(arena, arc->count * sizeof *sets);

	for (size_t i = 0; i < arc->count; i++) {
		sets[i] = arc->sets[i];
		sets[i].trusted = i >= lowest;
	}
	arc->sets = sets;
}

static bool is_usable(const struct arc_finding *arc)
{
	return arc->result == RESULT_PASS && !arc->temporary && arc->count > 0;
}

/* Is there anything to restore, and somebody whose mail it would be? */
static bool arc_trust_is_wanted(const struct dmarc_finding *dmarc)
{
	return dmarc->result == RESULT_FAIL && dmarc->author.state == AUTHOR_ONE &&
	       dmarc->author.domain != NULL && dmarc->record != NULL;
}

static void set_restored(struct arc_finding *arc, const struct arc_belief *belief)
{
	static const char *const names[] = {[ARC_EVIDENCE_DMARC] = "dmarc",
	                                    [ARC_EVIDENCE_DKIM] = "dkim",
	                                    [ARC_EVIDENCE_SPF] = "spf"};

	invariant(belief->index < arc->count && belief->evidence < ARC_EVIDENCE_AGAINST);
	arc->trusted_by = arc->sets[arc->count - 1].domain;
	arc->restored = names[belief->evidence];
	arc->restored_set = arc->sets[belief->index].instance;
}

/* What would be believed if whoever sealed the message were listed; `lowest` of the sets is the
 * oldest that is believed as it is. */
static void try_everybody(struct arc_finding *arc, const struct arc_trust *trust, size_t lowest)
{
	struct arc_trust everybody = *trust;
	struct arc_belief belief;

	everybody.trusted = NULL;
	belief = believe(&everybody);
	if (restores(&belief) && lowest > 0)
		arc->would_restore = arc->sets[lowest - 1].domain;
}

void arc_trust_judge(struct arc_finding *arc, const struct strings *trusted,
                     const struct dmarc_finding *dmarc, const struct services *services,
                     struct arena *arena)
{
	struct arc_trust trust = {arc, trusted, dmarc, COMPARISONS_MAX, arena};
	struct arc_belief belief;

	invariant(trusted != NULL && (arc->count == 0 || arc->sets != NULL));
	if (!is_usable(arc))
		return;
	if (arc->sets[0].results != NULL)
		arc->remote_address = arc_evidence_remote(arc->sets[0].results, arena);
	if (!arc_trust_is_wanted(dmarc)) {
		mark_trusted(arc, lowest_believed(&trust), arena);
		return;
	}
	belief = believe(&trust);
	mark_trusted(arc, belief.lowest, arena);
	if (restores(&belief))
		set_restored(arc, &belief);
	else
		try_everybody(arc, &trust, belief.lowest);
	services_debug(services, "ARC: of %zu sets %zu are believed, %s", arc->count,
	               arc->count - belief.lowest,
	               arc->restored != NULL        ? "they restore the message"
	               : arc->would_restore != NULL ? "listing its sealer would restore it"
	                                            : "they restore nothing");
}
