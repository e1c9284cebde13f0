/*
 * second_opinion.h - libopendkim's opinion of the signatures of a message, from the keys that
 * signature_key.h found. `assay check` and the tests ask for it; mail on its way is not held up by
 * it.
 */
#ifndef ASSAY_SECOND_OPINION_H
#define ASSAY_SECOND_OPINION_H

#include "dkim/signature_message.h"
#include "dkim/verifier.h"
#include "services.h"

struct second_opinion; /* one message's, in its arena */

/*
 * At the end of the header. libopendkim gets the signatures that are not decided yet
 * (RESULT_NONE) and that it reads as RFC 6376 does; of the message, the fields that they cover.
 * `signatures` are the first `count` DKIM-Signature fields of the message, of `seen` in all, and
 * stay where they are.
 */
struct second_opinion *second_opinion_begin(const struct verifier *verifier,
                                            const struct message *message,
                                            const struct services *services, struct arena *arena,
                                            const struct signature *signatures, size_t count,
                                            size_t seen);

/* The body as line_ends.h passes it on. */
void second_opinion_body(struct second_opinion *opinion, const unsigned char *bytes, size_t length);

/* Once, when the keys were found and the body has ended. */
void second_opinion_end(struct second_opinion *opinion);

/* Of the signature of that number, which was verified with `ours`: NULL if libopendkim comes to the
 * same, or has no opinion; otherwise what it finds: "libopendkim: fail". */
const char *second_opinion_difference(const struct second_opinion *opinion, size_t number,
                                      enum verifier_result ours);

#endif
