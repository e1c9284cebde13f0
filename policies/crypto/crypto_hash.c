/*
 * crypto_hash.c - SHA-256 with OpenSSL's EVP functions. Called for bodies and headers, when signing
 * and when verifying.
 */
#include "crypto/crypto_hash.h"

#include <openssl/evp.h>

#include "base/invariant.h"

struct crypto_hash {
	EVP_MD_CTX *context;
};

static void hash_free(void *hash)
{
	EVP_MD_CTX_free(((struct crypto_hash *)hash)->context);
}

struct crypto_hash *crypto_hash_begin(struct arena *arena)
{
	struct crypto_hash *hash = arena_allocate(arena, sizeof *hash);

	hash->context = EVP_MD_CTX_new();
	arena_on_release(arena, hash_free, hash);
	return hash->context != NULL && EVP_DigestInit_ex(hash->context, EVP_sha256(), NULL) == 1
	           ? hash
	           : NULL;
}

void crypto_hash_add(void *hash, const void *bytes, size_t length)
{
	if (hash != NULL)
		EVP_DigestUpdate(((struct crypto_hash *)hash)->context, bytes, length);
}

bool crypto_hash_so_far(const struct crypto_hash *hash, unsigned char digest[CRYPTO_HASH])
{
	EVP_MD_CTX *copy = hash == NULL ? NULL : EVP_MD_CTX_new();
	bool made = copy != NULL && EVP_MD_CTX_copy_ex(copy, hash->context) == 1 &&
	            EVP_DigestFinal_ex(copy, digest, NULL) == 1;

	EVP_MD_CTX_free(copy);
	return made;
}

void crypto_hash_end(struct crypto_hash *hash, unsigned char digest[CRYPTO_HASH])
{
	invariant(hash != NULL);
	EVP_DigestFinal_ex(hash->context, digest, NULL);
}

struct crypto_hash *crypto_hash_copy(struct arena *arena, const struct crypto_hash *hash)
{
	struct crypto_hash *copy = hash == NULL ? NULL : crypto_hash_begin(arena);

	return copy != NULL && EVP_MD_CTX_copy_ex(copy->context, hash->context) == 1 ? copy : NULL;
}
