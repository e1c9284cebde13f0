/*
 * crypto_hmac.h - HMAC with SHA-256 (RFC 2104): a hash that nobody can repeat without the key.
 */
#ifndef ASSAY_CRYPTO_HMAC_H
#define ASSAY_CRYPTO_HMAC_H

#include "crypto/crypto.h"

enum {
	CRYPTO_HMAC_KEY = 32 /* octets */
};

/* False if OpenSSL fails. From any thread. */
bool crypto_hmac(const unsigned char key[CRYPTO_HMAC_KEY], const char *bytes, size_t length,
                 unsigned char digest[CRYPTO_HASH]);

#endif
