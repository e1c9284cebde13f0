/*
 * signature_key.h - looks up the key of a signature and checks whether it may be used (RFC
 * 6376 6.1.2, RFC 8301 3.2).
 */
#ifndef ASSAY_SIGNATURE_KEY_H
#define ASSAY_SIGNATURE_KEY_H

#include "dkim/key_note.h"
#include "dkim/signature_field.h"
#include "services.h"

/*
 * RFC 6376 3.6.2.2 does not define what several records at one name mean. Here a signature may
 * verify with any record that has a usable key for its algorithm, in the order of the answer. Other
 * records are skipped; the first of them gives the reason if there is no usable key at all.
 */
struct signature_key {
	enum result result; /* RESULT_NONE: `keys` may be tried */
	const char *reason;
	enum lookup_fault fault; /* with RESULT_TEMPERROR */
	size_t count;
	struct crypto_key keys[KEYS_MAX];
	/* The same for TLS reports alone (key_record.h); never in `keys`. */
	size_t tls_count;
	struct crypto_key tls_keys[KEYS_MAX];
	unsigned bits; /* of the first key, usable or not; 0 for none */
	bool testing;  /* t=y of the first record with a key */
	bool secure;   /* the answer was validated by DNSSEC */
};

/* Waits for the answer. `field` must have a key_name. `services` are those of the author domain if
 * the signature could be aligned with it. */
void signature_key_find(const struct services *services, struct arena *arena,
                        const struct signature_field *field, long minimum_rsa_bits,
                        struct signature_key *key);

#endif
