/*
 * crypto_private.c - private keys and signatures with OpenSSL's EVP functions. Called by
 * filter/settings/keys.c (reading), keys_check.c (checking), signature_make.c (signing) and the
 * operator's `assay key`.
 */
#include "crypto/crypto_private.h"

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

#include "base/invariant.h"
#include "crypto/crypto_rsa.h"

enum {
	RSA_BITS_MIN = 1024,
	ED25519_OCTETS = 32
};

struct crypto_private {
	EVP_PKEY *key;
	enum crypto_kind kind;
	unsigned bits;
};

/* Nobody is asked for the password of an encrypted key. */
static int no_password(char *buffer, int size, int writing, void *context)
{
	(void)buffer;
	(void)size;
	(void)writing;
	(void)context;
	return -1;
}

/*
 * PEM_read_bio_PrivateKey() and d2i_PrivateKey() try every decoder, which takes as long as making a
 * signature. Reading the PEM first and the rest by its label takes a twentieth of that, which
 * matters for a folder of ten thousand keys.
 */
static EVP_PKEY *key_from_pkcs8(const unsigned char *der, long length)
{
	PKCS8_PRIV_KEY_INFO *info = d2i_PKCS8_PRIV_KEY_INFO(NULL, &der, length);
	ASN1_OCTET_STRING *inner = NULL;
	const ASN1_OBJECT *algorithm;
	const unsigned char *octets;
	EVP_PKEY *key = NULL;
	int size, kind;

	if (info != NULL && PKCS8_pkey_get0(&algorithm, &octets, &size, NULL, info) == 1) {
		kind = OBJ_obj2nid(algorithm);
		if (kind == EVP_PKEY_RSA)
			key = crypto_rsa_read(octets, size);
		else if (kind == EVP_PKEY_ED25519 &&
		         (inner = d2i_ASN1_OCTET_STRING(NULL, &octets, size)) != NULL)
			key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL,
			                                   ASN1_STRING_get0_data(inner),
			                                   (size_t)ASN1_STRING_length(inner));
		else
			key = EVP_PKCS82PKEY(info);
	}
	if (inner != NULL)
		OPENSSL_cleanse(inner->data, (size_t)inner->length);
	ASN1_OCTET_STRING_free(inner);
	PKCS8_PRIV_KEY_INFO_free(info);
	return key;
}

static EVP_PKEY *key_from_der(const char *label, const unsigned char *der, long length)
{
	if (strcmp(label, "RSA PRIVATE KEY") == 0)
		return crypto_rsa_read(der, length);
	return strcmp(label, "PRIVATE KEY") == 0 ? key_from_pkcs8(der, length) : NULL;
}

static EVP_PKEY *key_from_pem(const char *pem, size_t length)
{
	BIO *source = BIO_new_mem_buf(pem, (int)length);
	char *label = NULL, *header = NULL;
	unsigned char *der = NULL;
	long size = 0;
	EVP_PKEY *key = NULL;

	if (source != NULL && PEM_read_bio(source, &label, &header, &der, &size) == 1)
		key = key_from_der(label, der, size);
	if (der != NULL)
		OPENSSL_cleanse(der, (size_t)size);
	OPENSSL_free(label);
	OPENSSL_free(header);
	OPENSSL_free(der);
	BIO_free(source);
	ERR_clear_error();
	return key;
}

static bool accept_kind(struct crypto_private *key, struct problem *problem)
{
	int bits = EVP_PKEY_get_bits(key->key);

	switch (EVP_PKEY_get_base_id(key->key)) {
	case EVP_PKEY_ED25519:
		key->kind = CRYPTO_ED25519;
		break;
	case EVP_PKEY_RSA:
		key->kind = CRYPTO_RSA;
		if (bits < RSA_BITS_MIN || bits > CRYPTO_RSA_BITS_MAX)
			return problem_say(
			    problem,
			    "is an RSA key of %d bits; 1024 to %d are allowed, 2048 is usual", bits,
			    CRYPTO_RSA_BITS_MAX);
		break;
	default:
		return problem_say(problem, "is neither an RSA nor an Ed25519 key");
	}
	key->bits = (unsigned)bits;
	return true;
}

