/*
 * judgement.h - DMARC for one author domain: policy, alignments, result (RFC 9989 5.3).
 */
#ifndef ASSAY_JUDGEMENT_H
#define ASSAY_JUDGEMENT_H

#include "dmarc/organization.h"
#include "finding.h"
#include "message.h"
#include "services.h"

/* What a judgement needs besides the author domain. */
struct judgement {
	const struct message *message;
	const struct findings *findings; /* of SPF and DKIM */
	const struct organizations *organizations;
	const struct services *services;
	struct arena *arena;
};

/* Fills in everything of `finding` but author, steps and discovery. */
void judgement_make(const struct judgement *judgement, const char *author_domain,
                    struct dmarc_finding *finding);

#endif
