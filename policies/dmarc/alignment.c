/*
 * alignment.c - compares an identifier with the author domain, strictly or by organizational
 * domain. Called by judgement.c for the SPF identity and for each signature.
 */
#include "dmarc/alignment.h"

#include "base/domain.h"
#include "base/invariant.h"

/* After a failed lookup; only tree walks look anything up. */
static enum alignment_outcome find_in_doubt(struct alignment *alignment, const char *author_domain,
                                            const struct organizations *organizations,
                                            const struct walk_answer *failed, struct arena *arena)
{
	invariant(organizations->walks != NULL);
	switch (tree_walk_compare(organizations->walks, alignment->domain, author_domain)) {
	case WALK_SAME:
		alignment->why = arena_format(
		    arena,
		    "same organizational domain, whatever the failed lookup of _dmarc.%s "
		    "would have found",
		    failed->domain);
		return ALIGNMENT_YES;
	case WALK_DIFFERENT:
		alignment->why = arena_format(
		    arena,
		    "organizational domains differ, whatever the failed lookup of _dmarc.%s "
		    "would have found",
		    failed->domain);
		return ALIGNMENT_NO;
	default:
		alignment->fault = failed->fault;
		alignment->why =
		    arena_format(arena, "unknown: the lookup of _dmarc.%s failed", failed->domain);
		return ALIGNMENT_UNKNOWN;
	}
}

/*
 * Two names can have the same organizational domain only if both are within it. So a domain outside
 * the author's organizational domain needs no walk of its own, and one without even the last label
 * in common needs no walk at all.
 */
static enum alignment_outcome find_relaxed(struct alignment *alignment, const char *author_domain,
                                           const struct organizations *organizations,
                                           struct arena *arena)
{
	struct tree_walk author, own;

	if (!domain_equal(domain_rightmost(alignment->domain, 1),
	                  domain_rightmost(author_domain, 1))) {
		alignment->why = "nothing in common with the author domain";
		return ALIGNMENT_NO;
	}
	author = organization_find(organizations, author_domain);
	if (author.failed != NULL)
		return find_in_doubt(alignment, author_domain, organizations, author.failed, arena);
	if (!domain_within(alignment->domain, author.organizational_domain)) {
		alignment->why =
		    arena_format(arena, "outside %s, the author's organizational domain",
		                 author.organizational_domain);
		return ALIGNMENT_NO;
	}
	own = organization_find(organizations, alignment->domain);
	if (own.failed != NULL)
		return find_in_doubt(alignment, author_domain, organizations, own.failed, arena);
	alignment->organizational_domain = own.organizational_domain;
	if (domain_equal(own.organizational_domain, author.organizational_domain)) {
		alignment->why =
		    arena_format(arena, "same organizational domain %s", own.organizational_domain);
		return ALIGNMENT_YES;
	}
	alignment->why =
	    arena_format(arena, "organizational domains differ: %s, and %s of the author domain",
	                 own.organizational_domain, author.organizational_domain);
	return ALIGNMENT_NO;
}

enum alignment_outcome alignment_find(struct alignment *alignment, const char *author_domain,
                                      const struct organizations *organizations,
                                      struct arena *arena)
{
	enum alignment_outcome outcome = ALIGNMENT_NO;

	invariant(alignment->domain != NULL && author_domain != NULL);
	if (domain_equal(alignment->domain, author_domain)) {
		alignment->why = "same domain";
		outcome = ALIGNMENT_YES;
	} else if (alignment->strict) {
		alignment->why = "not the same domain, as strict alignment requires";
	} else {
		outcome = find_relaxed(alignment, author_domain, organizations, arena);
	}
	alignment->aligned = outcome == ALIGNMENT_YES;
	return outcome;
}
