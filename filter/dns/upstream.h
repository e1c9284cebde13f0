/*
 * upstream.h - libunbound behind a handful of calls: queries go out, replies come back as answers.
 *
 * One thread owns an upstream: all calls are its own, and replies come inside upstream_process().
 * libunbound works on a thread of its own behind it.
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
	struct answer *answer; /* belongs to who receives the reply; NULL without memory */
	int64_t milliseconds;  /* how long it holds; 0 for LOOKUP_FAILED */
	bool heard;            /* the servers answered something usable, be it bogus */
	bool secure;           /* validated */
	bool bogus;            /* validation failed */
};

/* One query; embedded in a larger struct of the asking side, which stays until the reply or the
 * cancel. */
struct upstream_query {
	int type;     /* of the DNS */
	bool pending; /* between ask and reply */
	int id;       /* libunbound's */
	void (*done)(struct upstream_query *query, const struct upstream_reply *reply);
};

/*
 * `servers` as in struct resolver_settings; a query without an answer is given up by its
 * asker after `timeout_ms`; `in_flight` queries are to be under way at once, each with a
 * socket of its own as far as half of the process's files allow; `trust_anchor` is a file, NULL: no
 * validation. NULL and a problem where libunbound refuses.
 */
struct upstream *upstream_open(const struct strings *servers, long timeout_ms, long in_flight,
                               const char *trust_anchor, struct problem *problem);
void upstream_close(struct upstream *upstream); /* NULL is allowed */

/* `name` as in struct cache_key, "" for the root; `type` and `done` of the query are set. False:
 * libunbound refuses. */
bool upstream_ask(struct upstream *upstream, const char *name, struct upstream_query *query);
void upstream_cancel(struct upstream *upstream, struct upstream_query *query);

int upstream_file(
    const struct upstream *upstream); /* readable when there is something to process */
void upstream_process(struct upstream *upstream);

/* The version of libunbound that runs. */
void upstream_version(char *text, size_t room);

#endif
