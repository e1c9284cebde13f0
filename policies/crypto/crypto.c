/*
 * crypto.c - public keys and signature checks with OpenSSL's EVP functions.
 *
 * Called by key_record.c (reading a key) and by dkim.c (verifying a signature).
 */
#include "crypto/crypto.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/invariant.h"
#include "crypto/der.h"

const char *const crypto_kind_names[] = {[CRYPTO_RSA] = "rsa", [CRYPTO_ED25519] = "ed25519", NULL};

enum {
	ED25519_BITS = 256,
	ED25519_OCTETS = 32,
	EXPONENT_OCTETS_MAX = 8 /* a longer one makes verifying as slow as signing */
};

struct crypto_public {
	EVP_PKEY *key;
	EVP_PKEY_CTX *context; /* RSA: ready to verify; never used itself, only copied */
};

/* The two numbers of an RSAPublicKey (RFC 8017 A.1.1), in network order without leading zeros. */
struct rsa_numbers {
	struct der modulus, exponent;
};

/* rsaEncryption, 1.2.840.113549.1.1.1 (RFC 8017 A.1), and its parameters, NULL */
static const unsigned char rsa_identifier[] = {0x2A, 0x86, 0x48, 0x86, 0xF7,
                                               0x0D, 0x01, 0x01, 0x01};
static const unsigned char rsa_algorithm[] = {0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7,
                                              0x0D, 0x01, 0x01, 0x01, 0x05, 0x00};

/* SubjectPublicKeyInfo (RFC 5280 4.1): the algorithm and a BIT STRING with the key. Returns NULL,
 * or what is wrong. `key` does not change if it is not a SubjectPublicKeyInfo. */
static const char *unwrap(struct der *key)
{
	struct der inner = *key, algorithm, identifier, bits;

	if (!der_read(&inner, DER_SEQUENCE, &inner) || !der_read(&inner, DER_SEQUENCE, &algorithm))
		return NULL;
	if (!der_read(&algorithm, DER_OBJECT_IDENTIFIER, &identifier) ||
	    !der_read(&inner, DER_BIT_STRING, &bits) || bits.length == 0 || *bits.bytes != 0)
		return "p= does not hold an RSA key";
	if (identifier.length != sizeof rsa_identifier ||
	    memcmp(identifier.bytes, rsa_identifier, sizeof rsa_identifier) != 0)
		return "p= holds a key, but not an RSA key";
	*key = (struct der){bits.bytes + 1, bits.length - 1};
	return NULL;
}

static const char *crypto_read_numbers(struct der key, struct rsa_numbers *numbers)
{
	const char *wrong = unwrap(&key);

	if (wrong != NULL)
		return wrong;
	if (!der_read(&key, DER_SEQUENCE, &key) || !der_read_number(&key, &numbers->modulus) ||
	    !der_read_number(&key, &numbers->exponent) || numbers->modulus.length == 0)
		return "p= does not hold an RSA key";
	if (numbers->exponent.length > EXPONENT_OCTETS_MAX)
		return "the exponent of the RSA key is too long";
	if (numbers->exponent.length == 0 ||
	    (numbers->exponent.length == 1 && *numbers->exponent.bytes < 3))
		return "the exponent of the RSA key is too small";
	return NULL;
}

static unsigned bits_of(struct der number)
{
	unsigned bits = (unsigned)number.length * 8;

	invariant(number.length > 0 && *number.bytes != 0);
	for (unsigned char first = *number.bytes; (first & 0x80) == 0;
	     first = (unsigned char)(first << 1))
		bits--;
	return bits;
}

/* With a leading zero octet if the number would be negative without it. */
static void write_number(unsigned char **at, struct der number)
{
	const unsigned char *end = *at;

	der_octets(at, number.bytes, number.length);
	if ((**at & 0x80) != 0)
		*--*at = 0;
	der_head(at, end, DER_INTEGER);
}

/* Writes a SubjectPublicKeyInfo, whatever form the key was published in. */
static void write_rsa(struct arena *arena, const struct rsa_numbers *numbers,
                      struct crypto_key *key)
{
	size_t room = numbers->modulus.length + numbers->exponent.length + sizeof rsa_algorithm +
	              6 * (DER_HEAD_MAX + 1);
	unsigned char *at = arena_allocate(arena, room);
	const unsigned char *end = at + room, *begin;

	at += room;
	write_number(&at, numbers->exponent);
	write_number(&at, numbers->modulus);
	der_head(&at, end, DER_SEQUENCE);
	*--at = 0; /* no unused bits */
	der_head(&at, end, DER_BIT_STRING);
	begin = at;
	der_octets(&at, rsa_algorithm, sizeof rsa_algorithm);
	der_head(&at, begin, DER_SEQUENCE);
	der_head(&at, end, DER_SEQUENCE);
	invariant((size_t)(end - at) <= room);
	*key = (struct crypto_key){CRYPTO_RSA, bits_of(numbers->modulus), at, (size_t)(end - at),
	                           NULL};
}

