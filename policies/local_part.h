/*
 * local_part.h - the local part of an address in the one form in which it can be compared (RFC
 * 5322 3.4.1, 4.4; RFC 5321 4.1.2).
 */
#ifndef ASSAY_LOCAL_PART_H
#define ASSAY_LOCAL_PART_H

#include <stddef.h>

#include "base/arena.h"

/*
 * `bytes` are what stands before the @: words with dots between, white space and comments anywhere.
 * Comments and white space go, and so do quotes that are not needed: "a"."b" is a.b. What needs
 * them keeps one pair around the whole, so that no quoted text looks like an address. Nothing is
 * decoded, letters keep their case. Time and memory are linear in `length`; the result is in the
 * arena.
 */
const char *local_part_bare(struct arena *arena, const char *bytes, size_t length);

#endif
