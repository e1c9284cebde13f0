/*
 * crosscheck.h - libopendmarc's opinion of a DMARC result, from the facts that Assay has
 * established.
 *
 * The library implements RFC 7489 only, and its discovery, record reader and alignment are not
 * reliable. So it gets a record reduced to the policy in force, and a pass of each method, under
 * the author domain, if and only if there is an aligned pass. It only has to derive the verdict; if
 * that differs from ours, one of the two has a defect.
 */
#ifndef ASSAY_CROSSCHECK_H
#define ASSAY_CROSSCHECK_H

#include "base/arena.h"
#include "finding.h"

/* Must be called before any thread compares. Further calls do nothing. */
void crosscheck_open(void);

/*
 * NULL if the library agrees or cannot be asked (results other than pass and fail; names that it
 * refuses); otherwise both verdicts as a sentence. No lookups, no files.
 */
const char *crosscheck_compare(const struct dmarc_finding *finding, const char *author_domain,
                               struct arena *arena);

#endif
