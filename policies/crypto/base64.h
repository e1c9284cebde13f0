/*
 * base64.h - base64 (RFC 4648 4) as DKIM uses it: white space may stand anywhere (RFC 6376 2.10).
 */
#ifndef ASSAY_BASE64_H
#define ASSAY_BASE64_H

#include <stddef.h>

#include "base/arena.h"

/* The octets, or NULL where a character is none of the alphabet or the text ends inside a group.
 * Missing padding is forgiven. */
unsigned char *base64_decode(struct arena *arena, const char *text, size_t *length);

/* One line, padded. */
char *base64_encode(struct arena *arena, const unsigned char *bytes, size_t length);

#endif
