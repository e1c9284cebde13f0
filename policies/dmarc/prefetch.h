/*
 * prefetch.h - starts, while the header of a message passes, the lookups that DMARC needs at its
 * end.
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

/* Each author domain once. Its answers must arrive in time: the sender can use up all the time for
 * lookups of the message with his own names, which SPF and DKIM look up first. */
void prefetch_author(struct prefetch *prefetch, const char *domain);

/* The domain of MAIL FROM or of a signature; NULL is ignored. Walks only if it may align with the
 * author domain. */
void prefetch_identifier(struct prefetch *prefetch, const char *domain);

/* The d= of a DKIM-Signature value. */
void prefetch_signature(struct prefetch *prefetch, const char *value);

#endif
