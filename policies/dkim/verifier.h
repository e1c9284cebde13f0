/*
 * verifier.h - the interface to libopendkim: canonicalization and hashes for signatures that
 * signature_field.h has read. The library never uses the DNS or the clock here.
 */
#ifndef ASSAY_VERIFIER_H
#define ASSAY_VERIFIER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/problem.h"
#include "crypto/crypto.h"

struct verifier;     /* one for each settings snapshot; used by many threads at once */
struct verification; /* one message; released with its arena */

struct verifier *verifier_open(struct problem *problem);
void verifier_close(struct verifier *verifier);

/*
 * The following functions are called in this order. `signatures` is the maximum of DKIM-Signature
 * fields. If libopendkim refuses anything, later calls do nothing and every outcome is
 * VERIFIER_UNABLE.
 */
struct verification *verifier_begin(const struct verifier *verifier, struct arena *arena,
                                    size_t signatures);

/* Header fields from the top, name and value as in struct header. Every DKIM-Signature field, in
 * upper or lower case, must go through verifier_signature(), `wanted` or not. Returns its
 * number. */
void verifier_field(struct verification *verification, const char *name, const char *value);
size_t verifier_signature(struct verification *verification, const char *name, const char *value,
                          bool wanted);
void verifier_end_of_headers(struct verification *verification);

/* CRLF line ends, never split between CR and LF, and one at the very end of a body that is not
 * empty. */
void verifier_body(struct verification *verification, const unsigned char *bytes, size_t length);

/* The key for the signature of that number. Without one its b= is not checked, but its hashes are
 * made. */
void verifier_key(struct verification *verification, size_t signature,
                  const struct crypto_key *key);
void verifier_finish(struct verification *verification);

enum verifier_result {
	VERIFIER_UNABLE, /* not verified */
	VERIFIER_PASS,
	VERIFIER_SIGNATURE_DIFFERS, /* b= does not verify */
	VERIFIER_BODY_DIFFERS,      /* b= verifies, bh= does not */
	VERIFIER_BODY_SHORT         /* l= is more than the body has */
};

struct verifier_outcome {
	enum verifier_result result;
	const unsigned char *header_hash; /* SHA-256 of what b= signs; NULL if there is none */
	const unsigned char *body_hash;   /* of the body, up to l= */
};

struct verifier_outcome verifier_outcome(const struct verification *verification, size_t signature);

/* The version of libopendkim that runs. */
void verifier_version(char *text, size_t room);

#endif
