/*
 * crypto_hash.c - SHA-256 with OpenSSL's EVP functions. Called for bodies and headers, when signing
 * and when verifying.
 *
 * Canonical headers come in pieces of a few octets, and OpenSSL takes a hundred instructions to be
 * called at all: small pieces are gathered first.
 */
#include "crypto/crypto_hash.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <string.h>

#include "base/invariant.h"

enum {
	GATHERED_MAX = 1024 /* octets; larger pieces are hashed where they are */
};

struct crypto_hash {
	EVP_MD_CTX *context;
	size_t gathered;
	unsigned char bytes[GATHERED_MAX];
};

/* Found by name once; EVP_sha256() would be found anew for each hash. Written once, before it is
 * read. */
static EVP_MD *sha256;
static CRYPTO_ONCE sha256_once = CRYPTO_ONCE_STATIC_INIT;

static void fetch(void)
{
	sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
}

static void hash_free(void *hash)
{
	EVP_MD_CTX_free(((struct crypto_hash *)hash)->context);
}

struct crypto_hash *crypto_hash_begin(struct arena *arena)
{
	struct crypto_hash *hash;

	if (CRYPTO_THREAD_run_once(&sha256_once, fetch) != 1 || sha256 == NULL)
		return NULL;
	hash = arena_allocate_raw(arena, sizeof *hash);
	hash->gathered = 0;
	hash->context = EVP_MD_CTX_new();
	arena_on_release(arena, hash_free, hash);
	return hash->context != NULL && EVP_DigestInit_ex(hash->context, sha256, NULL) == 1 ? hash
	                                                                                    : NULL;
}

static void hash_gathered(struct crypto_hash *hash)
{
	if (hash->gathered > 0)
		EVP_DigestUpdate(hash->context, hash->bytes, hash->gathered);
	hash->gathered = 0;
}

void crypto_hash_add(void *context, const void *bytes, size_t length)
{
	struct crypto_hash *hash = context;

	if (hash == NULL)
		return;
	if (length > GATHERED_MAX - hash->gathered)
		hash_gathered(hash);
	if (length > GATHERED_MAX) {
		EVP_DigestUpdate(hash->context, bytes, length);
		return;
	}
	memcpy(hash->bytes + hash->gathered, bytes, length);
	hash->gathered += length;
}

bool crypto_hash_so_far(const struct crypto_hash *hash, unsigned char digest[CRYPTO_HASH])
{
	EVP_MD_CTX *copy = hash == NULL ? NULL : EVP_MD_CTX_new();
	bool made = copy != NULL && EVP_MD_CTX_copy_ex(copy, hash->context) == 1 &&
	            EVP_DigestUpdate(copy, hash->bytes, hash->gathered) == 1 &&
	            EVP_DigestFinal_ex(copy, digest, NULL) == 1;

	EVP_MD_CTX_free(copy);
	return made;
}

void crypto_hash_end(struct crypto_hash *hash, unsigned char digest[CRYPTO_HASH])
{
	invariant(hash != NULL);
	hash_gathered(hash);
	EVP_DigestFinal_ex(hash->context, digest, NULL);
}

struct crypto_hash *crypto_hash_copy(struct arena *arena, const struct crypto_hash *hash)
{
	struct crypto_hash *copy = hash == NULL ? NULL : crypto_hash_begin(arena);

	if (copy == NULL || EVP_MD_CTX_copy_ex(copy->context, hash->context) != 1)
		return NULL;
	copy->gathered = hash->gathered;
	memcpy(copy->bytes, hash->bytes, hash->gathered);
	return copy;
}
