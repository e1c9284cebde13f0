/*
 * spf_request.h - the arguments of one check_host() (RFC 7208 4.1), shared by the parts of the SPF
 * policy.
 *
 * spf.c makes one for each identity at MAIL FROM. After that it never changes: prefetching reads it
 * on the resolver's thread while the message's own thread evaluates.
 */
#ifndef ASSAY_SPF_REQUEST_H
#define ASSAY_SPF_REQUEST_H

#include "base/arena.h"
#include "finding.h"
#include "services.h"

enum {
	SPF_TERMS_MAX = 10, /* terms that look names up, RFC 7208 4.6.4 */
	SPF_NAMES_MAX = 10, /* address lookups for one mx or ptr, RFC 7208 4.6.4 */
};

struct spf_request {
	const struct services *services;
	struct arena *arena; /* of the message's own thread only */
	struct address client;
	enum spf_scope scope;
	/* internal form, two labels or more; NULL where the identity has none */
	const char *domain;
	const char *sender;     /* local-part@domain, "postmaster" filled in (RFC 7208 4.3) */
	const char *local_part; /* as given */
	bool local_part_ascii;  /* otherwise terms with %{s} or %{l} match nothing (RFC 8616 4) */
	/* as given, but A-labels if it is a domain name; "unknown" if there was none */
	const char *helo;
	const char *receiver;
	time_t now;
	unsigned void_lookups_max;
};

#endif
