/*
 * failure_redact.c - the keyed hash that stands for a local part. Called where a field of a failure
 * report holds an address.
 */
#include "rows/failure_redact.h"

#include <string.h>

#include "base/domain.h"
#include "base/text.h"
#include "crypto/base64.h"

enum {
	HASH = 12 /* octets of it that are shown: 16 characters */
};

const char *failure_redact_local(const struct failure_key *key, const char *local, size_t length,
                                 const char *domain, struct arena *arena)
{
	const char *address =
	    arena_format(arena, "%s@%s", text_lower(arena, local, length), domain);
	unsigned char digest[CRYPTO_HASH];
	char *encoded;

	if (!crypto_hmac(key->bytes, address, strlen(address), digest))
		return "redacted";
	encoded = base64_encode(arena, digest, HASH);
	for (char *at = encoded; *at != '\0'; at++)
		*at = *at == '+' ? '-' : *at == '/' ? '_' : *at;
	return arena_format(arena, "redacted+%s", encoded);
}

const char *failure_redact_address(const struct failure_key *key, const char *address,
                                   struct arena *arena)
{
	const char *at = strrchr(address, '@');
	const char *domain = at == NULL ? NULL : domain_normalize(arena, at + 1, strlen(at + 1));

	if (domain == NULL)
		return "";
	return arena_format(
	    arena, "%s@%s",
	    failure_redact_local(key, address, (size_t)(at - address), domain, arena), domain);
}
