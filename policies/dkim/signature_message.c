/*
 * signature_message.c - the reasons of results. Called by dkim.c. They are shown in the log, in
 * Authentication-Results, in reports and by `assay check`, so each says what happened and, if that
 * is known, what was changed.
 */
#include "dkim/signature_message.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "base/invariant.h"

enum {
	HEADER_B_MIN = 8, /* RFC 6008 4 */
	HEADER_B_MAX = 128
};

const char *signature_message_expired(struct arena *arena, uint64_t when)
{
	time_t seconds = (time_t)when;
	struct tm parts;
	char date[32];

	if (gmtime_r(&seconds, &parts) == NULL ||
	    strftime(date, sizeof date, "%Y-%m-%d %H:%M UTC", &parts) == 0)
		return "expired long ago (x=)";
	return arena_format(arena, "expired on %s (x=)", date);
}

const char *signature_message_limit(struct arena *arena, uint64_t limit, uint64_t whole)
{
	invariant(limit <= whole);
	if (limit < whole)
		return arena_format(arena,
		                    "l= covers only %" PRIu64 " of %" PRIu64 " octets of the body",
		                    limit, whole);
	return arena_format(
	    arena, "l= covers all %" PRIu64 " octets of the body, but lets anyone append to it",
	    whole);
}

bool signature_message_body_is_same(const struct signature *signature,
                                    const struct verifier_outcome *outcome)
{
	const unsigned char *hash = signature->field.body_hash;

	return hash != NULL && outcome->body_hash != NULL &&
	       memcmp(hash, outcome->body_hash, CRYPTO_HASH) == 0;
}

const char *signature_message_outcome(struct arena *arena, const struct signature *signature,
                                      const struct verifier_outcome *outcome)
{
	switch (outcome->result) {
	case VERIFIER_PASS:
		return NULL;
	case VERIFIER_BODY_DIFFERS:
		return "body hash does not match: the body was changed after signing";
	case VERIFIER_BODY_SHORT:
		return arena_format(arena,
		                    "l= covers %" PRIu64
		                    " octets, more than the body has: it was cut after "
		                    "signing",
		                    signature->field.limit);
	case VERIFIER_SIGNATURE_DIFFERS:
		if (signature_message_body_is_same(signature, outcome))
			return "signature does not verify: a signed header field was changed, or "
			       "the key was";
		return "signature does not verify, and the body was changed after signing";
	case VERIFIER_UNABLE:
		break;
	}
	return "OpenSSL could not make the hashes to verify the signature with";
}

const char *signature_message_header_b(struct arena *arena, const struct signature *signatures,
                                       size_t count, size_t number)
{
	const char *own = signatures[number].field.b;
	size_t length = HEADER_B_MIN;

	for (size_t i = 0; own != NULL && i < count; i++) {
		const char *other = signatures[i].field.b;
		size_t same = 0;

		if (i == number || other == NULL)
			continue;
		while (same < HEADER_B_MAX && own[same] != '\0' && own[same] == other[same])
			same++;
		if (own[same] != other[same] && same >= length)
			length = same < HEADER_B_MAX ? same + 1 : HEADER_B_MAX;
	}
	return own == NULL ? NULL : arena_copy(arena, own, strnlen(own, length));
}
