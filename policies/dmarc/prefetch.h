/*
 * prefetch.h - starts the lookups that DMARC will want at the end of the message, while its header
 * passes.
 */
#ifndef ASSAY_PREFETCH_H
#define ASSAY_PREFETCH_H

#include "base/arena.h"
#include "dmarc/public_suffix.h"
#include "services.h"

struct prefetch;

/* `suffixes` as in organization.h: with a list, only the two names that it leads to are prefetched.
 */
struct prefetch *prefetch_begin(const struct services *services,
                                const struct public_suffix_list *suffixes, struct arena *arena);

/* An author domain, each once. What is asked about it has to be there in time: whoever sends the
 * message may spend all of its time for DNS answers on names of his own, which SPF and DKIM ask
 * first. */
void prefetch_author(struct prefetch *prefetch, const char *domain);

/* The domain of MAIL FROM or of a signature: worth a walk only where it may align with the author
 * domain. */
void prefetch_identifier(struct prefetch *prefetch, const char *domain);

/* The d= of a DKIM-Signature value. */
void prefetch_signature(struct prefetch *prefetch, const char *value);

#endif
