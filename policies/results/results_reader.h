/*
 * results_reader.h - the start of an Authentication-Results value: whose is it (RFC 8601 2.2)?
 */
#ifndef ASSAY_RESULTS_READER_H
#define ASSAY_RESULTS_READER_H

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"

struct results_owner {
	bool readable;      /* false: too malformed to show an authserv-id, `id` is NULL */
	const char *id;     /* unquoted */
	bool known_version; /* none given, or 1 */
};

struct results_owner results_reader_owner(struct arena *arena, const char *value);

/* Do two authserv-ids mean the same? Case, a trailing dot, white space and U-labels make no difference. */
bool results_reader_same_id(struct arena *arena, const char *one, const char *other);

#endif
