/*
 * organization.h - the organizational domain of a name, by tree walk (RFC 9989 4.10.2) or by the
 * Public Suffix List (RFC 7489 3.2), as the settings say.
 */
#ifndef ASSAY_ORGANIZATION_H
#define ASSAY_ORGANIZATION_H

#include "dmarc/public_suffix.h"
#include "dmarc/tree_walk.h"

struct organizations {
	struct tree_walks *walks;
	const struct public_suffix_list *suffixes; /* NULL: by tree walk */
};

/* By list, nothing fails and there is no record of a suffix. */
struct tree_walk organization_find(const struct organizations *organizations, const char *name);

/* Is it certain that two names have the same organizational domain? Looks nothing up if they do not
 * even have the last label in common. */
bool organization_same(const struct organizations *organizations, const char *one,
                       const char *other);

#endif
