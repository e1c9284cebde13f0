/*
 * failure.h - what one message that failed DMARC leaves for a failure report (RFC 9991, RFC 6591):
 * facts, and its header as far as others may see it. Pure: no settings, no I/O.
 */
#ifndef ASSAY_FAILURE_H
#define ASSAY_FAILURE_H

#include <time.h>

#include "base/setting.h"
#include "decision/decision.h"
#include "rows/failure_header.h"

/* All strings are in one arena; none is NULL, "" stands for what does not exist. All are printable
 * ASCII; only `header` has line ends, which are LF. */
struct failure {
	time_t received;
	const char *policy_domain, *header_from;
	const char *ruf;       /* URIs with commas between */
	const char *group;     /* equal for failures that one report may stand for */
	const char *alignment; /* Identity-Alignment: "dkim, spf", "dkim", "spf" or "none" */
	const char *dkim_domain, *dkim_identity, *dkim_selector; /* identity: redacted */
	const char *spf_domain, *spf_record; /* of an aligned identity that did not pass */
	const char *mail_from;               /* redacted */
	const char *source;                  /* address of the client */
	const char *delivery;                /* Delivery-Result, RFC 6591 3.2.2 */
	const char *list;                    /* "yes" where it bears List-Id */
	const char *header;                  /* redacted, FAILURE_HEADER_MAX at most */
};

/*
 * Why no report is to be made of the message; NULL where one is. `domains` are the policy domains
 * that reports are sent about: names, "*.NAME" for those below, "*" for all; `reporter` is the
 * address that our own reports come from.
 */
const char *failure_unwanted(const struct message *message, const struct findings *findings,
                             const struct verdict *verdict, const struct strings *domains,
                             const char *reporter, struct arena *arena);

/* Is the policy domain one of these? */
bool failure_names_domain(const struct strings *domains, const char *policy_domain);

/* Of a message that failure_unwanted() has nothing against. */
const struct failure *failure_make(const struct message *message, const struct findings *findings,
                                   const struct verdict *verdict, const struct networks *ours,
                                   const struct failure_key *key, struct arena *arena);

#endif
