/*
 * crypto.h - public keys and signatures over a hash. The files crypto*.c alone in policies/ know
 * OpenSSL.
 */
#ifndef ASSAY_CRYPTO_H
#define ASSAY_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

enum crypto_kind {
	CRYPTO_RSA,
	CRYPTO_ED25519
};
extern const char *const crypto_kind_names[]; /* "rsa", "ed25519": the k= of key records */

enum {
	CRYPTO_HASH = 32, /* octets of SHA-256 */
	CRYPTO_RSA_BITS_MAX =
	    4096 /* what a verifier has to handle (RFC 8301 3.2); more is work for nothing */
};

struct crypto_key {
	enum crypto_kind kind;
	unsigned bits;
	const unsigned char
	    *bytes; /* RSA: SubjectPublicKeyInfo (RFC 5280 4.1); Ed25519: its 32 octets */
	size_t length;
};

/*
 * Reads the octets of a p= tag: for RSA a SubjectPublicKeyInfo, which everybody publishes, or an
 * RSAPublicKey, which RFC 6376 3.6.1 asks for; for Ed25519 the bare 32 octets (RFC 8463 4). NULL,
 * or in words what is wrong.
 */
const char *crypto_read_key(struct arena *arena, enum crypto_kind kind, const unsigned char *bytes,
                            size_t length, struct crypto_key *key);

/* RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 8.2.2), or PureEdDSA over the hash (RFC 8463 3). */
bool crypto_verify(const struct crypto_key *key, const unsigned char hash[CRYPTO_HASH],
                   const unsigned char *signature, size_t length);

/* The version of OpenSSL that runs. */
void crypto_version(char *text, size_t room);

#endif
