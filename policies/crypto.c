/*
 * crypto.c - public keys and signature checks with OpenSSL's EVP functions.
 *
 * Called by key_record.c (what key is this) and by dkim.c (does one of several keys at a name fit).
 */
#include "crypto.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdio.h>

const char *const crypto_kind_words[] = {[CRYPTO_RSA] = "rsa", [CRYPTO_ED25519] = "ed25519", NULL};

enum {
	ED25519_BITS = 256,
	ED25519_OCTETS = 32,
	RSA_OCTETS_MOST =
	    4096, /* far beyond any key that is accepted, small enough to parse without thought */
	EXPONENT_BITS_MOST = 64 /* a longer one makes each check as dear as a signature */
};

static EVP_PKEY *rsa_from(const unsigned char *bytes, size_t length)
{
	const unsigned char *at = bytes;
	EVP_PKEY *key;

	if (length > RSA_OCTETS_MOST)
		return NULL;
	key = d2i_PUBKEY(NULL, &at, (long)length);
	at = bytes;
	if (key == NULL)
		key = d2i_PublicKey(EVP_PKEY_RSA, NULL, &at, (long)length);
	ERR_clear_error();
	return key;
}

static bool exponent_is_short(const EVP_PKEY *key)
{
	BIGNUM *exponent = NULL;
	bool is_short = EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &exponent) == 1 &&
	                BN_num_bits(exponent) <= EXPONENT_BITS_MOST;

	BN_free(exponent);
	ERR_clear_error();
	return is_short;
}

static const char *describe_rsa(struct arena *arena, EVP_PKEY *from, struct crypto_key *key)
{
	unsigned char *bytes = NULL;
	int length;

	if (EVP_PKEY_get_base_id(from) != EVP_PKEY_RSA)
		return "p= holds a key, but no RSA key";
	if (!exponent_is_short(from))
		return "the exponent of the RSA key is too long";
	length = i2d_PUBKEY(from, &bytes);
	if (length <= 0)
		return "p= holds no usable RSA key";
	key->bits = (unsigned)EVP_PKEY_get_bits(from);
	key->bytes = (const unsigned char *)arena_copy(arena, (const char *)bytes, (size_t)length);
	key->length = (size_t)length;
	OPENSSL_free(bytes);
	return NULL;
}

const char *crypto_read_key(struct arena *arena, enum crypto_kind kind, const unsigned char *bytes,
                            size_t length, struct crypto_key *key)
{
	EVP_PKEY *rsa;
	const char *wrong;

	*key = (struct crypto_key){.kind = kind};
	if (kind == CRYPTO_ED25519) {
		*key = (struct crypto_key){kind, ED25519_BITS, bytes, length};
		return length == ED25519_OCTETS ? NULL : "p= does not hold the 32 octets of an Ed25519 key";
	}
	rsa = rsa_from(bytes, length);
	if (rsa == NULL)
		return "p= holds no RSA key";
	wrong = describe_rsa(arena, rsa, key);
	EVP_PKEY_free(rsa);
	return wrong;
}

static bool verify_rsa(EVP_PKEY *key, const unsigned char *hash, const unsigned char *signature,
                       size_t length)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
	bool good = context != NULL && EVP_PKEY_verify_init(context) == 1 &&
	            EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1 &&
	            EVP_PKEY_CTX_set_signature_md(context, EVP_sha256()) == 1 &&
	            EVP_PKEY_verify(context, signature, length, hash, CRYPTO_HASH) == 1;

	EVP_PKEY_CTX_free(context);
	return good;
}

static bool verify_ed25519(EVP_PKEY *key, const unsigned char *hash, const unsigned char *signature,
                           size_t length)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool good = context != NULL && EVP_DigestVerifyInit(context, NULL, NULL, NULL, key) == 1 &&
	            EVP_DigestVerify(context, signature, length, hash, CRYPTO_HASH) == 1;

	EVP_MD_CTX_free(context);
	return good;
}

bool crypto_verify(const struct crypto_key *key, const unsigned char hash[CRYPTO_HASH],
                   const unsigned char *signature, size_t length)
{
	EVP_PKEY *pkey;
	bool good;

	if (key->kind == CRYPTO_RSA) {
		pkey = rsa_from(key->bytes, key->length);
		good = pkey != NULL && verify_rsa(pkey, hash, signature, length);
	} else {
		pkey = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, key->bytes, key->length);
		good = pkey != NULL && verify_ed25519(pkey, hash, signature, length);
	}
	EVP_PKEY_free(pkey);
	ERR_clear_error();
	return good;
}

void crypto_version(char *words, size_t room)
{
	snprintf(words, room, "%s", OpenSSL_version(OPENSSL_VERSION_STRING));
}
