/*
 * decision_dmarc.h - the considerations about DMARC. For the table of decision.c alone.
 *
 * Each consideration is a pair: whether it applies, and what it makes of the verdict. The order is
 * that of the table in decision.c.
 */
#ifndef ASSAY_DECISION_DMARC_H
#define ASSAY_DECISION_DMARC_H

#include "decision/decision_context.h"

/* A rule of the site asks for more than the owner, and nothing aligned has passed or may have. */
bool decision_dmarc_rule_demands(const struct decision_context *context);
void decision_dmarc_follow_rule(const struct decision_context *context, struct verdict *verdict);

/* DMARC passes. */
bool decision_dmarc_passes(const struct decision_context *context);
void decision_dmarc_accept_pass(const struct decision_context *context, struct verdict *verdict);

/* What the verdict depends on was not found out, since a limit of this server was reached. */
bool decision_dmarc_hit_limit(const struct decision_context *context);
void decision_dmarc_defer_for_limit(const struct decision_context *context,
                                    struct verdict *verdict);

/* A failed lookup leaves the result unknown: dmarc.temperror. */
bool decision_dmarc_is_unknown(const struct decision_context *context);
void decision_dmarc_handle_unknown(const struct decision_context *context, struct verdict *verdict);

/* What dmarc.enforce makes of the owner's request, signs of indirect mail and rules aside. */
enum action decision_dmarc_wanted(const struct decision_context *context);

/* DMARC fails: dmarc.enforce. */
bool decision_dmarc_fails(const struct decision_context *context);
void decision_dmarc_enforce(const struct decision_context *context, struct verdict *verdict);

#endif
