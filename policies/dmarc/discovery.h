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
	const struct walk_answer
	    *failed; /* the lookup without which nobody knows, or NULL; then nothing below counts */
	const char *policy_domain; /* NULL: no record applies */
	const struct policy_record *record;
	const char *tag;                /* "p", "sp" or "np" */
	enum request published;         /* what that tag says */
	bool author_exists;             /* true where it was of no matter and not asked */
	const struct answer *existence; /* the failed lookup that leaves it open whether np applies
	                                   instead of sp, where that asks for more; or NULL */
	enum request at_stake; /* also where a lookup failed: the strictest policy that may apply,
	                          as far as is known */
};

/* Looks the author domain up first and goes on only where that has no record. */
struct discovery discovery_make(const struct organizations *organizations,
                                const struct services *services, const char *author_domain);

/* The policy that counts for mail that fails: the published one, the next weaker in test mode
 * (4.7), none where the record is broken (4.10.1). For a discovery with a record. */
enum request discovery_effective(const struct discovery *discovery);

#endif
