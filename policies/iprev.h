/*
 * iprev.h - the settings of the iprev policy (group "iprev"). The policy itself is policy_iprev, in
 * policy.h.
 */
#ifndef ASSAY_IPREV_H
#define ASSAY_IPREV_H

#include "base/setting.h"

struct iprev_settings {
	bool check;
};

extern const struct setting_group iprev_settings_group;

#endif
