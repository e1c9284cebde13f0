/*
 * verifier.c - the only file that knows libopendkim.
 *
 * Called by dkim.c. Before it, signature_field.c rejects what the library misreads, and selection.c
 * keeps the header small. To use the library safely:
 *  - it gets one header field that no signature can name; otherwise it writes past its list;
 *  - its clock may differ by thirty years, since dkim.c compares times with services->now();
 *  - it gets complete and checked keys, in a record that fits its buffer of 1,024 octets;
 *  - its CRLF conversion is off; line_ends.c does that.
 */
#include "dkim/verifier.h"

#include <dkim.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/invariant.h"
#include "crypto/base64.h"

struct verifier {
	DKIM_LIB *library;
};

struct verification {
	struct arena *arena;
	DKIM *handle;      /* NULL after a failure */
	size_t max, given; /* DKIM-Signature fields */
	const char **keys; /* a key record for each; NULL: the signature is not verified */
	bool *wanted;
	DKIM_SIGINFO **list; /* libopendkim's, from the end of the header on */
	bool finished;
};

static const uint64_t clock_drift = 1000000000;

/* h= cannot name it, because of the space. */
static unsigned char spare_field[] = "Assay spare: 0";

static void *allocate(void *arena, size_t bytes)
{
	return arena == NULL ? malloc(bytes) : arena_allocate(arena, bytes);
}

static void release(void *arena, void *memory)
{
	if (arena == NULL)
		free(memory);
}

static DKIM_CBSTAT give_key(DKIM *handle, DKIM_SIGINFO *signature, unsigned char *buffer,
                            size_t size)
{
	const struct verification *verification = dkim_get_user_context(handle);

	for (size_t i = 0; i < verification->given; i++) {
		const char *key = verification->keys[i];

		if (verification->list[i] != signature || key == NULL || strlen(key) >= size)
			continue;
		memcpy(buffer, key, strlen(key) + 1);
		return DKIM_CBSTAT_CONTINUE;
	}
	return DKIM_CBSTAT_NOTFOUND;
}

static bool verifier_prepare(DKIM_LIB *library)
{
	unsigned int flags = DKIM_LIBFLAGS_DELAYSIGPROC | DKIM_LIBFLAGS_BADSIGHANDLES;
	uint64_t drift = clock_drift;

	return dkim_libfeature(library, DKIM_FEATURE_ED25519) &&
	       dkim_libfeature(library, DKIM_FEATURE_SHA256) &&
	       dkim_options(library, DKIM_OP_SETOPT, DKIM_OPTS_FLAGS, &flags, sizeof flags) ==
	           DKIM_STAT_OK &&
	       dkim_options(library, DKIM_OP_SETOPT, DKIM_OPTS_CLOCKDRIFT, &drift, sizeof drift) ==
	           DKIM_STAT_OK &&
	       dkim_set_key_lookup(library, give_key) == DKIM_STAT_OK;
}

struct verifier *verifier_open(struct problem *problem)
{
	struct verifier *verifier = calloc(1, sizeof *verifier);

	if (verifier != NULL)
		verifier->library = dkim_init(allocate, release);
	if (verifier != NULL && verifier->library != NULL && verifier_prepare(verifier->library))
		return verifier;
	problem_say(
	    problem,
	    "libopendkim cannot be used: it has to be 2.11 or later with SHA-256 and Ed25519");
	verifier_close(verifier);
	return NULL;
}

void verifier_close(struct verifier *verifier)
{
	if (verifier != NULL && verifier->library != NULL)
		dkim_close(verifier->library);
	free(verifier);
}

static void free_handle(void *handle)
{
	dkim_free(handle);
}

struct verification *verifier_begin(const struct verifier *verifier, struct arena *arena,
                                    size_t signatures)
{
	struct verification *verification = arena_allocate(arena, sizeof *verification);
	DKIM_STAT status;

	verification->arena = arena;
	invariant(verifier->library != NULL);
	verification->max = signatures;
	verification->keys = arena_allocate(arena, signatures * sizeof *verification->keys);
	verification->wanted = arena_allocate(arena, signatures * sizeof *verification->wanted);
	verification->handle =
	    dkim_verify(verifier->library, (const unsigned char *)"assay", arena, &status);
	if (verification->handle == NULL)
		return verification;
	arena_on_release(arena, free_handle, verification->handle);
	dkim_set_user_context(verification->handle, verification);
	return verification;
}

static DKIM_STAT feed_field(struct verification *verification, const char *name, const char *value)
{
	char *field = arena_format(verification->arena, "%s:%s", name, value);

	return dkim_header(verification->handle, (unsigned char *)field, strlen(field));
}

void verifier_field(struct verification *verification, const char *name, const char *value)
{
	DKIM_STAT status;

	if (verification->handle == NULL)
		return;
	status = feed_field(verification, name, value);
	if (status != DKIM_STAT_OK)
		verification->handle = NULL;
}