struct crypto_private *crypto_private_read(const char *pem, size_t length, struct problem *problem)
{
	enum {
		PEM_MAX = 64 * 1024
	};
	struct crypto_private *key = calloc(1, sizeof *key);

	if (key == NULL) {
		problem_say(problem, "cannot be read: out of memory");
		return NULL;
	}
	if (length <= PEM_MAX)
		key->key = key_from_pem(pem, length);
	if (key->key == NULL)
		problem_say(problem, "is not a valid private key in PEM form without a password");
	if (key->key != NULL && accept_kind(key, problem))
		return key;
	crypto_private_free(key);
	return NULL;
}

/* OpenSSL wipes the numbers of a private key when it frees them. */
void crypto_private_free(struct crypto_private *key)
{
	if (key == NULL)
		return;
	EVP_PKEY_free(key->key);
	free(key);
}

enum crypto_kind crypto_private_kind(const struct crypto_private *key)
{
	return key->kind;
}

unsigned crypto_private_bits(const struct crypto_private *key)
{
	return key->bits;
}

const unsigned char *crypto_private_public(const struct crypto_private *key, struct arena *arena,
                                           size_t *length)
{
	unsigned char raw[ED25519_OCTETS];
	unsigned char *encoded = NULL;
	const unsigned char *kept = NULL;
	int size;

	*length = sizeof raw;
	if (key->kind == CRYPTO_ED25519) {
		if (EVP_PKEY_get_raw_public_key(key->key, raw, length) != 1)
			return NULL;
		return (const unsigned char *)arena_copy(arena, (const char *)raw, *length);
	}
	size = i2d_PUBKEY(key->key, &encoded);
	if (size > 0)
		kept =
		    (const unsigned char *)arena_copy(arena, (const char *)encoded, (size_t)size);
	*length = size > 0 ? (size_t)size : 0;
	OPENSSL_free(encoded);
	return kept;
}

char *crypto_private_new(enum crypto_kind kind, unsigned bits, struct arena *arena)
{
	EVP_PKEY *key = kind == CRYPTO_RSA ? EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)bits)
	                                   : EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	BIO *sink = BIO_new(BIO_s_mem());
	char *text = NULL, *bytes;

	if (key != NULL && sink != NULL &&
	    PEM_write_bio_PKCS8PrivateKey(sink, key, NULL, NULL, 0, no_password, NULL) == 1) {
		long length = BIO_get_mem_data(sink, &bytes);

		text = arena_copy(arena, bytes, (size_t)length);
		OPENSSL_cleanse(bytes, (size_t)length);
	}
	BIO_free(sink);
	EVP_PKEY_free(key);
	ERR_clear_error();
	return text;
}

static bool sign_rsa(EVP_PKEY *key, const unsigned char *hash, unsigned char *signature,
                     size_t *length)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
	bool good = context != NULL && EVP_PKEY_sign_init(context) == 1 &&
	            EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1 &&
	            EVP_PKEY_CTX_set_signature_md(context, EVP_sha256()) == 1 &&
	            EVP_PKEY_sign(context, signature, length, hash, CRYPTO_HASH) == 1;

	EVP_PKEY_CTX_free(context);
	return good;
}

/* PureEdDSA over the hash (RFC 8463 3). */
static bool sign_ed25519(EVP_PKEY *key, const unsigned char *hash, unsigned char *signature,
                         size_t *length)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool good = context != NULL && EVP_DigestSignInit(context, NULL, NULL, NULL, key) == 1 &&
	            EVP_DigestSign(context, signature, length, hash, CRYPTO_HASH) == 1;

	EVP_MD_CTX_free(context);
	return good;
}

bool crypto_private_sign(const struct crypto_private *key, const unsigned char hash[CRYPTO_HASH],
                         unsigned char signature[CRYPTO_SIGNATURE_MAX], size_t *length)
{
	bool good;

	invariant(key->key != NULL);
	*length = CRYPTO_SIGNATURE_MAX;
	good = key->kind == CRYPTO_RSA ? sign_rsa(key->key, hash, signature, length)
	                               : sign_ed25519(key->key, hash, signature, length);
	ERR_clear_error();
	invariant(!good || *length <= CRYPTO_SIGNATURE_MAX);
	return good;
}

void crypto_private_wipe(void *bytes, size_t length)
{
	OPENSSL_cleanse(bytes, length);
}
