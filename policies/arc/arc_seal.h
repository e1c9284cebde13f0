/*
 * arc_seal.h - one more set on the chain of a message: ARC-Authentication-Results,
 * ARC-Message-Signature and ARC-Seal, made of the message as the mail server sends it (RFC
 * 8617 5.1).
 */
#ifndef ASSAY_ARC_SEAL_H
#define ASSAY_ARC_SEAL_H

#include "arc/arc.h"
#include "arc/chain.h"
#include "finding.h"
#include "message.h"
#include "services.h"

struct arc_seal; /* one message's, in its arena */

/* The values of the three fields, without the space after the colon; folds are LF and a tab. */
struct arc_sealed {
	const char *results, *signature, *seal;
};

/* At the end of the header; the settings have a key. `services` has the clock; NULL: the time of
 * the message counts. */
struct arc_seal *arc_seal_begin(struct arena *arena, const struct arc_settings *settings,
                                const struct message *message, const struct services *services);

/* The body in chunks. */
void arc_seal_body(struct arc_seal *seal, const unsigned char *bytes, size_t length);

/*
 * Once, after the body: which set it will be. `chain` is arranged, and the new set goes on top of
 * it with cv= "pass"; with "none" or "fail" the seal covers its own set alone (RFC 8617 5.1.2).
 * Fills in the finding, whose `ready` is then for arc_seal_make().
 */
void arc_seal_end(struct arc_seal *seal, const struct chain *chain, unsigned instance,
                  const char *cv, struct seal_finding *finding);

/* `results` is the value of our own Authentication-Results. False where OpenSSL refuses, or the
 * header is too large to be signed. Pure. */
bool arc_seal_make(const struct arc_seal *seal, const char *results, struct arc_sealed *sealed);

#endif
