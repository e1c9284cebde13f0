/*
 * recursor.h - the thread that owns libunbound: takes questions, hands each back once with an
 * answer.
 *
 * Validation (DNSSEC): with a trust anchor, questions go through libunbound's validator. Whether
 * the servers pass on what validation needs shows in the root's own key, which is asked for at the
 * start. Where that validates, validation holds from then on: a bogus answer is a failed lookup.
 * Where it does not, the servers cannot serve validation at all, everything would seem bogus and no
 * mail would ever be judged: so answers are taken unvalidated (never `secure`), the log warns, and
 * it is tried again every ten minutes. Names under domains that the public DNS does not have
 * (local, internal, test, ...) are never validated.
 *
 * While questions wait in vain, the servers are asked once a second for a name under invalid. (RFC
 * 6761 6.4), so that libunbound does not take them for dead on account of names that nobody
 * answers.
 */
#ifndef ASSAY_RECURSOR_H
#define ASSAY_RECURSOR_H

#include "dns/cache.h"

struct recursor;

struct recursor_settings {
	const struct strings *servers; /* while recursor_open() runs */
	long timeout_ms;
	long in_flight;
	const char *trust_anchor; /* a file; NULL: no validation */
	/* Called on the recursor's thread; `milliseconds`: how long the answer holds. */
	void (*complete)(void *context, struct pending_query *question, struct answer *answer,
	                 int64_t milliseconds);
	void *context;
};

struct recursor *recursor_open(const struct recursor_settings *settings, struct problem *problem);
void recursor_close(struct recursor *recursor); /* settles what is under way as failed */

/* From any thread; the caller's reference goes to the recursor until complete() has been called. */
void recursor_ask(struct recursor *recursor, struct pending_query *question);

#endif
