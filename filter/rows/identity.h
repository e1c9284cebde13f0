/*
 * identity.h - SipHash-2-4 with 128 bits of result: which rows are the same row, and is a record
 * whole.
 *
 * Senders choose most of what a row says. The store therefore has a random key of its own, so that
 * nobody can make two different rows meet, or crowd one place of a table.
 */
#ifndef ASSAY_IDENTITY_H
#define ASSAY_IDENTITY_H

#include <stddef.h>
#include <stdint.h>

enum {
	IDENTITY_BYTES = 16
};

struct identity {
	unsigned char bytes[IDENTITY_BYTES];
};

/* The hash of `seed` (eight bytes, little-endian) followed by `length` bytes; the same on every
 * machine. */
struct identity identity_of(const struct identity *key, uint64_t seed, const char *bytes,
                            size_t length);

#endif
