/*
 * body_hashes.h - the hashes of one body for all signatures that are verified or made, each
 * canonical form made once (RFC 6376 3.4.3, 3.4.4, 3.7), and the length of the canonical body,
 * which l= is compared with.
 */
#ifndef ASSAY_BODY_HASHES_H
#define ASSAY_BODY_HASHES_H

#include <stdint.h>

#include "base/arena.h"
#include "crypto/crypto.h"
#include "dkim/canon.h"

struct body_hashes; /* one message's, in its arena */

struct body_hashes *body_hashes_begin(struct arena *arena);

/* Before the body: adds a hash of its first `limit` octets; NULL for all of them. Returns its
 * number; the same hash has the same number. */
size_t body_hashes_want(struct body_hashes *hashes, enum canonicalization form,
                        const uint64_t *limit);

/* The body, as line_ends.h passes it on; `hashes` is its context. body_hashes_end() once. */
void body_hashes_add(void *hashes, const unsigned char *bytes, size_t length);
void body_hashes_end(struct body_hashes *hashes);

/* After the end: SHA-256, NULL if OpenSSL failed; and the number of octets of the canonical body in
 * a form that a hash was added for. */
const unsigned char *body_hashes_digest(const struct body_hashes *hashes, size_t number);
uint64_t body_hashes_length(const struct body_hashes *hashes, enum canonicalization form);

#endif