const char *crypto_read_key(struct arena *arena, enum crypto_kind kind, const unsigned char *bytes,
                            size_t length, struct crypto_key *key)
{
	struct rsa_numbers numbers;
	const char *wrong;

	*key = (struct crypto_key){.kind = kind};
	if (kind == CRYPTO_ED25519) {
		*key = (struct crypto_key){kind, ED25519_BITS, bytes, length, NULL};
		return length == ED25519_OCTETS
		           ? NULL
		           : "p= does not hold the 32 octets of an Ed25519 key";
	}
	wrong = crypto_read_numbers((struct der){bytes, length}, &numbers);
	if (wrong == NULL)
		write_rsa(arena, &numbers, key);
	return wrong;
}

/* In the byte order of the machine, as OpenSSL requires. */
static bool native_number(struct der number, unsigned char *octets)
{
	BIGNUM *value = BN_bin2bn(number.bytes, (int)number.length, NULL);
	bool done = value != NULL && BN_bn2nativepad(value, octets, (int)number.length) >= 0;

	BN_free(value);
	return done;
}

/*
 * Makes the key from its two numbers: OpenSSL's decoder (d2i_PUBKEY) tries every form that a key
 * may have, and takes five times as long as verifying. NULL if it is not a key.
 */
static EVP_PKEY *rsa_key(const struct crypto_key *key)
{
	unsigned char modulus[CRYPTO_RSA_BITS_MAX / 8], exponent[EXPONENT_OCTETS_MAX];
	struct rsa_numbers numbers;
	EVP_PKEY_CTX *context;
	EVP_PKEY *made = NULL;

	if (crypto_read_numbers((struct der){key->bytes, key->length}, &numbers) != NULL ||
	    numbers.modulus.length > sizeof modulus || !native_number(numbers.modulus, modulus) ||
	    !native_number(numbers.exponent, exponent))
		return NULL;
	context = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	if (context != NULL && EVP_PKEY_fromdata_init(context) == 1) {
		OSSL_PARAM parts[] = {
		    OSSL_PARAM_BN(OSSL_PKEY_PARAM_RSA_N, modulus, numbers.modulus.length),
		    OSSL_PARAM_BN(OSSL_PKEY_PARAM_RSA_E, exponent, numbers.exponent.length),
		    OSSL_PARAM_END};

		EVP_PKEY_fromdata(context, &made, EVP_PKEY_PUBLIC_KEY, parts);
	}
	EVP_PKEY_CTX_free(context);
	return made;
}

/* What each verification begins with a copy of: the padding and the hash are found by name, which
 * takes a tenth of the time that it takes to verify. */
static EVP_PKEY_CTX *rsa_context(EVP_PKEY *key)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);

	if (context != NULL && EVP_PKEY_verify_init(context) == 1 &&
	    EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1 &&
	    EVP_PKEY_CTX_set_signature_md(context, EVP_sha256()) == 1)
		return context;
	EVP_PKEY_CTX_free(context);
	return NULL;
}

struct crypto_public *crypto_public_open(const struct crypto_key *key)
{
	struct crypto_public *opened = calloc(1, sizeof *opened);

	invariant(key->bytes != NULL);
	if (opened == NULL)
		return NULL;
	if (key->kind == CRYPTO_RSA)
		opened->key = rsa_key(key);
	else
		opened->key =
		    EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, key->bytes, key->length);
	if (opened->key != NULL && key->kind == CRYPTO_RSA)
		opened->context = rsa_context(opened->key);
	ERR_clear_error();
	if (opened->key != NULL && (opened->context != NULL || key->kind != CRYPTO_RSA))
		return opened;
	crypto_public_close(opened);
	return NULL;
}

void crypto_public_close(struct crypto_public *opened)
{
	if (opened == NULL)
		return;
	EVP_PKEY_CTX_free(opened->context);
	EVP_PKEY_free(opened->key);
	free(opened);
}

static bool verify_rsa(const struct crypto_public *opened, const unsigned char *hash,
                       const unsigned char *signature, size_t length)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_dup(opened->context);
	bool good =
	    context != NULL && EVP_PKEY_verify(context, signature, length, hash, CRYPTO_HASH) == 1;

	EVP_PKEY_CTX_free(context);
	return good;
}

static bool verify_ed25519(const struct crypto_public *opened, const unsigned char *hash,
                           const unsigned char *signature, size_t length)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool good = context != NULL &&
	            EVP_DigestVerifyInit(context, NULL, NULL, NULL, opened->key) == 1 &&
	            EVP_DigestVerify(context, signature, length, hash, CRYPTO_HASH) == 1;

	EVP_MD_CTX_free(context);
	return good;
}

bool crypto_verify(const struct crypto_key *key, const unsigned char hash[CRYPTO_HASH],
                   const unsigned char *signature, size_t length)
{
	struct crypto_public *opened = key->opened;
	bool good;

	invariant(hash != NULL);
	if (opened == NULL)
		opened = crypto_public_open(key);
	if (opened == NULL)
		return false;
	good = key->kind == CRYPTO_RSA ? verify_rsa(opened, hash, signature, length)
	                               : verify_ed25519(opened, hash, signature, length);
	if (opened != key->opened)
		crypto_public_close(opened);
	if (!good)
		ERR_clear_error();
	return good;
}

void crypto_open(void)
{
	OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, NULL);
}

void crypto_version(char *text, size_t room)
{
	snprintf(text, room, "%s", OpenSSL_version(OPENSSL_VERSION_STRING));
}
