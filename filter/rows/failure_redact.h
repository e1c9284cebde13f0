/*
 * failure_redact.h - addresses in a failure report (RFC 6590): the local part becomes a keyed hash,
 * so that the owner of a domain sees that two reports are about one mailbox, and nobody can try
 * names out.
 */
#ifndef ASSAY_FAILURE_REDACT_H
#define ASSAY_FAILURE_REDACT_H

#include "base/arena.h"
#include "crypto/crypto_hmac.h"

struct failure_key {
	unsigned char bytes[CRYPTO_HMAC_KEY];
};

/* "redacted+" and 16 characters of base64url for `local` at `domain` (in internal form). Both
 * count without the case of ASCII letters. In the arena. */
const char *failure_redact_local(const struct failure_key *key, const char *local, size_t length,
                                 const char *domain, struct arena *arena);

/* The same for an address, with its domain; "" where it has none that is a domain name. */
const char *failure_redact_address(const struct failure_key *key, const char *address,
                                   struct arena *arena);

#endif
