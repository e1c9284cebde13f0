/*
 * row.h - what one judged message leaves for the aggregate reports: facts only, no settings, no
 * I/O.
 *
 * Rows that are equal in everything are one row with a count (RFC 9990 3.1). All strings are in the
 * message's arena; none is NULL ("" stands for what does not exist).
 */
#ifndef ASSAY_ROW_H
#define ASSAY_ROW_H

#include <time.h>

#include "decision/decision.h"
#include "finding.h"
#include "message.h"

enum {
	ROW_DKIM_MAX = 100, /* results of a row, RFC 9990 3.1.1.11 */
	ROW_DKIM_UNALIGNED_MAX =
	    10 /* a result that is not an aligned pass is only listed while there are fewer */
};

struct row_dkim {
	const char *domain, *selector, *result, *reason;
};

struct report_row {
	time_t received;
	/* the policy as published: RFC 9990 policy_published; policy_domain "" where DMARC found no
	   policy; the others are "" then too. Defaults are filled in; rua: URIs with commas
	   between, each with its size suffix (RFC 7489 6.2) where it has one:
	   "mailto:a@example.org!10m" */
	const char *policy_domain, *p, *sp, *np, *adkim, *aspf, *fo, *testing, *psd, *discovery,
	    *rua, *record_error;
	/* row and policy_evaluated */
	const char *source, *disposition, *dkim_aligned,
	    *spf_aligned; /* aligned: "pass" or "fail" */
	const char *override_type, *override_comment;
	const char *action; /* accept, quarantine, reject, tempfail; rows of a tempfail are not
	                       reported, the mail comes again */
	const char *dmarc;  /* dmarc result */
	/* identifiers */
	const char *header_from, *envelope_from; /* envelope_from: domain; "" for the null sender */
	/*
	 * The recipients' domain where they all have the same one, else "". Lists of domains would
	 * make nearly every message to several of a hoster's domains a row of its own (and show who
	 * shares a mailing), and RFC 9990 has place for one domain only.
	 */
	const char *envelope_to;
	/* auth_results */
	/* in the priority of RFC 9990: passes, and what did not pass of domains near the author's;
	   other results are the sender's invention as far as anybody knows, and are left out */
	size_t dkim_count;
	const struct row_dkim *dkim;
	const char *spf_domain, *spf_scope, *spf_result, *spf_reason; /* scope: "mfrom" */
	/* not in reports, but for `assay report sealers`: who sealed a message that fails DMARC and
	 * whose ARC chain passes, and what its results do: "restored" (it is listed in
	 * arc.trusted), "would restore", "nothing"; both "" for other mail */
	const char *sealer, *sealer_outcome;
};

/*
 * Pure. NULL where the message was not judged. Every string is free of control bytes and of what
 * XML 1.0 cannot hold; their lengths are bounded.
 */
struct report_row *row_make(const struct message *message, const struct findings *findings,
                            const struct verdict *verdict, struct arena *arena);

#endif
