/*
 * signature_make.h - one DKIM-Signature field, or the ARC-Message-Signature that is made like it:
 * its tags, what it covers, its hash and signature (RFC 6376 3.5, 3.7, 5; RFC 8617 4.1.2).
 */
#ifndef ASSAY_SIGNATURE_MAKE_H
#define ASSAY_SIGNATURE_MAKE_H

#include <time.h>

#include "dkim/canon.h"
#include "finding.h"
#include "message.h"
#include "sign/sent_fields.h"
#include "sign/signed_fields.h"
#include "sign/signing_table.h"

/* What all signatures of one message share. */
struct signing {
	const struct message *message;
	struct signed_fields fields;
	const struct sent_field *sent; /* of the message */
	const char *domain;            /* d= */
	const char *identity;          /* i= domain, or NULL */
	/* 0; or it is an ARC-Message-Signature of this instance (RFC 8617 4.1.2) */
	unsigned instance;
	enum canonicalization header_form, body_form;
	time_t when;                    /* t= */
	time_t expires;                 /* x=, 0 for none */
	const unsigned char *body_hash; /* CRYPTO_HASH octets */
	struct arena *arena;
};

/*
 * The names for h= in order, a name once for each field that it covers, plus once more where a
 * field that is added later has to break the signature (RFC 6376 8.15); and the covered fields in
 * canonical form, each with its CRLF.
 */
struct signature_cover {
	const char *names;     /* "from:from:to:to:..." */
	const char *canonical; /* what comes before the signature's own field in the hash */
	size_t length;
	bool long_lines; /* a covered field has a line over the limit */
};
struct signature_cover signature_make_cover(const struct signing *signing);

/* The header's canonical form: relaxed, but simple where a field that is covered has octets that
 * others read in another way in relaxed form. */
enum canonicalization signature_make_form(const struct message *message,
                                          const struct signed_fields *fields);

/* a= of a signature with this key. */
const char *signature_make_algorithm(const struct signing_key *key);

/* False where OpenSSL refuses. */
bool signature_make(const struct signing *signing, const struct signature_cover *cover,
                    const struct signing_key *key, struct made_signature *made);

/* A made value as it will be sent, and signed: a space after the colon, folds of CRLF. */
const char *signature_make_sent(struct arena *arena, const char *value);

#endif
