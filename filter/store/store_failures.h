/*
 * store_failures.h - failure reports in the store: what came from the journal, added up; what is to
 * be sent and what became of it; and how much was sent lately, which the limits are held by.
 *
 * Nothing of it is in a store of a site that does not send failure reports, not even the key. Of a
 * report that is done with, only domain, addresses, times and count stay.
 */
#ifndef ASSAY_STORE_FAILURES_H
#define ASSAY_STORE_FAILURES_H

#include "base/arena.h"
#include "rows/failure_redact.h"
#include "store/store.h"

enum {
	STORE_FAILURES_DOMAIN = 300, /* most open ones of a policy domain ... */
	STORE_FAILURES_ALL = 5000    /* ... and of all: what is beyond is only counted */
};

enum failure_state {
	FAILURE_OPEN,    /* equal ones are added to it */
	FAILURE_WAITING, /* the mail server did not take it; to be tried again */
	FAILURE_HANDING, /* was being handed over when the process ended: it may have gone out */
	FAILURE_SENT,
	FAILURE_REFUSED, /* nobody may get it */
	FAILURE_DROPPED, /* over the limits for too long, or given up */
	FAILURE_UNKNOWN, /* handed over twice without an answer: it is not tried again */
	FAILURE_STATES
};
extern const char *const store_failures_names[]; /* "open", "waiting", ..., NULL */

struct failure_report {
	int64_t number;
	enum failure_state state;
	unsigned long incidents;
	time_t first, last; /* received */
	const char *policy_domain, *header_from;
	const char *record; /* failure_text.h, without its LF; "" once it is done with */
	const char *report_id, *addresses,
	    *mail;             /* "" before it is taken; mail: "" after it is sent */
	long attempts, doubts; /* doubts: how often it was found handing */
	time_t next_attempt;
	const char *text; /* why it is not sent */
};

/* The key that stands for 90 days; made where there is none. */
enum store_outcome store_failures_key(struct store *store, time_t now, struct failure_key *key,
                                      struct problem *problem);

/* For store.c, in the transaction of a batch. False: SQLite failed. */
bool store_failures_add(struct store *store, const struct store_batch *batch);

/* The rest is for the sender, and for whoever looks. False: the problem says why. */

/* The numbers of those to do something about: first the ones found handing, then those to try
 * again, then open ones that began at `begun` or before, oldest first. */
bool store_failures_due(struct store *store, time_t now, time_t begun, struct arena *arena,
                        size_t *count, int64_t **numbers, struct problem *problem);

/* Everything, in the arena. */
bool store_failures_read(struct store *store, int64_t number, struct arena *arena,
                         struct failure_report *report, struct problem *problem);

/* Mails of the last hour about the domain; of the last day to the address, and in all. */
struct failure_usage {
	long domain_hour, destination_day, day;
};
bool store_failures_used(struct store *store, time_t now, const char *policy_domain,
                         const char *address, struct failure_usage *usage, struct problem *problem);

/* Before it is handed over: state, id, addresses, mail, attempts and doubts, and a mail for each
 * address counts as sent. On disk when it returns. */
bool store_failures_take(struct store *store, const struct failure_report *report, time_t now,
                         struct problem *problem);

/* What became of it: state, text and next attempt. What it says about a message is erased unless
 * the state is open or waiting. */
bool store_failures_mark(struct store *store, const struct failure_report *report,
                         struct problem *problem);

/* What began before `open` and is still not sent is dropped, for the reason `why`, and what was
 * being handed over is not tried again; what is done with and began before `done` is deleted. */
bool store_failures_expire(struct store *store, time_t now, time_t open, time_t done,
                           const char *why, struct problem *problem);

/* Newest first, without record and mail; the report is valid during the call. */
bool store_failures_each(struct store *store, long limit,
                         void (*each)(const struct failure_report *report, void *context),
                         void *context, struct problem *problem);

/* How many reports there are in each state. */
bool store_failures_count(struct store *store, unsigned long counts[FAILURE_STATES],
                          struct problem *problem);

/* Failures that no report stands for, since there were too many different ones. */
bool store_failures_beyond(struct store *store, unsigned long *count, struct problem *problem);

#endif
