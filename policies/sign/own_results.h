/*
 * own_results.h - what the fields of our own in a message of ours say of it: it came from outside,
 * was judged, and is sent on (by a mailing list, a Sieve redirect, a content filter).
 */
#ifndef ASSAY_OWN_RESULTS_H
#define ASSAY_OWN_RESULTS_H

#include "message.h"

/*
 * In words, why such a message is not to be signed for an author of this domain (internal form);
 * NULL where nothing stands against it: there is no Authentication-Results field in our name (RFC
 * 8601 5, 7.10), or each is about another author domain, or calls it passed. Fields in our name
 * that strangers write are removed at the door, so these are ours; a login that writes one keeps
 * its own mail from being signed, and no field makes mail signed that would not be without it. In
 * the arena; time and memory are linear in the length of the fields.
 */
const char *own_results_objection(const struct message *message, const char *author,
                                  struct arena *arena);

#endif
