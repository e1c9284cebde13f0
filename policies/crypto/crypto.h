/*
 * crypto.h - public keys, and verifying signatures of a hash. In policies/ only the files crypto*.c
 * use OpenSSL.
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
	CRYPTO_HASH = 32,          /* octets of SHA-256 */
	CRYPTO_RSA_BITS_MAX = 4096 /* what a verifier must support (RFC 8301 3.2), and no more */
};

struct crypto_key {
	enum crypto_kind kind;
	unsigned bits;
	/* RSA: SubjectPublicKeyInfo (RFC 5280 4.1); Ed25519: its 32 octets */
	const unsigned char *bytes;
	size_t length;
	struct crypto_public *opened; /* by crypto_public_open(), for many signatures; or NULL */
};

/*
 * Reads the octets of a p= tag: for RSA a SubjectPublicKeyInfo, which is usual, or an RSAPublicKey,
 * which RFC 6376 3.6.1 requires; for Ed25519 the 32 octets (RFC 8463 4). Returns NULL, or what is
 * wrong.
 */
const char *crypto_read_key(struct arena *arena, enum crypto_kind kind, const unsigned char *bytes,
                            size_t length, struct crypto_key *key);

/*
 * The key as OpenSSL verifies with it: opening takes as long as verifying. Any number of threads
 * may verify with it at once. NULL if it is not a key. The caller closes it (NULL is allowed).
 */
struct crypto_public;
struct crypto_public *crypto_public_open(const struct crypto_key *key);
void crypto_public_close(struct crypto_public *opened);

enum {
	CRYPTO_PUBLIC_BYTES = 4096 /* of memory that an open key takes, at most */
};

/* RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 8.2.2), or PureEdDSA over the hash (RFC 8463 3). */
bool crypto_verify(const struct crypto_key *key, const unsigned char hash[CRYPTO_HASH],
                   const unsigned char *signature, size_t length);

/*
 * First of all, before any thread and any other function of OpenSSL. It keeps the library whole
 * until the process has ended: threads of libmilter cannot be waited for, and one that still runs
 * while exit() does its work must not find OpenSSL cleaned up under it.
 */
void crypto_open(void);

/* The version of OpenSSL that runs. */
void crypto_version(char *text, size_t room);

#endif
