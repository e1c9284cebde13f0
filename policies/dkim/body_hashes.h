/*
 * body_hashes.h - the hashes of one body: as many as its signatures, made or verified, ask for,
 * each canonicalisation made once (RFC 6376 3.4.3, 3.4.4, 3.7), and how long the canonical body is,
 * with which l= is compared.
 */
#ifndef ASSAY_BODY_HASHES_H
#define ASSAY_BODY_HASHES_H

#include <stdint.h>

#include "base/arena.h"
#include "crypto/crypto.h"
#include "dkim/canon.h"

struct body_hashes; /* one message's, in its arena */

struct body_hashes *body_hashes_begin(struct arena *arena);

/* Before the body: one more hash, of its first `limit` octets; NULL for all of them. Returns its
 * number; who asks for the same gets the same. */
size_t body_hashes_want(struct body_hashes *hashes, enum canonicalization form,
                        const uint64_t *limit);

/* Bytes from line_ends.h, to whom this is what it gives them to; the end once. */
void body_hashes_add(void *hashes, const unsigned char *bytes, size_t length);
void body_hashes_end(struct body_hashes *hashes);

/* After the end: SHA-256, NULL where OpenSSL refused; and the octets of the canonical body, of a
 * form that was asked for. */
const unsigned char *body_hashes_digest(const struct body_hashes *hashes, size_t number);
uint64_t body_hashes_length(const struct body_hashes *hashes, enum canonicalization form);

#endif
