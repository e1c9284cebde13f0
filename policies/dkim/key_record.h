/*
 * key_record.h - one DKIM key record as published (RFC 6376 3.6.1), bounded and checked.
 */
#ifndef ASSAY_KEY_RECORD_H
#define ASSAY_KEY_RECORD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "crypto/crypto.h"

struct key_record {
	/* Why no signature can be verified with it, or NULL: not a tag list, another version, for
	 * another service or hash, no usable key in p=, revoked. */
	const char *problem;
	bool revoked;     /* p= is empty */
	bool testing;     /* t=y */
	bool same_domain; /* t=s: the domain of i= must be d= itself */
	bool has_key;     /* `key` is valid, even if there is a problem with other tags */
	/* The only problem is that s= has tlsrpt, but neither email nor *: the key signs reports
	 * about TLS (RFC 8460 3), and no other mail. */
	bool tls_reports;
	struct crypto_key key;
};

/* `text` may hold any octet. Everything is in the arena. */
void key_record_read(struct arena *arena, const char *text, size_t length,
                     struct key_record *record);

#endif
