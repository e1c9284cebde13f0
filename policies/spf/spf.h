/*
 * spf.h - the settings of the SPF policy (group "spf"). The policy itself is policy_spf, in
 * policy.h.
 */
#ifndef ASSAY_SPF_H
#define ASSAY_SPF_H

#include "base/setting.h"

enum spf_engine {
	SPF_ENGINE_ASSAY,
	SPF_ENGINE_LIBSPF2
};

struct spf_settings {
	int engine;        /* enum spf_engine: "assay", "libspf2" */
	int fail;          /* 0 "continue", 1 "reject": HELO and MAIL FROM alike */
	int temperror;     /* 0 "continue", 1 "tempfail" */
	long void_lookups; /* RFC 7208 4.6.4: 2 */
	bool received_spf; /* add a Received-SPF field */
	/* not a setting: `assay check` asks the other engine too, for finding.second_opinion */
	bool second_opinion;
};

extern const struct setting_group spf_settings_group;

#endif
