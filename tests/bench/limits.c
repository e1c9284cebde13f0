/*
 * limits.c - what the work itself costs on this machine, with no filter around it: libopendkim
 * verifying a message, and OpenSSL checking a signature, making one and hashing.
 *
 *     tests/bench/limits SECONDS KEY-RECORD MESSAGE...
 *
 * KEY-RECORD is a file with the TXT record of the key. Prints a line of JSON: messages/s of
 * libopendkim for each message in turn, checks and signatures/s of OpenSSL with RSA-2048, bytes/s
 * of SHA-256; all on one thread.
 */
#include <dkim.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#include "load_message.h"

static char record[4096];
static double wanted_seconds;

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void fail(const char *what)
{
	fprintf(stderr, "limits: %s\n", what);
	exit(EX_SOFTWARE);
}

/* How often `once` can be called in a second. */
static double rate(void (*once)(void *), void *with)
{
	double from = seconds(), until = from + wanted_seconds, now;
	size_t count = 0;

	do {
		once(with);
		count++;
		now = seconds();
	} while (now < until);
	return (double)count / (now - from);
}

/* libopendkim
 * ----------------------------------------------------------------------------------------------
 */

struct verification {
	DKIM_LIB *library;
	const struct load_message *message;
};

static DKIM_CBSTAT give_key(DKIM *handle, DKIM_SIGINFO *signature, unsigned char *buffer,
                            size_t size)
{
	(void)handle;
	(void)signature;
	snprintf((char *)buffer, size, "%s", record);
	return DKIM_CBSTAT_CONTINUE;
}

static void give_fields(DKIM *handle, const struct load_message *message)
{
	char field[8192];

	for (size_t i = 0; i < message->count; i++) {
		int length = snprintf(field, sizeof field, "%s:", message->fields[i].name);

		for (const char *at = message->fields[i].value;
		     *at != '\0' && length < (int)sizeof field - 3; at++) {
			if (*at == '\n')
				field[length++] = '\r';
			field[length++] = *at;
		}
		if (dkim_header(handle, (unsigned char *)field, (size_t)length) != DKIM_STAT_OK)
			fail("libopendkim refuses a field");
	}
}

static void verify_once(void *with)
{
	const struct verification *verification = with;
	DKIM_STAT status;
	DKIM *handle =
	    dkim_verify(verification->library, (const unsigned char *)"limits", NULL, &status);
	char *body = NULL;

	if (handle == NULL)
		fail("libopendkim has no handle");
	give_fields(handle, verification->message);
	memcpy(&body, &verification->message->body, sizeof body);
	if (dkim_eoh(handle) != DKIM_STAT_OK ||
	    dkim_body(handle, (unsigned char *)body, verification->message->body_length) !=
	        DKIM_STAT_OK ||
	    dkim_eom(handle, NULL) != DKIM_STAT_OK)
		fail("libopendkim does not verify the message");
	dkim_free(handle);
}

static double verify_rate(const char *path)
{
	struct verification verification = {dkim_init(NULL, NULL), load_message_read(path)};
	double result;

	if (verification.library == NULL || verification.message == NULL)
		fail("cannot begin");
	dkim_set_key_lookup(verification.library, give_key);
	result = rate(verify_once, &verification);
	dkim_close(verification.library);
	return result;
}

/* OpenSSL
 * ----------------------------------------------------------------------------------------------
 */

enum {
	HASH = 32,
	SIGNATURE = 256,
	HASHED = 16384
};

struct keys {
	EVP_PKEY *key;
	unsigned char hash[HASH], signature[SIGNATURE], bytes[HASHED];
};

static EVP_PKEY_CTX *context_of(struct keys *keys, int (*begin)(EVP_PKEY_CTX *))
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(keys->key, NULL);

	if (context == NULL || begin(context) != 1 ||
	    EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) != 1 ||
	    EVP_PKEY_CTX_set_signature_md(context, EVP_sha256()) != 1)
		fail("OpenSSL has no context");
	return context;
}

static void sign_once(void *with)
{
	struct keys *keys = with;
	EVP_PKEY_CTX *context = context_of(keys, EVP_PKEY_sign_init);
	size_t length = sizeof keys->signature;

	if (EVP_PKEY_sign(context, keys->signature, &length, keys->hash, HASH) != 1)
		fail("OpenSSL does not sign");
	EVP_PKEY_CTX_free(context);
}

static void check_once(void *with)
{
	struct keys *keys = with;
	EVP_PKEY_CTX *context = context_of(keys, EVP_PKEY_verify_init);

	if (EVP_PKEY_verify(context, keys->signature, SIGNATURE, keys->hash, HASH) != 1)
		fail("OpenSSL does not verify");
	EVP_PKEY_CTX_free(context);
}

static void hash_once(void *with)
{
	struct keys *keys = with;

	if (EVP_Digest(keys->bytes, HASHED, keys->hash, NULL, EVP_sha256(), NULL) != 1)
		fail("OpenSSL does not hash");
}

static void print_openssl(void)
{
	struct keys keys = {.key = EVP_RSA_gen(2048)};
	double hashes = rate(hash_once, &keys), signatures = rate(sign_once, &keys);

	printf("\"rsa2048_verify\": %.0f, \"rsa2048_sign\": %.0f, \"sha256_bytes\": %.0f",
	       rate(check_once, &keys), signatures, hashes * HASHED);
	EVP_PKEY_free(keys.key);
}

int main(int argc, char **argv)
{
	FILE *file;

	if (argc < 4) {
		fprintf(stderr, "usage: limits SECONDS KEY-RECORD MESSAGE...\n");
		return EX_USAGE;
	}
	wanted_seconds = strtod(argv[1], NULL);
	file = fopen(argv[2], "r");
	if (file == NULL || fgets(record, sizeof record, file) == NULL)
		fail("no key record");
	fclose(file);
	printf("{\"libopendkim\": [");
	for (int i = 3; i < argc; i++)
		printf("%s%.1f", i > 3 ? ", " : "", verify_rate(argv[i]));
	printf("], ");
	print_openssl();
	printf("}\n");
	return 0;
}
