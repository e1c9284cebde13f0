/*
 * crosscheck.h - libopendmarc's opinion of a DMARC result, from the facts that Assay has
 * established.
 *
 * The library knows RFC 7489 only, and its discovery, record reader and alignment cannot be relied
 * on. So it is given one record reduced to what is in force, and each method's evidence at most
 * once, under the author domain, if and only if there is an aligned pass. What is left to it is the
 * policy's verdict; where that differs from ours, one of the two has a defect.
 */
#ifndef ASSAY_CROSSCHECK_H
#define ASSAY_CROSSCHECK_H

#include "base/arena.h"
#include "finding.h"

/* Once, before any thread asks. Further calls do nothing. */
void crosscheck_open(void);

/*
 * NULL where the library agrees or was not to be asked (results other than pass and fail; names
 * that it does not take); otherwise what it says instead, in words. No lookups, no files.
 */
const char *crosscheck_compare(const struct dmarc_finding *finding, const char *author_domain,
                               struct arena *arena);

#endif
