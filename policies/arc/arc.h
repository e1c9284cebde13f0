/*
 * arc.h - the settings of ARC (group "arc", RFC 8617). The policy itself is policy_arc, in
 * policy.h.
 */
#ifndef ASSAY_ARC_H
#define ASSAY_ARC_H

#include "base/setting.h"

struct arc_settings {
	long maximum_sets; /* a longer chain is not verified, and fails */
};

extern const struct setting_group arc_settings_group;

#endif
