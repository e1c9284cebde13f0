/*
 * own_results.h - what our own Authentication-Results fields say about outbound mail that came from
 * outside, was judged, and is sent on (by a mailing list, a Sieve redirect, a content filter).
 */
#ifndef ASSAY_OWN_RESULTS_H
#define ASSAY_OWN_RESULTS_H

#include "message.h"

/*
 * Why such a message is not to be signed for an author of this domain (internal form), as a
 * sentence; NULL where it may be: there is no Authentication-Results field in our name (RFC
 * 8601 5, 7.10), or each is about another author domain, or calls it passed. Forged fields are
 * removed when a message comes in, so these are really ours. A client that writes one itself only
 * keeps its own mail from being signed; no field makes mail be signed that would not be without it.
 * In the arena; time and memory are linear in the length of the fields.
 */
const char *own_results_objection(const struct message *message, const char *author,
                                  struct arena *arena);

#endif
