/*
 * signature_key.h - the key of a signature: looks it up and judges whether it may be used (RFC
 * 6376 6.1.2, RFC 8301 3.2).
 */
#ifndef ASSAY_SIGNATURE_KEY_H
#define ASSAY_SIGNATURE_KEY_H

#include "dkim/key_record.h"
#include "dkim/signature_field.h"
#include "services.h"

enum {
	KEYS_MAX = 4 /* records of one name that are looked at */
};

/*
 * RFC 6376 3.6.2.2 leaves open what several records at one name mean. Here every record that holds
 * a usable key for the signature's algorithm is one that the signature may verify with, in the
 * order of the answer; anything else at the name is passed over, and gives the reason only where no
 * key is left.
 */
struct signature_key {
	enum result result; /* RESULT_NONE: `keys` may be tried */
	const char *reason;
	enum lookup_fault fault; /* with RESULT_TEMPERROR */
	size_t count;
	struct crypto_key keys[KEYS_MAX];
	unsigned bits; /* of the first key, usable or not; 0 for none */
	bool testing;  /* t=y of the first record with a key */
	bool secure;   /* the answer was validated by DNSSEC */
};

/* Waits for the answer. `field` has a key_name. `services` are those of the author domain where the
 * signature could be aligned with it. */
void signature_key_find(const struct services *services, struct arena *arena,
                        const struct signature_field *field, long minimum_rsa_bits,
                        struct signature_key *key);

#endif
