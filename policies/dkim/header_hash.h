/*
 * header_hash.h - the hash of a header that a signature signs (RFC 6376 3.7, 5.4.2).
 */
#ifndef ASSAY_HEADER_HASH_H
#define ASSAY_HEADER_HASH_H

#include "dkim/signature_field.h"
#include "message.h"

/*
 * SHA-256 of what the signature `own` signs: the fields that h= names, those of one name from the
 * bottom up, then `own` itself with an empty b=. `field` is the result of signature_field_read()
 * for it. NULL if OpenSSL fails.
 */
const unsigned char *header_hash_make(struct arena *arena, const struct message *message,
                                      const struct header *own,
                                      const struct signature_field *field);

/* The value of a signature field with an empty b=, without the white space around that (RFC
 * 6376 3.7). */
const char *header_hash_without_b(struct arena *arena, const char *value,
                                  const struct signature_field *field);

#endif
