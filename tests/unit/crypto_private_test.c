/*
 * crypto_private_test.c - private keys are read, made, and sign what crypto_verify() takes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/text.h"
#include "crypto/base64.h"
#include "crypto/crypto_hash.h"
#include "crypto/crypto_private.h"

static const unsigned char some_hash[CRYPTO_HASH] = "0123456789abcdef0123456789abcde";

static void new_keys_sign(void **state)
{
	static const struct {
		enum crypto_kind kind;
		unsigned bits, real_bits;
		size_t signature;
	} rows[] = {{CRYPTO_RSA, 1024, 1024, 128},
	            {CRYPTO_RSA, 2048, 2048, 256},
	            {CRYPTO_ED25519, 0, 256, 64}};
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char *pem = crypto_private_new(rows[i].kind, rows[i].bits, arena);
		struct problem problem;
		struct crypto_private *key = crypto_private_read(pem, strlen(pem), &problem);
		unsigned char signature[CRYPTO_SIGNATURE_MAX], other[CRYPTO_HASH];
		struct crypto_key public;
		size_t length;
		const unsigned char *bytes;

		assert_non_null(key);
		assert_int_equal(crypto_private_kind(key), rows[i].kind);
		assert_in_range(crypto_private_bits(key), rows[i].real_bits - 3, rows[i].real_bits);
		bytes = crypto_private_public(key, arena, &length);
		assert_non_null(bytes);
		assert_null(crypto_read_key(arena, rows[i].kind, bytes, length, &public));
		assert_true(crypto_private_sign(key, some_hash, signature, &length));
		assert_int_equal(length, rows[i].signature);
		assert_true(crypto_verify(&public, some_hash, signature, length));
		memcpy(other, some_hash, sizeof other);
		other[31] ^= 1;
		assert_false(crypto_verify(&public, other, signature, length));
		crypto_private_free(key);
	}
	arena_free(arena);
}

/* The key of RFC 8463 A.2 as PKCS#8 (RFC 8410 7). */
static void known_ed25519(void **state)
{
	unsigned char der[48] = {0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06,
	                         0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20};
	struct arena *arena = arena_new();
	struct problem problem = {""};
	struct crypto_private *key;
	const char *pem;
	size_t length;

	(void)state;
	memcpy(der + 16,
	       base64_decode(arena, "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=", &length), 32);
	pem = arena_format(arena, "-----BEGIN PRIVATE KEY-----\n%s\n-----END PRIVATE KEY-----\n",
	                   base64_encode(arena, der, sizeof der));
	key = crypto_private_read(pem, strlen(pem), &problem);
	assert_string_equal(problem.message, "");
	assert_non_null(key);
	const unsigned char *public = crypto_private_public(key, arena, &length);
	assert_int_equal(length, 32);
	assert_string_equal(base64_encode(arena, public, length),
	                    "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");
	crypto_private_free(key);
	arena_free(arena);
}

static void refuses(const char *text, const char *expected)
{
	struct problem problem = {""};

	assert_null(crypto_private_read(text, strlen(text), &problem));
	if (strstr(problem.message, expected) == NULL)
		fail_msg("\"%s\" instead of \"%s\"", problem.message, expected);
}

/* What is no key, and keys of which a part was changed: each octet of the base64 text once. */
static void broken_keys(void **state)
{
	struct arena *arena = arena_new();
	char *pem = crypto_private_new(CRYPTO_RSA, 1024, arena), *at;
	size_t read = 0;

	(void)state;
	refuses("", "not a valid private key");
	refuses("hello", "not a valid private key");
	refuses("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
	        "not a valid private key");
	refuses(crypto_private_new(CRYPTO_RSA, 512, arena), "1024 to 4096 are allowed");
	at = arena_string(arena, pem);
	at[strlen(at) / 2] = '\0';
	refuses(at, "not a valid private key");
	for (at = strchr(pem, '\n') + 1; strncmp(at, "-----", 5) != 0; at += 5) {
		char before = *at;
		struct problem problem;
		struct crypto_private *key;

		*at = before == 'A' ? 'B' : 'A';
		key = crypto_private_read(pem, strlen(pem), &problem);
		read += key != NULL;
		crypto_private_free(key);
		*at = before;
		if (strlen(at) < 6)
			break;
	}
	/* a changed octet may lie in what does not matter: the object identifier's parameters */
	assert_true(read <= 2);
	arena_free(arena);
}

static void hashes(void **state)
{
	struct arena *arena = arena_new();
	struct crypto_hash *hash = crypto_hash_begin(arena);
	unsigned char digest[CRYPTO_HASH];

	(void)state;
	assert_non_null(hash);
	crypto_hash_add(hash, "a", 1);
	crypto_hash_add(hash, "bc", 2);
	crypto_hash_end(hash, digest);
	assert_string_equal(base64_encode(arena, digest, sizeof digest),
	                    "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="); /* FIPS 180-2 B.1 */
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(new_keys_sign),
	    cmocka_unit_test(known_ed25519),
	    cmocka_unit_test(broken_keys),
	    cmocka_unit_test(hashes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
