/*
 * decision.h - findings and rules become one verdict: a pure function over a table.
 */
#ifndef ASSAY_DECISION_H
#define ASSAY_DECISION_H

#include "base/setting.h"
#include "decision/rules.h"
#include "dmarc/dmarc.h"
#include "finding.h"
#include "message.h"
#include "spf/spf.h"

enum action {
	ACTION_ACCEPT,
	ACTION_QUARANTINE,
	ACTION_REJECT,
	ACTION_TEMPFAIL
};
extern const char *const action_names[]; /* "accept", "quarantine", "reject", "tempfail" */

/* The finding or the rule that decided, for counting. */
enum verdict_kind {
	VERDICT_FORGED_FIELDS, /* too many to be removed */
	VERDICT_OUTBOUND,
	VERDICT_HEADER_TOO_LONG,
	VERDICT_RULE, /* a rule of the site asked for it */
	VERDICT_UNUSABLE_AUTHOR,
	VERDICT_SPF_FAIL,
	VERDICT_SPF_TEMPERROR,
	VERDICT_DMARC_PASS,
	/* a limit of this server kept it from finding out what the verdict depends on */
	VERDICT_NOT_EVALUATED,
	VERDICT_DMARC_TEMPERROR,
	VERDICT_DMARC_FAIL,
	/* a DMARC failure that counts less, since there are signs of a list or a forwarder */
	VERDICT_INDIRECT_MAIL,
	/* a DMARC failure that does not count: a listed sealer saw the message pass */
	VERDICT_TRUSTED_ARC,
	VERDICT_DMARC_NONE,
	VERDICT_KINDS
};
extern const char *const verdict_kind_names[]; /* "forged_fields", "ours", ..., NULL */

enum quarantine_how {
	QUARANTINE_HOLD,
	QUARANTINE_TAG,
	QUARANTINE_REDIRECT
};

struct quarantine_settings {
	int action;          /* enum quarantine_how: "hold", "tag", "redirect" */
	const char *address; /* the new recipient, for redirect */
};
extern const struct setting_group quarantine_settings_group; /* "quarantine" */

/* Every setting that the decision depends on. */
struct decision_settings {
	const struct spf_settings *spf;
	const struct dmarc_settings *dmarc;
	const struct quarantine_settings *quarantine;
};

struct verdict {
	enum action action;
	/* what dmarc.enforce = "published" would do; differs from the action only in monitor mode,
	 * where kind, reason, rule and considered are about it */
	enum action would;
	enum quarantine_how how;     /* with ACTION_QUARANTINE */
	const char *redirect;        /* the new recipient, with QUARANTINE_REDIRECT */
	const char *code, *enhanced; /* "550", "5.7.1" with reject and tempfail, else NULL */
	const char *reply;           /* their text, one printable line; NULL otherwise */
	enum verdict_kind kind;
	/* considerations that were looked at, in order; the last of them decided. At least 1 */
	size_t considered;
	const char *reason; /* short, for log and JSON: "dmarc=fail p=reject" */
	const char *rule;   /* rule_match.name, or NULL */
	/* for the aggregate report, RFC 9990 policy_evaluated */
	const char *disposition; /* "none", "pass", "quarantine", "reject" */
	enum override override;  /* why the disposition differs from the policy, or OVERRIDE_NONE */
	const char *override_comment;
};

/*
 * Pure: nothing but its arguments decides. None of them is NULL. The strings of the verdict are in
 * `arena`, in the settings or literals.
 */
struct verdict decision_make(const struct message *message, const struct findings *findings,
                             const struct rule_match *rule,
                             const struct decision_settings *settings, struct arena *arena);

/* The name of a consideration, for people: "DMARC pass". `index` is below verdict.considered. */
const char *decision_consideration(size_t index);

#endif
