/*
 * dmarc.h - the settings of the DMARC policy (group "dmarc"). The policy itself is policy_dmarc, in
 * policy.h.
 */
#ifndef ASSAY_DMARC_H
#define ASSAY_DMARC_H

#include "base/setting.h"

enum enforce {
	ENFORCE_MONITOR, /* never acts on what was found, be it by SPF, DKIM or DMARC; limits hold
	                  */
	ENFORCE_QUARANTINE, /* treats reject as quarantine (RFC 9989 7.4 to the letter) */
	ENFORCE_PUBLISHED,  /* the published policy, but quarantine for reject where the mail looks
	                       indirect */
	ENFORCE_STRICT      /* the published policy always */
};

enum discovery_method {
	DISCOVERY_TREEWALK,
	DISCOVERY_PSL
};

/* What to do where a failed lookup leaves the result open. */
enum temperror {
	TEMPERROR_ACCEPT,
	TEMPERROR_TEMPFAIL,
	TEMPERROR_AUTO /* tempfail where a policy of quarantine or reject is at stake, or the
	                * resolver fails
	                */
};

extern const char *const discovery_names[]; /* as the settings have them, ended by NULL */

struct dmarc_settings {
	int enforce;         /* enum enforce: "monitor", "quarantine", "published", "strict" */
	int discovery;       /* enum discovery_method: "treewalk", "psl" */
	int temperror;       /* enum temperror: "accept", "tempfail", "auto" */
	int unusable_author; /* no, repeated, several or broken From: 0 "accept", 1 "quarantine", 2
	                        "reject", 3 "strictest": evaluate every readable domain and apply
	                        the strictest policy among those that fail */
	const char *reply_url; /* where a refused sender can read on; "" for nowhere */
};

extern const struct setting_group dmarc_settings_group;

#endif
