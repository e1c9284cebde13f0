/*
 * source_publish.h - the records that mend what source_advice.c finds, as lines of a zone file:
 * what is published now with one term more, so that nothing else of it changes.
 */
#ifndef ASSAY_SOURCE_PUBLISH_H
#define ASSAY_SOURCE_PUBLISH_H

#include "received/source_facts.h"

/* The SPF record of `owner` with the term ("ip4:192.0.2.1") in it, or a first one. NULL where its
 * record is broken, several, or would need more lookups than receivers make. */
const char *source_publish_spf(struct source_facts *facts, const char *owner, const char *term);

/* The DMARC record of the domain with p=reject in the place of its policy; NULL where the policy is
 * another domain's, or cannot be read. */
const char *source_publish_reject(struct source_facts *facts);

/* "ip4:192.0.2.1", "ip6:2001:db8::1" */
const char *source_publish_term(const struct source_address *address, struct arena *arena);

#endif
