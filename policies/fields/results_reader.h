/*
 * results_reader.h - reads an Authentication-Results value (RFC 8601 2.2): which server it claims
 * to be from, and what it says.
 */
#ifndef ASSAY_RESULTS_READER_H
#define ASSAY_RESULTS_READER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

struct results_owner {
	bool readable;      /* false: too malformed to show an authserv-id, `id` is NULL */
	const char *id;     /* unquoted */
	bool known_version; /* none given, or 1 */
};

struct results_owner results_reader_owner(struct arena *arena, const char *value);

/* What a field says, in its order. Names are in lower case without white space, values without
 * quotes. */
struct results_sink {
	void *context;
	void (*method)(void *context, const char *method, const char *result); /* "dmarc", "fail" */
	/* "header.from", "example.org"; of the method before it */
	void (*property)(void *context, const char *name, const char *value);
};

/* False where it has another version than 1 (RFC 8601 5), or does not follow the grammar to its
 * end; what came before that has been reported. Time is linear in the length, and it keeps at most
 * ten octets for each. */
bool results_reader_read(struct arena *arena, const char *value, const struct results_sink *sink);

/* Does an authserv-id name our server? Case, a trailing dot, white space and U-labels make no
 * difference, nor does what some writers put behind the host: "host/job" (RFC 8601 2.2 allows it
 * only in quotes), a port, a version. */
bool results_reader_names(struct arena *arena, const char *id, const char *own);

/*
 * Does this value of an Authentication-Results field claim our authserv_id, in whatever spelling
 * (case, quoting, comments, folding, trailing dot, version, job, port, U-labels; RFC 8601 5), or is
 * it too malformed to tell? Such a field is forged and is removed.
 */
bool results_reader_is_forged(const char *value, const char *authserv_id, struct arena *arena);

#endif
