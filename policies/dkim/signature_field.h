/*
 * signature_field.h - our own reading of a DKIM-Signature field (RFC 6376 3.5, 6.1.1).
 *
 * It comes before libopendkim's: that one forgets a field that it cannot read, takes white space
 * inside d=, lets the last of two equal tags count and never says why. What is harmless here, both
 * read alike.
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

struct signature_field {
	/* RESULT_NONE: nothing stands against it so far. Otherwise the result that it gets (RFC
	 * 8601 2.7.1): permerror for a missing tag, neutral for what cannot be read, policy for
	 * what we refuse. */
	enum result result;
	const char *reason;

	/* as far as they could be read */
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
	size_t b_from,
	    b_to; /* the octets of the field that its value takes, white space around it too */
	const unsigned char *body_hash;               /* bh=; CRYPTO_HASH octets, or NULL */
	enum canonicalization header_form, body_form; /* c= */
	bool has_limit;
	uint64_t limit; /* l= */
	bool expires_ever;
	uint64_t expires; /* x= */
	size_t name_count;
	const char *const *names; /* h=, lower case */

	/* May be handed to libopendkim, to be verified or as a header field that another signature
	 * covers: its reader meets nothing that it misreads or is known to stumble on. */
	bool harmless;
};

/* `value` as in struct header. Everything is in the arena. */
void signature_field_read(struct arena *arena, const char *value, struct signature_field *field);

#endif
