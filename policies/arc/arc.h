/*
 * arc.h - the settings of ARC (group "arc", RFC 8617). The policies themselves are policy_arc,
 * policy_arc_trust, policy_arc_seal and policy_arc_list, in policy.h.
 */
#ifndef ASSAY_ARC_H
#define ASSAY_ARC_H

#include "base/setting.h"
#include "dkim/dkim_settings.h"
#include "sign/sign.h"

/* Which mail from outside is sealed. */
enum arc_seal_which {
	ARC_SEAL_NEVER,
	ARC_SEAL_FORWARDED, /* what goes to one of `forward` */
	ARC_SEAL_ALL
};

struct arc_settings {
	long maximum_sets;      /* a longer chain is not verified, and fails */
	struct strings trusted; /* domains of sealers, "*.example.org" for all below one */
	int seal;               /* enum arc_seal_which: "never", "forwarded", "all" */
	const char *domain;     /* that seals; "" for none */
	const char *keys;       /* folder of keys, or one key file; "" the usual folder */
	struct strings forward; /* recipients: "LOCAL@DOMAIN", "DOMAIN", "*.DOMAIN" */
	bool lists;             /* list servers in networks.ours continue chains */

	/* filled in by filter/settings; const for messages */
	struct signing_table *table;      /* of arc_keys.c; NULL where nothing is sealed */
	const struct signing_key *key;    /* RSA, in the table; NULL: nothing is sealed */
	const struct sign_settings *sign; /* where long lines are broken */
	const struct dkim_settings *dkim; /* which keys are good enough */
};

extern const struct setting_group arc_settings_group;

#endif
