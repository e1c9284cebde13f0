/*
 * base64.h - base64 (RFC 4648 4) as DKIM uses it: white space is allowed anywhere (RFC 6376 2.10).
 */
#ifndef ASSAY_BASE64_H
#define ASSAY_BASE64_H

#include <stddef.h>

#include "base/arena.h"

/* The octets, or NULL if a character is not in the alphabet or the last group is incomplete.
 * Padding may be missing. */
unsigned char *base64_decode(struct arena *arena, const char *text, size_t *length);

/* One line, with padding. */
char *base64_encode(struct arena *arena, const unsigned char *bytes, size_t length);

#endif
