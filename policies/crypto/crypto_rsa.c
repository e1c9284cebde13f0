/*
 * crypto_rsa.c - an RSA private key from its nine numbers. Called by crypto_private.c.
 *
 * OpenSSL's own reader takes a hundred times as long, and accepts a key whose numbers contradict
 * each other.
 */
#include "crypto/crypto_rsa.h"

#include <openssl/asn1.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <stdbool.h>

enum {
	VERSION_OF_TWO_PRIMES,
	N,
	E,
	D,
	P,
	Q,
	DP,
	DQ,
	QINV,
	NUMBERS
};

static const char *const names[] = {
    [N] = OSSL_PKEY_PARAM_RSA_N,          [E] = OSSL_PKEY_PARAM_RSA_E,
    [D] = OSSL_PKEY_PARAM_RSA_D,          [P] = OSSL_PKEY_PARAM_RSA_FACTOR1,
    [Q] = OSSL_PKEY_PARAM_RSA_FACTOR2,    [DP] = OSSL_PKEY_PARAM_RSA_EXPONENT1,
    [DQ] = OSSL_PKEY_PARAM_RSA_EXPONENT2, [QINV] = OSSL_PKEY_PARAM_RSA_COEFFICIENT1};

/* Is one * other = 1 modulo `modulus`, or modulo one less? */
static bool are_inverse(const BIGNUM *one, const BIGNUM *other, const BIGNUM *modulus,
                        bool less_one, BN_CTX *context)
{
	BIGNUM *modulo = BN_dup(modulus), *product = BN_new();
	bool inverse = modulo != NULL && product != NULL &&
	               (!less_one || BN_sub_word(modulo, 1) == 1) &&
	               BN_mod_mul(product, one, other, modulo, context) == 1 && BN_is_one(product);

	BN_clear_free(modulo);
	BN_clear_free(product);
	return inverse;
}

/* Are they consistent (RFC 8017 3.2)? */
static bool numbers_agree(BIGNUM *const number[NUMBERS])
{
	BN_CTX *context = BN_CTX_new();
	BIGNUM *product = BN_new();
	bool agree = context != NULL && product != NULL &&
	             BN_is_zero(number[VERSION_OF_TWO_PRIMES]) &&
	             BN_mul(product, number[P], number[Q], context) == 1 &&
	             BN_cmp(product, number[N]) == 0 &&
	             are_inverse(number[E], number[D], number[P], true, context) &&
	             are_inverse(number[E], number[D], number[Q], true, context) &&
	             are_inverse(number[E], number[DP], number[P], true, context) &&
	             are_inverse(number[E], number[DQ], number[Q], true, context) &&
	             are_inverse(number[QINV], number[Q], number[P], false, context);

	BN_clear_free(product);
	BN_CTX_free(context);
	return agree;
}

static EVP_PKEY *key_from_numbers(BIGNUM *const number[NUMBERS])
{
	OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	OSSL_PARAM *parameters = NULL;
	EVP_PKEY *key = NULL;
	bool good = builder != NULL && context != NULL;

	for (int i = N; good && i < NUMBERS; i++)
		good = OSSL_PARAM_BLD_push_BN(builder, names[i], number[i]) == 1;
	if (good)
		parameters = OSSL_PARAM_BLD_to_param(builder);
	if (parameters == NULL || EVP_PKEY_fromdata_init(context) != 1 ||
	    EVP_PKEY_fromdata(context, &key, EVP_PKEY_KEYPAIR, parameters) != 1)
		key = NULL;
	OSSL_PARAM_free(parameters);
	OSSL_PARAM_BLD_free(builder);
	EVP_PKEY_CTX_free(context);
	return key;
}

/* Reads the numbers into memory that OpenSSL wipes. */
static bool read_sequence(STACK_OF(ASN1_TYPE) * sequence, BIGNUM *number[NUMBERS])
{
	bool good = sequence != NULL && sk_ASN1_TYPE_num(sequence) == NUMBERS;

	for (int i = 0; i < NUMBERS; i++) {
		const ASN1_TYPE *item = good ? sk_ASN1_TYPE_value(sequence, i) : NULL;

		number[i] = NULL;
		if (item != NULL && item->type == V_ASN1_INTEGER)
			number[i] = ASN1_INTEGER_to_BN(item->value.integer, NULL);
		good = good && number[i] != NULL;
	}
	return good;
}

static void free_sequence(STACK_OF(ASN1_TYPE) * sequence)
{
	for (int i = 0; i < sk_ASN1_TYPE_num(sequence); i++) {
		ASN1_TYPE *item = sk_ASN1_TYPE_value(sequence, i);

		if (item->type == V_ASN1_INTEGER)
			OPENSSL_cleanse(item->value.integer->data,
			                (size_t)item->value.integer->length);
	}
	sk_ASN1_TYPE_pop_free(sequence, ASN1_TYPE_free);
}

EVP_PKEY *crypto_rsa_read(const unsigned char *der, long length)
{
	STACK_OF(ASN1_TYPE) *sequence = d2i_ASN1_SEQUENCE_ANY(NULL, &der, length);
	BIGNUM *number[NUMBERS];
	EVP_PKEY *key = NULL;

	if (read_sequence(sequence, number) && numbers_agree(number))
		key = key_from_numbers(number);
	for (int i = 0; i < NUMBERS; i++)
		BN_clear_free(number[i]);
	free_sequence(sequence);
	return key;
}
