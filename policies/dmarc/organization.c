/*
 * organization.c - organizational domains, by the method of the settings. Called by discovery.c,
 * alignment.c and dmarc.c.
 */
#include "dmarc/organization.h"

#include "base/domain.h"
#include "base/invariant.h"

struct tree_walk organization_find(const struct organizations *organizations, const char *name)
{
	invariant(organizations->walks != NULL || organizations->suffixes != NULL);
	if (organizations->suffixes == NULL)
		return tree_walk_run(organizations->walks, name);
	return (struct tree_walk){.organizational_domain =
	                              public_suffix_organization(organizations->suffixes, name)};
}

bool organization_same(const struct organizations *organizations, const char *one,
                       const char *other)
{
	const struct public_suffix_list *suffixes = organizations->suffixes;

	if (domain_equal(one, other))
		return true;
	if (!domain_equal(domain_rightmost(one, 1), domain_rightmost(other, 1)))
		return false;
	if (suffixes != NULL)
		return domain_equal(public_suffix_organization(suffixes, one),
		                    public_suffix_organization(suffixes, other));
	return tree_walk_compare(organizations->walks, one, other) == WALK_SAME;
}
