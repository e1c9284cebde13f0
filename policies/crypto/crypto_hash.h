/*
 * crypto_hash.h - SHA-256 of what passes by, piece by piece.
 */
#ifndef ASSAY_CRYPTO_HASH_H
#define ASSAY_CRYPTO_HASH_H

#include "crypto/crypto.h"

/* Ends with its arena. NULL where OpenSSL refuses; adding to NULL does nothing. */
struct crypto_hash;
struct crypto_hash *crypto_hash_begin(struct arena *arena);
void crypto_hash_add(void *hash, const void *bytes, size_t length); /* a canon_sink */

/* The hash of what was added so far, to which more may be added. False where OpenSSL refuses. */
bool crypto_hash_so_far(const struct crypto_hash *hash, unsigned char digest[CRYPTO_HASH]);
void crypto_hash_end(struct crypto_hash *hash, unsigned char digest[CRYPTO_HASH]);

#endif
