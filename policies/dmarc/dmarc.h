/*
 * dmarc.h - the settings of the DMARC policy (group "dmarc"). The policy itself is policy_dmarc, in
 * policy.h.
 */
#ifndef ASSAY_DMARC_H
#define ASSAY_DMARC_H

#include "base/setting.h"

enum enforce {
	/* never acts on a result of SPF, DKIM or DMARC; limits still apply */
	ENFORCE_MONITOR,
	ENFORCE_QUARANTINE, /* treats reject as quarantine (RFC 9989 7.4 to the letter) */
	/* the published policy, but quarantine instead of reject for mail that looks indirect */
	ENFORCE_PUBLISHED,
	ENFORCE_STRICT /* the published policy always */
};

enum discovery_method {
	DISCOVERY_TREEWALK,
	DISCOVERY_PSL
};

/* What to do if the result is unknown because a lookup failed. */
enum temperror {
	TEMPERROR_ACCEPT,
	TEMPERROR_TEMPFAIL,
	/* tempfail if a policy of quarantine or reject is at stake, or the resolver fails */
	TEMPERROR_AUTO
};

extern const char *const discovery_names[]; /* as the settings have them, ended by NULL */

struct dmarc_settings {
	int enforce;   /* enum enforce: "monitor", "quarantine", "published", "strict" */
	int discovery; /* enum discovery_method: "treewalk", "psl" */
	int temperror; /* enum temperror: "accept", "tempfail", "auto" */
	/* From missing, repeated, broken or with several domains: 0 "accept", 1 "quarantine",
	 * 2 "reject", 3 "strictest": evaluate every readable domain and apply the strictest policy
	 * among those that fail */
	int unusable_author;
	const char *reply_url; /* where a refused sender can read on; "" for nowhere */
};

extern const struct setting_group dmarc_settings_group;

#endif
