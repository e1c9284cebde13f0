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

/* Does an authserv-id name our server? Case, a trailing dot, white space and U-labels make no difference, nor
 * does what some writers put behind the host: "host/job" (RFC 8601 2.2 allows it in quotes alone), a port, a
 * version. */
bool results_reader_names(struct arena *arena, const char *id, const char *own);

#endif
