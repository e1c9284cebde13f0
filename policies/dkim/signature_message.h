/*
 * signature_message.h - one signature on its way through dkim.c, and why it came out as it did, in
 * words for a person who has to find out at three in the morning.
 */
#ifndef ASSAY_SIGNATURE_MESSAGE_H
#define ASSAY_SIGNATURE_MESSAGE_H

#include "dkim/signature_field.h"
#include "dkim/signature_key.h"
#include "dkim/verifier.h"
#include "message.h"

struct signature {
	struct header header;
	struct signature_field field;
	struct signature_key key;
	bool ours;          /* libopendkim does not get to see it: its hash is ours to make */
	size_t number;      /* among the verifier's, where it is not ours */
	size_t body;        /* its hash among those of the body */
	enum result result; /* RESULT_NONE: not decided yet */
	const char *reason;
};

const char *signature_message_expired(struct arena *arena, uint64_t when);

/* l= where it is not trusted: `limit` octets of a canonical body of `whole`. */
const char *signature_message_limit(struct arena *arena, uint64_t limit, uint64_t whole);

/* NULL for a pass. */
const char *signature_message_outcome(struct arena *arena, const struct signature *signature,
                                      const struct verifier_outcome *outcome);

/* Is bh= the hash of the body that came? False where there is none to compare. */
bool signature_message_body_is_same(const struct signature *signature,
                                    const struct verifier_outcome *outcome);

#endif