/* The library reports a field that it cannot parse, but still keeps it as a header field. */
size_t verifier_signature(struct verification *verification, const char *name, const char *value,
                          bool wanted)
{
	if (verification->handle == NULL || verification->given == verification->max)
		return 0;
	feed_field(verification, name, value);
	verification->wanted[verification->given] = wanted;
	return verification->given++;
}

void verifier_end_of_headers(struct verification *verification)
{
	int count = 0;
	DKIM_STAT status;

	if (verification->handle == NULL)
		return;
	status = dkim_header(verification->handle, spare_field, sizeof spare_field - 1);
	if (status == DKIM_STAT_OK)
		status = dkim_eoh(verification->handle);
	if (status == DKIM_STAT_OK)
		status = dkim_getsiglist(verification->handle, &verification->list, &count);
	if (status == DKIM_STAT_OK && (size_t)count != verification->given)
		status = DKIM_STAT_INTERNAL;
	if (status != DKIM_STAT_OK)
		verification->handle = NULL;
}

void verifier_body(struct verification *verification, const unsigned char *bytes, size_t length)
{
	DKIM_STAT status;

	if (verification->handle == NULL || length == 0)
		return;
	/* The library does not change the octets. */
	status = dkim_body(verification->handle, (unsigned char *)(uintptr_t)bytes, length);
	if (status != DKIM_STAT_OK)
		verification->handle = NULL;
}

void verifier_key(struct verification *verification, size_t signature, const struct crypto_key *key)
{
	const char *text = base64_encode(verification->arena, key->bytes, key->length);

	invariant(signature < verification->max);
	verification->keys[signature] =
	    arena_format(verification->arena, "k=%s; p=%s", crypto_kind_names[key->kind], text);
}

void verifier_finish(struct verification *verification)
{
	DKIM_STAT status;

	if (verification->handle == NULL)
		return;
	for (size_t i = 0; i < verification->given; i++)
		if (!verification->wanted[i] || verification->keys[i] == NULL)
			dkim_sig_ignore(verification->list[i]);
	status = dkim_eom(verification->handle, NULL);
	/* Its status is a summary; the result of each signature counts, unless it gave up. */
	verification->finished = status != DKIM_STAT_SYNTAX && status != DKIM_STAT_INVALID &&
	                         status != DKIM_STAT_NORESOURCE && status != DKIM_STAT_INTERNAL;
	if (!verification->finished)
		verification->handle = NULL;
}

/* Only for signatures that the library has set up: it does not check whether the others have
 * hashes. */
static void add_hashes(struct verifier_outcome *outcome, DKIM_SIGINFO *signature)
{
	void *header, *body;
	size_t header_length, body_length;

	if (dkim_sig_gethashes(signature, &header, &header_length, &body, &body_length) !=
	        DKIM_STAT_OK ||
	    header_length != CRYPTO_HASH || body_length != CRYPTO_HASH)
		return;
	outcome->header_hash = header;
	outcome->body_hash = body;
}

static enum verifier_result result_of(DKIM_SIGINFO *signature, int error)
{
	unsigned flags = dkim_sig_getflags(signature);
	bool passed = (flags & DKIM_SIGFLAG_PASSED) != 0;

	if (error == DKIM_SIGERROR_TOOLARGE_L)
		return VERIFIER_BODY_SHORT;
	if ((flags & DKIM_SIGFLAG_IGNORE) != 0 || (flags & DKIM_SIGFLAG_PROCESSED) == 0)
		return VERIFIER_UNABLE;
	if (!passed && error == DKIM_SIGERROR_BADSIG)
		return VERIFIER_SIGNATURE_DIFFERS;
	if (passed && dkim_sig_getbh(signature) == DKIM_SIGBH_MISMATCH)
		return VERIFIER_BODY_DIFFERS;
	if (passed && dkim_sig_getbh(signature) == DKIM_SIGBH_MATCH && error == DKIM_SIGERROR_OK)
		return VERIFIER_PASS;
	return VERIFIER_UNABLE;
}

struct verifier_outcome verifier_outcome(const struct verification *verification, size_t signature)
{
	struct verifier_outcome outcome = {.result = VERIFIER_UNABLE};
	DKIM_SIGINFO *info;
	int error;

	if (!verification->finished || signature >= verification->given)
		return outcome;
	info = verification->list[signature];
	error = dkim_sig_geterror(info);
	outcome.result = result_of(info, error);
	if (error == DKIM_SIGERROR_UNKNOWN || error == DKIM_SIGERROR_OK ||
	    error == DKIM_SIGERROR_BADSIG || error == DKIM_SIGERROR_TOOLARGE_L)
		add_hashes(&outcome, info);
	return outcome;
}

void verifier_version(char *text, size_t room)
{
	uint32_t version = dkim_libversion();

	snprintf(text, room, "%u.%u.%u", version >> 24, version >> 16 & 0xFF, version >> 8 & 0xFF);
}
