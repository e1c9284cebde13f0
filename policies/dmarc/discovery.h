/*
 * discovery.h - which DMARC Policy Record applies to an author domain, and which of its tags (RFC
 * 9989 4.10.1).
 */
#ifndef ASSAY_DISCOVERY_H
#define ASSAY_DISCOVERY_H

#include <stdbool.h>

#include "dmarc/organization.h"
#include "services.h"

struct discovery {
	/* the failed lookup that the result depends on, or NULL; if set, only at_stake is valid */
	const struct walk_answer *failed;
	const char *policy_domain; /* NULL: no record applies */
	const struct policy_record *record;
	const char *tag;        /* "p", "sp" or "np" */
	enum request published; /* the value of that tag */
	bool author_exists;     /* true also where it does not matter and was not looked up */
	/* the failed lookup because of which np, stricter than sp, may apply instead; or NULL */
	const struct answer *existence;
	/* the strictest policy that may apply, as far as is known; also if a lookup failed */
	enum request at_stake;
};

/* Looks up the record of the author domain, and others only if there is none. */
struct discovery discovery_make(const struct organizations *organizations,
                                const struct services *services, const char *author_domain);

/* The policy for mail that fails: the published one, the next weaker one in test mode (4.7), none
 * if the record is broken (4.10.1). The discovery must have a record. */
enum request discovery_effective(const struct discovery *discovery);

#endif
