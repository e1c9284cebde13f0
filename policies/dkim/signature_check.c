/*
 * signature_check.c - compares a signature with its key and with the hashes of the message. Called
 * by dkim.c and by arc/, at the end of the message.
 */
#include "dkim/signature_check.h"

#include "base/invariant.h"

enum {
	EXPIRY_TOLERANCE = 300 /* seconds that clocks may differ */
};

const char *signature_check_expiry(struct arena *arena, const struct signature_field *field,
                                   time_t now)
{
	uint64_t seconds = (uint64_t)now;

	if (!field->expires_ever || seconds <= EXPIRY_TOLERANCE ||
	    field->expires >= seconds - EXPIRY_TOLERANCE)
		return NULL;
	return signature_message_expired(arena, field->expires);
}

/*
 * libopendkim makes the hash of the header, but the signature is verified here: the library decodes
 * the key again for each signature, which takes longer than everything else for a message of 2 kB,
 * and uses only one of several keys at a name.
 */
bool signature_check_keys(const struct signature *signature, const unsigned char *header_hash)
{
	const struct signature_key *key = &signature->key;

	invariant(key->count > 0 && key->count <= KEYS_MAX);
	for (size_t i = 0; i < key->count; i++)
		if (crypto_verify(&key->keys[i], header_hash, signature->field.signature,
		                  signature->field.signature_length))
			return true;
	return false;
}

enum verifier_result signature_check(const struct signature *signature,
                                     const struct verifier_outcome *outcome, uint64_t whole)
{
	const struct signature_field *field = &signature->field;

	if (outcome->header_hash == NULL || outcome->body_hash == NULL)
		return VERIFIER_UNABLE;
	if (field->has_limit && field->limit > whole)
		return VERIFIER_BODY_SHORT;
	if (!signature_check_keys(signature, outcome->header_hash))
		return VERIFIER_SIGNATURE_DIFFERS;
	return signature_message_body_is_same(signature, outcome) ? VERIFIER_PASS
	                                                          : VERIFIER_BODY_DIFFERS;
}

const char *signature_check_limit(struct arena *arena, const struct signature_field *field,
                                  const struct dkim_settings *settings, uint64_t whole)
{
	int trust = settings->body_length_limit;

	if (!field->has_limit || trust == BODY_LENGTH_ACCEPT)
		return NULL;
	if (field->limit < whole || trust == BODY_LENGTH_DISTRUST)
		return signature_message_limit(arena, field->limit, whole);
	return NULL;
}
