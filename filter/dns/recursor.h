/*
 * recursor.h - the thread that owns libunbound: sends queries, and hands each back once with an
 * answer.
 *
 * Validation (DNSSEC): with a trust anchor, queries go through libunbound's validator. At the start
 * the root's key is asked for, to find out whether the servers pass on what validation needs. If it
 * validates, validation is on from then on: a bogus answer is a failed lookup. If it does not,
 * every answer would look bogus and no mail could be judged: so answers are taken without
 * validation (never `secure`), the log has a warning, and it is tried again every ten minutes.
 * Names under domains that the public DNS does not have (local, internal, test, ...) are never
 * validated.
 *
 * While queries wait and nothing is answered, the servers are asked once a second for a name under
 * invalid. (RFC 6761 6.4), so that libunbound does not take them for dead because of a few names
 * that are slow.
 */
#ifndef ASSAY_RECURSOR_H
#define ASSAY_RECURSOR_H

#include "dns/cache.h"

struct recursor;

struct recursor_settings {
	const struct strings *servers; /* used by recursor_open() alone */
	long timeout_ms;
	long in_flight;
	const char *trust_anchor; /* a file; NULL: no validation */
	/* Called once for each query, on the recursor's thread. The answer belongs to the callee,
	 * with the reference of recursor_ask(); it is valid for `milliseconds`. */
	void (*complete)(void *context, struct pending_query *query, struct answer *answer,
	                 int64_t milliseconds);
	void *context;
};

/* Starts the thread. NULL and a problem: libunbound, memory or a thread is missing. */
struct recursor *recursor_open(const struct recursor_settings *settings, struct problem *problem);
/* Ends the thread. Queries in flight are completed as failed. */
void recursor_close(struct recursor *recursor);

/* Adds a query, from any thread. The recursor takes over one reference until complete(). */
void recursor_ask(struct recursor *recursor, struct pending_query *query);

#endif
