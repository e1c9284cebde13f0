/*
 * decision_arc.c - what follows from a chain that the site trusts. Called by decision.c, whose
 * table has the order; policies/arc/arc_trust.c has found out what the chain restores.
 */
#include "decision/decision_arc.h"

#include "base/invariant.h"
#include "base/text.h"
#include "decision/decision_dmarc.h"

enum {
	COMMENT_MAX = 1000 /* octets; a longer one leaves out sets between the oldest and newest */
};

bool decision_arc_restores(const struct decision_context *context)
{
	const struct findings *findings = context->findings;

	return findings->arc.result == RESULT_PASS && findings->arc.restored != NULL &&
	       findings->dmarc.result == RESULT_FAIL &&
	       findings->dmarc.author.state == AUTHOR_ONE && !context->message->header_cut &&
	       context->rule->dmarc == RULE_FOLLOW &&
	       decision_dmarc_wanted(context) != ACTION_ACCEPT;
}

static void describe_set(struct text *comment, const struct arc_set *set)
{
	if (set->domain == NULL || set->selector == NULL)
		return;
	text_add_format(comment, " as[%u].d=%s as[%u].s=%s", set->instance, set->domain,
	                set->instance, set->selector);
}

static const char *end_of_comment(const struct decision_context *context)
{
	const char *remote = context->findings->arc.remote_address;

	return remote == NULL ? "" : arena_format(context->arena, " remote-ip[1]=%s", remote);
}

/* The newest set, those behind it while the oldest and the end of the comment fit too. */
static const char *chain_comment(const struct decision_context *context)
{
	const struct arc_finding *arc = &context->findings->arc;
	const char *end = end_of_comment(context);
	struct text comment, oldest;

	text_begin(&comment, context->arena, COMMENT_MAX);
	text_begin(&oldest, context->arena, COMMENT_MAX);
	text_add(&comment, "arc=pass");
	if (arc->count > 1)
		describe_set(&oldest, &arc->sets[0]);
	text_add(&oldest, end);
	describe_set(&comment, &arc->sets[arc->count - 1]);
	for (size_t i = arc->count - 1; i > 1; i--) {
		struct text set;

		text_begin(&set, context->arena, COMMENT_MAX);
		describe_set(&set, &arc->sets[i - 1]);
		if (comment.length + set.length + oldest.length > COMMENT_MAX)
			break;
		text_add(&comment, set.bytes);
	}
	text_add(&comment, oldest.bytes);
	return comment.bytes;
}

void decision_arc_accept(const struct decision_context *context, struct verdict *verdict)
{
	const struct arc_finding *arc = &context->findings->arc;

	invariant(arc->count > 0 && arc->trusted_by != NULL);
	verdict->reason =
	    arena_format(context->arena, "dmarc=fail arc=pass trusted=%s", arc->trusted_by);
	decision_context_set_override(verdict, OVERRIDE_LOCAL_POLICY, chain_comment(context));
}
