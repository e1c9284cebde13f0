/*
 * decision_context.h - what every consideration of decision.c and decision_dmarc.c looks at, and
 * how it fills in the verdict. For these files alone.
 */
#ifndef ASSAY_DECISION_CONTEXT_H
#define ASSAY_DECISION_CONTEXT_H

#include "decision/decision.h"

/* The arguments of decision_make(). */
struct decision_context {
	const struct message *message;
	const struct findings *findings;
	const struct rule_match *rule;
	const struct decision_settings *settings;
	struct arena *arena;
};

/* The reply to the client: `text` in ASCII, cut to what fits a line of SMTP, with the URL of
 * dmarc.reply_url behind it. `code` and `enhanced` are literals. */
void decision_context_set_reply(const struct decision_context *context, struct verdict *verdict,
                                const char *code, const char *enhanced, const char *text);

/* Why the disposition differs from the published policy, for the aggregate report. */
void decision_context_set_override(struct verdict *verdict, enum override override,
                                   const char *comment);

/* Is dmarc.enforce "monitor"? */
bool decision_context_monitors(const struct decision_context *context);

#endif
