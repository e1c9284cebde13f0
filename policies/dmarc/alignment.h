/*
 * alignment.h - whether an authenticated identifier is aligned with the author domain (RFC
 * 9989 3.2.4, 4.4).
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
	ALIGNMENT_UNKNOWN /* it depends on a lookup that failed */
};

/*
 * Fills in `aligned`, `organizational_domain` and `why` of an alignment; the caller has set
 * `domain` and `strict`. Looks names up only if the result depends on them.
 */
enum alignment_outcome alignment_find(struct alignment *alignment, const char *author_domain,
                                      const struct organizations *organizations,
                                      struct arena *arena);

#endif
