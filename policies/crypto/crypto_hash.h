/*
 * crypto_hash.h - SHA-256 of data that arrives in pieces.
 */
#ifndef ASSAY_CRYPTO_HASH_H
#define ASSAY_CRYPTO_HASH_H

#include "crypto/crypto.h"

/* Released with its arena. NULL if OpenSSL fails; adding to NULL does nothing. */
struct crypto_hash;
struct crypto_hash *crypto_hash_begin(struct arena *arena);
void crypto_hash_add(void *hash, const void *bytes, size_t length); /* a canon_sink */

/* The hash of what was added so far; more may be added later. False if OpenSSL fails. */
bool crypto_hash_so_far(const struct crypto_hash *hash, unsigned char digest[CRYPTO_HASH]);
void crypto_hash_end(struct crypto_hash *hash, unsigned char digest[CRYPTO_HASH]);

/* Another hash of the octets so far, to which others may be added; NULL if OpenSSL fails. */
struct crypto_hash *crypto_hash_copy(struct arena *arena, const struct crypto_hash *hash);

#endif
