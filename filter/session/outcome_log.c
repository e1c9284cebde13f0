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
	FAILURE_MAX = 100, /* octets of the reason of a failed lookup, and of its name */
	FAILURES_LENGTH_MAX = 720,
	VALUES_MAX = 14, /* values of VALUE_MAX octets in one line; there are 12 at most */
	VALUE_LENGTH_MAX = 4 * VALUE_MAX + 24, /* each octet as \\xNN, with key and quotes */
	WORDS_LENGTH_MAX = 600,                /* results, actions, the client's address, numbers */
	/* all of them; more would be cut, and log.c cuts a line at 16384 */
	LINE_LENGTH_MAX = VALUES_MAX * VALUE_LENGTH_MAX + 4 * FAILURES_LENGTH_MAX + WORDS_LENGTH_MAX
};

static void outcome_log_add_length(struct text *line, const char *key, const char *value,
                                   size_t max)
{
	const char *safe;

	if (value == NULL || value[0] == '\0')
		return;
	safe = text_printable(line->arena, value, max);
	if (strpbrk(safe, " =") == NULL)
		text_add_all(line, " ", key, "=", safe, TEXT_END);
	else
		text_add_all(line, " ", key, "=\"", safe, "\"", TEXT_END);
}

static void outcome_log_add(struct text *line, const char *key, const char *value)
{
	outcome_log_add_length(line, key, value, VALUE_MAX);
}

/* Always there, the empty one too. "=" is common in it and begins no new field behind "<". */
static void add_sender(struct text *line, const char *sender)
{
	const char *safe = text_printable(line->arena, sender, VALUE_MAX);

	if (strchr(safe, ' ') == NULL)
		text_add_all(line, " mail_from=<", safe, ">", TEXT_END);
	else
		text_add_all(line, " mail_from=\"<", safe, ">\"", TEXT_END);
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

		text_add_all(&all, i == 0 ? "" : ",", result_names[signature->result], ":",
		             signature->domain == NULL ? "-" : signature->domain, TEXT_END);
	}
	outcome_log_add(line, "dkim", all.bytes);
}

static void outcome_log_add_arc(struct text *line, const struct arc_finding *arc)
{
	const char *domain = arc->count == 0 ? NULL : arc->sets[arc->count - 1].domain;

	if (arc->result != RESULT_NONE)
		outcome_log_add(line, "arc",
		                arena_format(line->arena, "%s:%s", result_names[arc->result],
		                             domain == NULL ? "-" : domain));
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
	outcome_log_add_arc(line, &findings->arc);
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
		text_add_all(&all, i == 0 ? "" : ",", sign->signatures[i].domain, ":",
		             sign->signatures[i].selector, TEXT_END);
	outcome_log_add(line, "signed", all.bytes);
	if (sign->long_lines != LONG_LINES_NONE)
		outcome_log_add(line, "long_lines", long_lines_names[sign->long_lines]);
	outcome_log_add(line, "unsigned", sign->reason);
}

static void add_seal(struct text *line, const struct seal_finding *seal)
{
	const char *set = arena_format(line->arena, "%u:%s", seal->instance, seal->cv);

	outcome_log_add(line, "sealed", set);
}

/* Why each of the first few lookups failed that somebody waited for: the reason before the name,
 * since the sender chooses the name and its length. */
static void add_failed_lookups(struct text *line, const struct query_session *query_session)
{
	const struct query_failures *all_failures = query_session_failures(query_session);
	const struct query_failure *failures = all_failures->items;
	size_t count = all_failures->count;
	struct text all;

	text_begin(&all, line->arena, FAILURES_LENGTH_MAX);
	for (size_t i = 0; i < count && i < QUERY_FAILURES_MAX; i++) {
		bool same = i > 0 && strcmp(failures[i].why, failures[i - 1].why) == 0;

		if (!same)
			text_add_format(&all, "%s%s (", i == 0 ? "" : "); ",
			                text_excerpt(line->arena, failures[i].why, FAILURE_MAX));
		text_add_format(&all, "%s%s %s", same ? ", " : "",
		                record_type_names[failures[i].type],
		                text_excerpt(line->arena, failures[i].name, FAILURE_MAX));
	}
	if (count > 0)
		text_add(&all, ")");
	if (count > QUERY_FAILURES_MAX)
		text_add_format(&all, "; and %zu more", count - QUERY_FAILURES_MAX);
	outcome_log_add_length(line, "failed_lookups", all.bytes, FAILURES_LENGTH_MAX);
}

const char *outcome_log_queue_id(const struct message *message, struct arena *arena)
{
	return message->queue_id == NULL ? "NOQUEUE"
	                                 : text_printable(arena, message->queue_id, VALUE_MAX);
}

/* With one digit behind the point. */
static void add_milliseconds(struct text *line, double milliseconds)
{
	unsigned long tenths = (unsigned long)(milliseconds * 10 + 0.5);

	text_add(line, " ms=");
	text_add_number(line, tenths / 10);
	text_add(line, ".");
	text_add_number(line, tenths % 10);
}

void outcome_log(const struct message *message, const struct findings *findings,
                 const struct verdict *verdict, const char *copy,
                 const struct query_session *query_session, double milliseconds,
                 struct arena *arena)
{
	struct text line;

	if (!log_is_info())
		return;
	text_begin(&line, arena, LINE_LENGTH_MAX);
	text_add_all(&line, outcome_log_queue_id(message, arena),
	             ": action=", action_names[verdict->action], TEXT_END);
	if (verdict->would != verdict->action)
		outcome_log_add(&line, "would", action_names[verdict->would]);
	outcome_log_add(&line, "reason", verdict->reason);
	outcome_log_add(&line, "rule", verdict->rule);
	add_client(&line, message);
	if (findings->judged)
		add_findings(&line, findings);
	else
		add_signing(&line, &findings->sign);
	outcome_log_add(&line, "copy", copy);
	if (findings->seal.ready != NULL && verdict->action == ACTION_ACCEPT)
		add_seal(&line, &findings->seal);
	if (query_session != NULL)
		add_failed_lookups(&line, query_session);
	add_milliseconds(&line, milliseconds);
	log_info("%s", line.bytes);
}
