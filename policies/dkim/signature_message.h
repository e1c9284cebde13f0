/*
 * signature_message.h - one signature while dkim.c verifies it, and the sentences that say why it
 * got its result.
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
	size_t body;        /* number of its body hash */
	enum result result; /* RESULT_NONE: not decided yet */
	const char *reason;
	bool tls_report;            /* as in struct dkim_signature */
	const char *second_opinion; /* as in struct dkim_signature */
};

const char *signature_message_expired(struct arena *arena, uint64_t when);

/* For l= that is not trusted: it covers `limit` octets of a canonical body of `whole`. */
const char *signature_message_limit(struct arena *arena, uint64_t limit, uint64_t whole);

/* As much of b= of the one of that number as distinguishes it from every other one of the message
 * (RFC 6008 4); NULL without b=. */
const char *signature_message_header_b(struct arena *arena, const struct signature *signatures,
                                       size_t count, size_t number);

/* NULL for a pass. */
const char *signature_message_outcome(struct arena *arena, const struct signature *signature,
                                      const struct verifier_outcome *outcome);

/* Is bh= the hash of the body that was received? False if there is nothing to compare. */
bool signature_message_body_is_same(const struct signature *signature,
                                    const struct verifier_outcome *outcome);

#endif
