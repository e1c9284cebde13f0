/*
 * dkim_settings.h - the settings of DKIM verification (group "dkim"). The policy itself is
 * policy_dkim, in policy.h.
 *
 * Not dkim.h: that is the name of libopendkim's header, and its folder is on the include path.
 */
#ifndef ASSAY_DKIM_SETTINGS_H
#define ASSAY_DKIM_SETTINGS_H

#include "base/setting.h"

/* What a signature with l= is worth (RFC 6376 8.2). */
enum body_length_limit {
	BODY_LENGTH_DISTRUST, /* result policy, whatever follows the signed part: the default */
	BODY_LENGTH_PARTIAL,  /* result policy only where octets follow the signed part */
	BODY_LENGTH_ACCEPT
};

struct dkim_settings {
	long minimum_rsa_bits; /* at least 1024, RFC 8301 3.2 */
	long maximum_signatures;
	int body_length_limit; /* enum body_length_limit: "distrust", "partial", "accept" */
	/* not a setting: `assay check` asks libopendkim too, for dkim_signature.second_opinion */
	bool second_opinion;
};

extern const struct setting_group dkim_settings_group;

#endif
