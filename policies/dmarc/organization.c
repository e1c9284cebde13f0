/*
 * organization.c - the one place that knows both ways to an organizational domain. Called by discovery.c and
 * alignment.c.
 */
#include "dmarc/organization.h"

struct tree_walk organization_find(const struct organizations *organizations, const char *name)
{
	if (organizations->suffixes == NULL)
		return tree_walk_run(organizations->walks, name);
	return (struct tree_walk){.organizational_domain =
	                              public_suffix_organization(organizations->suffixes, name)};
}
