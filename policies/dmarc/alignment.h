/*
 * alignment.h - does an authenticated identifier belong to the author domain (RFC 9989 3.2.4, 4.4)?
 */
#ifndef ASSAY_ALIGNMENT_H
#define ASSAY_ALIGNMENT_H

#include <stdbool.h>

#include "base/arena.h"
#include "dmarc/organization.h"
#include "finding.h"

enum alignment_outcome {
	ALIGNMENT_NO,
	ALIGNMENT_YES,
	ALIGNMENT_UNKNOWN /* a lookup failed that would have told */
};

/*
 * Fills in `aligned`, `organizational_domain` and `why` of an alignment whose `domain` and `strict`
 * are given. Walks only where the answer depends on it.
 */
enum alignment_outcome alignment_find(struct alignment *alignment, const char *author_domain,
                                      const struct organizations *organizations,
                                      struct arena *arena);

#endif
