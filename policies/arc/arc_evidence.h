/*
 * arc_evidence.h - what the results of one ARC set say about the author domain of a message.
 */
#ifndef ASSAY_ARC_EVIDENCE_H
#define ASSAY_ARC_EVIDENCE_H

#include <stdbool.h>

#include "base/arena.h"
#include "finding.h"

enum arc_evidence {
	ARC_EVIDENCE_NONE,   /* nothing about the author domain */
	ARC_EVIDENCE_DMARC,  /* dmarc=pass with header.from of the author domain */
	ARC_EVIDENCE_DKIM,   /* dkim=pass with an aligned header.d */
	ARC_EVIDENCE_SPF,    /* spf=pass with an aligned smtp.mailfrom */
	ARC_EVIDENCE_AGAINST /* dmarc=fail for the author domain, or the field cannot be read */
};

/*
 * `results` is an authres-payload (RFC 8601 2.2); `dmarc` has exactly one author domain, the policy
 * record, whose adkim and aspf apply, and what compares organizational domains. `comparisons` is
 * how many of these may be made yet. A result whose property stands twice says nothing.
 */
enum arc_evidence arc_evidence_of(const char *results, const struct dmarc_finding *dmarc,
                                  unsigned *comparisons, struct arena *arena);

/* The address of the client that the results name (smtp.remote-ip, RFC 8617 10.2), in its usual
 * form; NULL where there is none, or it is not an address. */
const char *arc_evidence_remote(const char *results, struct arena *arena);

#endif
