/*
 * header_hash.h - the hash of a header as RFC 6376 has it (3.7, 5.4.2), for what libopendkim reads
 * otherwise.
 */
#ifndef ASSAY_HEADER_HASH_H
#define ASSAY_HEADER_HASH_H

#include "dkim/signature_field.h"
#include "message.h"

/*
 * SHA-256 of what b= of the signature `own` signs: the fields that h= names, each name's from the
 * bottom up, then `own` itself with an empty b=. `field` is what signature_field.h read of it. NULL
 * where OpenSSL refuses.
 */
const unsigned char *header_hash_make(struct arena *arena, const struct message *message,
                                      const struct header *own,
                                      const struct signature_field *field);

#endif
