/*
 * decision_dmarc.h - the considerations about DMARC, and what they share with those of decision.c.
 * For these two files alone.
 *
 * Each consideration is a pair: whether it applies, and what it makes of the verdict. The order is
 * that of the table in decision.c.
 */
#ifndef ASSAY_DECISION_DMARC_H
#define ASSAY_DECISION_DMARC_H

#include "decision/decision.h"

struct deciding {
	const struct message *message;
	const struct findings *findings;
	const struct rule_match *rule;
	const struct decision_settings *settings;
	struct arena *arena;
};

/* A rule of the site asks for more than the owner, and nothing aligned has passed or may have. */
bool decision_dmarc_rule_demands(const struct deciding *on);
void decision_dmarc_follow_rule(const struct deciding *on, struct verdict *verdict);

/* DMARC passes. */
bool decision_dmarc_passes(const struct deciding *on);
void decision_dmarc_accept_pass(const struct deciding *on, struct verdict *verdict);

/* A limit of ours kept from finding out what the verdict depends on. */
bool decision_dmarc_hit_a_limit(const struct deciding *on);
void decision_dmarc_put_off_by_limit(const struct deciding *on, struct verdict *verdict);

/* A failed lookup leaves the result open: dmarc.temperror. */
bool decision_dmarc_is_in_doubt(const struct deciding *on);
void decision_dmarc_handle_doubt(const struct deciding *on, struct verdict *verdict);

/* DMARC fails: dmarc.enforce. */
bool decision_dmarc_fails(const struct deciding *on);
void decision_dmarc_enforce(const struct deciding *on, struct verdict *verdict);

/* Of decision.c: the reply to the client, `words` cut to what a line of SMTP holds; why the
 * disposition differs from the policy; and is dmarc.enforce "monitor"? */
void decision_set_reply(const struct deciding *on, struct verdict *verdict, const char *code,
                        const char *enhanced, const char *text);
void decision_set_override(struct verdict *verdict, enum override override, const char *comment);
bool decision_monitors(const struct deciding *on);

#endif
