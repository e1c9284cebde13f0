/*
 * outcome_log.c - the one line that every message leaves in the log: key=value, outside text
 * escaped, and quoted where it has spaces. Called last by finish.c.
 */
#include "session/outcome_log.h"

#include <string.h>

#include "base/log.h"
#include "base/text.h"

enum {
	VALUE_MAX = 200, /* octets of a value before it is escaped */
	LIST_MAX = 2 * VALUE_MAX,
	LINE_LENGTH_MAX = 8192 /* more than all values can come to */
};

static void outcome_log_add(struct text *line, const char *key, const char *value)
{
	const char *safe;

	if (value == NULL || value[0] == '\0')
		return;
	safe = text_printable(line->arena, value, VALUE_MAX);
	text_add_format(line, strpbrk(safe, " =") == NULL ? " %s=%s" : " %s=\"%s\"", key, safe);
}

/* Always there, the empty one too. "=" is common in it and begins no new field behind "<". */
static void add_sender(struct text *line, const char *sender)
{
	const char *safe = text_printable(line->arena, sender, VALUE_MAX);

	text_add_format(line, strchr(safe, ' ') == NULL ? " mail_from=<%s>" : " mail_from=\"<%s>\"",
	                safe);
}

static void add_client(struct text *line, const struct message *message)
{
	char address[ADDRESS_TEXT];

	outcome_log_add(line, "client", address_print(&message->client, address));
	outcome_log_add(line, "helo", message->helo);
	add_sender(line, message->mail_from);
	outcome_log_add(line, "login", message->auth_user);
}

static void outcome_log_add_dkim(struct text *line, const struct dkim_finding *dkim)
{
	struct text all;

	if (dkim->count == 0) {
		outcome_log_add(line, "dkim", "none");
		return;
	}
	text_begin(&all, line->arena, LIST_MAX);
	for (size_t i = 0; i < dkim->count; i++) {
		const struct dkim_signature *signature = &dkim->signatures[i];

		text_add_format(&all, "%s%s:%s", i == 0 ? "" : ",", result_names[signature->result],
		                signature->domain == NULL ? "-" : signature->domain);
	}
	outcome_log_add(line, "dkim", all.bytes);
}

static void add_findings(struct text *line, const struct findings *findings)
{
	const struct dmarc_finding *dmarc = &findings->dmarc;

	outcome_log_add(line, "from", dmarc->author.domain);
	if (findings->iprev.checked)
		outcome_log_add(line, "iprev", result_names[findings->iprev.result]);
	outcome_log_add(line, "spf", result_names[findings->spf.result]);
	outcome_log_add(line, "spf_domain", findings->spf.domain);
	outcome_log_add_dkim(line, &findings->dkim);
	outcome_log_add(line, "dmarc", result_names[dmarc->result]);
	if (dmarc->policy_domain != NULL) {
		outcome_log_add(line, "policy", request_names[dmarc->effective]);
		outcome_log_add(line, "policy_domain", dmarc->policy_domain);
	}
	if (dmarc->result != RESULT_PASS && dmarc->result != RESULT_NONE)
		outcome_log_add(line, "why", dmarc->reason);
}

static void add_signing(struct text *line, const struct sign_finding *sign)
{
	struct text all;

	text_begin(&all, line->arena, LIST_MAX);
	for (size_t i = 0; i < sign->count; i++)
		text_add_format(&all, "%s%s:%s", i == 0 ? "" : ",", sign->signatures[i].domain,
		                sign->signatures[i].selector);
	outcome_log_add(line, "signed", all.bytes);
	if (sign->long_lines != LONG_LINES_NONE)
		outcome_log_add(line, "long_lines", long_lines_names[sign->long_lines]);
	outcome_log_add(line, "unsigned", sign->reason);
}

const char *outcome_log_queue_id(const struct message *message, struct arena *arena)
{
	return message->queue_id == NULL ? "NOQUEUE"
	                                 : text_printable(arena, message->queue_id, VALUE_MAX);
}

void outcome_log(const struct message *message, const struct findings *findings,
                 const struct verdict *verdict, double milliseconds, struct arena *arena)
{
	struct text line;

	text_begin(&line, arena, LINE_LENGTH_MAX);
	text_add_format(&line, "%s: action=%s", outcome_log_queue_id(message, arena),
	                action_names[verdict->action]);
	if (verdict->would != verdict->action)
		outcome_log_add(&line, "would", action_names[verdict->would]);
	outcome_log_add(&line, "reason", verdict->reason);
	outcome_log_add(&line, "rule", verdict->rule);
	add_client(&line, message);
	if (findings->judged)
		add_findings(&line, findings);
	else
		add_signing(&line, &findings->sign);
	text_add_format(&line, " ms=%.1f", milliseconds);
	log_info("%s", line.bytes);
}
