/*
 * verifier.h - libopendkim, and nothing but it: canonicalization, hashes and the check of
 * signatures that signature_field.h has read and for which a key was found. It never asks the DNS
 * nor the clock here.
 */
#ifndef ASSAY_VERIFIER_H
#define ASSAY_VERIFIER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/problem.h"
#include "crypto/crypto.h"

struct verifier;     /* once a settings snapshot; const for messages, many threads use it at once */
struct verification; /* one message, in its arena, as long as that */

struct verifier *verifier_open(struct problem *problem);
void verifier_close(struct verifier *verifier);

/*
 * The rest in this order. `signatures` is the most DKIM-Signature fields that will be given. After
 * anything that libopendkim refuses, the later calls do nothing and every outcome is
 * VERIFIER_UNABLE.
 */
struct verification *verifier_begin(const struct verifier *verifier, struct arena *arena,
                                    size_t signatures);

/* Header fields from the top, name and value as in struct header. A DKIM-Signature field, its name
 * in any spelling, goes through verifier_signature() whether its outcome is asked for or not. */
void verifier_field(struct verification *verification, const char *name, const char *value);
size_t verifier_signature(struct verification *verification, const char *name, const char *value,
                          bool wanted);
void verifier_end_of_headers(struct verification *verification);

/* CRLF line ends, never split between CR and LF, and one at the very end of a body that is not
 * empty. */
void verifier_body(struct verification *verification, const unsigned char *bytes, size_t length);

/* The key for the signature of that number; without one its b= is not checked, and it has hashes
 * alone. */
void verifier_key(struct verification *verification, size_t signature,
                  const struct crypto_key *key);
void verifier_finish(struct verification *verification);

enum verifier_result {
	VERIFIER_UNABLE, /* not judged */
	VERIFIER_PASS,
	VERIFIER_SIGNATURE_DIFFERS, /* b= does not verify */
	VERIFIER_BODY_DIFFERS,      /* b= verifies, bh= does not */
	VERIFIER_BODY_SHORT         /* l= is more than the body has */
};

struct verifier_outcome {
	enum verifier_result result;
	const unsigned char *header_hash; /* SHA-256 of what b= signs; NULL where there is none */
	const unsigned char *body_hash;   /* of the body, as far as l= goes */
};

struct verifier_outcome verifier_outcome(const struct verification *verification, size_t signature);

/* The version of libopendkim that runs. */
void verifier_version(char *text, size_t room);

#endif
