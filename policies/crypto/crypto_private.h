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

/* A private key. It never changes once read; many threads may sign with it at once. Wiped when
 * freed. */
struct crypto_private;

/*
 * Reads PEM text (PKCS#8, or PKCS#1 for RSA) without encryption: RSA of 1024 to 4096 bits (RFC
 * 8301 3.2) or Ed25519. NULL with a problem for anything else; the problem does not name the file.
 */
struct crypto_private *crypto_private_read(const char *pem, size_t length, struct problem *problem);
void crypto_private_free(struct crypto_private *key);

enum crypto_kind crypto_private_kind(const struct crypto_private *key);
unsigned crypto_private_bits(const struct crypto_private *key);

/* The octets for a p= tag: SubjectPublicKeyInfo for RSA, the 32 octets for Ed25519. NULL if OpenSSL
 * fails. */
const unsigned char *crypto_private_public(const struct crypto_private *key, struct arena *arena,
                                           size_t *length);

/* A new key as PEM text of PKCS#8; `bits` is for RSA only. The caller must wipe it. NULL if OpenSSL
 * fails. */
char *crypto_private_new(enum crypto_kind kind, unsigned bits, struct arena *arena);

/* Signs a SHA-256 hash, for crypto_verify(). False if OpenSSL fails. */
bool crypto_private_sign(const struct crypto_private *key, const unsigned char hash[CRYPTO_HASH],
                         unsigned char signature[CRYPTO_SIGNATURE_MAX], size_t *length);

/* Overwrites secret octets; the compiler cannot optimize it away. */
void crypto_private_wipe(void *bytes, size_t length);

#endif
