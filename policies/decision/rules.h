/*
 * rules.h - the site's own exceptions: `rules` of assay.conf and networks.forwarders.
 *
 * The first rule of which every given condition holds applies, for each recipient and each author
 * of From separately; of several rules the strictest counts. It says how the DMARC outcome is to be
 * treated, and why; the reason goes into the log, `assay check` and the aggregate report (RFC 9990
 * policy override).
 */
#ifndef ASSAY_RULES_H
#define ASSAY_RULES_H

#include "base/problem.h"
#include "base/setting.h"
#include "finding.h"
#include "message.h"

enum rule_dmarc {
	RULE_FOLLOW, /* as if there were no rule */
	RULE_IGNORE, /* a DMARC failure is not enforced */
	/* what fails DMARC, or has no policy and no aligned pass, is quarantined, even where the
	 * policy asks for more */
	RULE_QUARANTINE,
	RULE_REJECT /* ... is rejected */
};
extern const char *const rule_dmarc_names[]; /* "follow", "ignore", "quarantine", "reject" */

/* The override types of RFC 9990 (Appendix A, PolicyOverrideType). */
enum override {
	OVERRIDE_NONE,
	OVERRIDE_LOCAL_POLICY,
	OVERRIDE_MAILING_LIST,
	OVERRIDE_OTHER,
	OVERRIDE_POLICY_TEST_MODE,
	OVERRIDE_TRUSTED_FORWARDER
};
extern const char *const override_names[]; /* "", "local_policy", ... */

/* Conditions; an empty one always holds. Patterns of domains: "example.org", or "*.example.org" for
 * all below it. */
struct rule_when {
	struct networks client;
	struct strings from_domain;
	struct strings mail_from_domain;
	struct strings list_id;   /* List-Id without brackets (RFC 2919) */
	struct strings recipient; /* address or "@domain" */
	struct strings helo;
};

struct rule {
	struct rule_when when;
	int dmarc; /* enum rule_dmarc */
	const char *why;
};

/* The rows of one entry of `rules`. */
extern const struct setting_group rule_settings;

/* What applies to a message. */
struct rule_match {
	enum rule_dmarc dmarc;
	enum override override; /* OVERRIDE_NONE where no rule applies */
	const char *name; /* for people: "rule 2, line 40", "networks.forwarders"; NULL for none */
	const char *why;
	/* it is only for some of the recipients or authors: for the others at least what
	 * RULE_FOLLOW would do is done */
	bool some_follow;
};

/* Pure. `rules` holds struct rule. */
struct rule_match rules_find(const struct setting_list *rules, const struct networks *forwarders,
                             const struct message *message, const struct findings *findings,
                             struct arena *arena);

#endif
