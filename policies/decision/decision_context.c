/*
 * decision_context.c - fills in what all verdicts have in common. Called by the considerations of
 * decision.c and decision_dmarc.c.
 */
#include "decision/decision_context.h"

#include <string.h>

#include "base/invariant.h"
#include "base/text.h"

enum {
	REPLY_MAX = 480 /* octets: with the codes a line of 512 (RFC 5321 4.5.3.1.5) */
};

/* A reply is ASCII: the client may not have asked for SMTPUTF8 (RFC 6531 3.7.4). */
static const char *ascii_line(struct arena *arena, const char *text, size_t max)
{
	static const char more[] = "...";
	char *line = text_ascii(arena, text, max);

	if (strlen(line) > max)
		memcpy(line + max - strlen(more), more, sizeof more);
	return line;
}

void decision_context_set_reply(const struct decision_context *context, struct verdict *verdict,
                                const char *code, const char *enhanced, const char *text)
{
	const char *url = context->settings->dmarc->reply_url;
	const char *see = url[0] == '\0' ? "" : arena_format(context->arena, "; see %s", url);
	size_t room = strlen(see) < REPLY_MAX / 2 ? REPLY_MAX - strlen(see) : REPLY_MAX / 2;

	invariant(verdict->action == ACTION_REJECT || verdict->action == ACTION_TEMPFAIL);
	invariant(code[0] == enhanced[0]); /* RFC 2034 4: the classes agree */
	verdict->code = code;
	verdict->enhanced = enhanced;
	verdict->reply =
	    arena_format(context->arena, "%s%s", ascii_line(context->arena, text, room), see);
}

void decision_context_set_override(struct verdict *verdict, enum override override,
                                   const char *comment)
{
	verdict->override = override;
	verdict->override_comment = comment;
}

bool decision_context_monitors(const struct decision_context *context)
{
	return context->settings->dmarc->enforce == ENFORCE_MONITOR;
}
