/*
 * upstream.h - a small interface to libunbound: sends queries, turns replies into answers.
 *
 * One thread owns an upstream and makes all calls; replies come inside upstream_process().
 * libunbound itself works on a thread of its own.
 */
#ifndef ASSAY_UPSTREAM_H
#define ASSAY_UPSTREAM_H

#include <stdint.h>

#include "base/domain.h"
#include "base/problem.h"
#include "base/setting.h"
#include "dns/answer.h"

struct upstream;

struct upstream_reply {
	struct answer *answer; /* belongs to the receiver; NULL without memory */
	int64_t milliseconds;  /* how long it is valid; 0 for LOOKUP_FAILED */
	bool usable;           /* the servers answered NOERROR, NXDOMAIN or a bogus answer */
	bool secure;           /* validated */
	bool bogus;            /* validation failed */
};

/* One query; embedded in a larger struct of the caller, which has to stay until the reply or
 * upstream_cancel(). */
struct upstream_query {
	int type;     /* a record type of the DNS */
	bool pending; /* sent, without a reply yet */
	int id;       /* for libunbound */
	/* Called once, inside upstream_process(), unless the query is cancelled. */
	void (*done)(struct upstream_query *query, const struct upstream_reply *reply);
};

/*
 * `servers` as in struct resolver_settings. `timeout_ms`: when the caller gives a query up.
 * `in_flight`: how many queries can be in flight, each with a socket of its own, up to half of the
 * file descriptors that the process may open. `trust_anchor`: a file, or NULL for no validation.
 * NULL and a problem if libunbound refuses.
 */
struct upstream *upstream_open(const struct strings *servers, long timeout_ms, long in_flight,
                               const char *trust_anchor, struct problem *problem);
void upstream_close(struct upstream *upstream); /* NULL is allowed */

/* Sends a query. `name` as in struct cache_key, "" for the root; the caller has set `type` and
 * `done` of the query. False: libunbound refused it. */
bool upstream_ask(struct upstream *upstream, const char *name, struct upstream_query *query);
/* `done` is not called after this. Does nothing unless the query is pending. */
void upstream_cancel(struct upstream *upstream, struct upstream_query *query);

/* A descriptor that is readable when upstream_process() has something to do. */
int upstream_file(const struct upstream *upstream);
void upstream_process(struct upstream *upstream);

/* The version of libunbound in use. */
void upstream_version(char *text, size_t room);

#endif
