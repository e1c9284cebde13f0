/*
 * signature_field.h - reads a DKIM-Signature field (RFC 6376 3.5, 6.1.1), and the two fields of ARC
 * that have its tags (RFC 8617 4.1.2, 4.1.3).
 *
 * libopendkim reads it again, but forgets a field that it cannot read, accepts white space inside
 * d=, uses the last of two equal tags and gives no reasons. A field that is `harmless` is read
 * alike by both.
 */
#ifndef ASSAY_SIGNATURE_FIELD_H
#define ASSAY_SIGNATURE_FIELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "crypto/crypto.h"
#include "dkim/canon.h"
#include "finding.h"

enum {
	SIGNATURE_FIELD_MAX = 16384, /* octets of a field that is read */
	SIGNED_NAMES_MAX = 256       /* names in h= */
};

/* Which field is read, and so which tags it has to have and must not have. */
enum signature_kind {
	SIGNATURE_DKIM,
	SIGNATURE_ARC_MESSAGE, /* no v=, and i= is the instance, not an identity */
	SIGNATURE_ARC_SEAL,    /* cv= too, and none of the tags about the body and other fields */
	SIGNATURE_KINDS
};

struct signature_field {
	/* RESULT_NONE: no objection so far. Otherwise its final result (RFC 8601 2.7.1): permerror
	 * for a missing tag, neutral for a tag that cannot be read, policy for what we refuse. */
	enum result result;
	const char *reason;

	/* NULL or 0 if they could not be read */
	const char *domain;
	const char *selector;
	const char *identity;        /* i= printable, or "@d" */
	const char *identity_domain; /* never NULL where domain is not */
	const char *algorithm;       /* a= printable */
	enum crypto_kind kind;
	const char *key_name; /* "s._domainkey.d" */
	const char *b;        /* b= without white space; NULL where missing */
	const unsigned char *signature;
	size_t signature_length;
	/* where the value of b= begins and ends in the field, white space around it included */
	size_t b_from, b_to;
	const unsigned char *body_hash;               /* bh=; CRYPTO_HASH octets, or NULL */
	enum canonicalization header_form, body_form; /* c= */
	bool has_limit;
	uint64_t limit; /* l= */
	bool expires_ever;
	uint64_t expires; /* x= */
	size_t name_count;
	const char *const *names; /* h=, lower case */
	/* of ARC fields, as they came; NULL where missing */
	const char *instance;     /* i= */
	const char *chain_status; /* cv= */

	/* libopendkim may get it, to verify it or as a field that another signature covers: there
	 * is nothing in it that the library misreads. */
	bool harmless;
};

/* `value` as in struct header. Everything is in the arena. */
void signature_field_read(struct arena *arena, const char *value, struct signature_field *field);

/* The same for any of the fields. Those of ARC are never `harmless`, and have no `identity`. */
void signature_field_read_kind(struct arena *arena, enum signature_kind kind, const char *value,
                               struct signature_field *field);

#endif
