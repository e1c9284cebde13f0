/*
 * crypto_private.h - private keys, and signatures made with them.
 */
#ifndef ASSAY_CRYPTO_PRIVATE_H
#define ASSAY_CRYPTO_PRIVATE_H

#include "base/arena.h"
#include "base/problem.h"
#include "crypto/crypto.h"

enum {
	CRYPTO_SIGNATURE_MAX = CRYPTO_RSA_BITS_MAX / 8
};

/* A private key; const once read, many threads sign with it at once. Wiped when freed. */
struct crypto_private;

/*
 * From PEM text (PKCS#8, or PKCS#1 for RSA), not encrypted: RSA of 1024 to 4096 bits (RFC 8301 3.2)
 * or Ed25519. NULL and a problem where it is anything else; the words do not name the file.
 */
struct crypto_private *crypto_private_read(const char *pem, size_t length, struct problem *problem);
void crypto_private_free(struct crypto_private *key);

enum crypto_kind crypto_private_kind(const struct crypto_private *key);
unsigned crypto_private_bits(const struct crypto_private *key);

/* The octets for a p= tag: SubjectPublicKeyInfo for RSA, the bare 32 octets for Ed25519. NULL where
 * OpenSSL refuses. */
const unsigned char *crypto_private_public(const struct crypto_private *key, struct arena *arena,
                                           size_t *length);

/* A new key as PEM text of PKCS#8; `bits` counts for RSA alone. The caller wipes it. NULL where
 * OpenSSL refuses. */
char *crypto_private_new(enum crypto_kind kind, unsigned bits, struct arena *arena);

/* Signs a SHA-256 hash as crypto_verify() checks it. False where OpenSSL refuses. */
bool crypto_private_sign(const struct crypto_private *key, const unsigned char hash[CRYPTO_HASH],
                         unsigned char signature[CRYPTO_SIGNATURE_MAX], size_t *length);

/* Overwrites what was secret in a way that no compiler leaves out. */
void crypto_private_wipe(void *bytes, size_t length);

#endif
