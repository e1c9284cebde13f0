/*
 * crypto_hmac.c - HMAC with SHA-256 by OpenSSL. Called where addresses are made unreadable
 * (filter/rows/failure_redact.c).
 */
#include "crypto/crypto_hmac.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/invariant.h"

bool crypto_hmac(const unsigned char key[CRYPTO_HMAC_KEY], const char *bytes, size_t length,
                 unsigned char digest[CRYPTO_HASH])
{
	unsigned made = 0;

	invariant(key != NULL && bytes != NULL);
	return HMAC(EVP_sha256(), key, CRYPTO_HMAC_KEY, (const unsigned char *)bytes, length,
	            digest, &made) != NULL &&
	       made == CRYPTO_HASH;
}
