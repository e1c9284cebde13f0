/*
 * evaluate_fuzz.c - a hostile message in a hostile DNS through all policies, the rules, the
 * decision and all that is written of it.
 *
 * The input is text: a line each for client, HELO, MAIL FROM and recipient, a line whose first
 * octet chooses the site, the lines of a zone (fake_dns.h) up to one with a full stop, then the
 * message.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/domain.h"
#include "base/text.h"
#include "decision/decision.h"
#include "decision/rules.h"
#include "dkim/dkim_settings.h"
#include "dmarc/dmarc.h"
#include "dmarc/policy_record.h"
#include "evaluate.h"
#include "fake_dns.h"
#include "fields/results_reader.h"
#include "iprev.h"
#include "results/results.h"
#include "rows/row.h"
#include "spf/spf.h"

enum {
	SITES = 4,
	HEADERS_MAX = 200,
	ZONE_MAX = 16384, /* octets: each lookup reads it from the start */
	INPUT_MAX = 1 << 17,
	REPLY_LINE = 512 - sizeof "550 5.7.1 \r\n" /* RFC 5321 4.5.3.1.5 */
};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* The policies' settings of one site, and what the decision depends on. */
struct site {
	struct iprev_settings iprev;
	struct spf_settings spf;
	struct dkim_settings dkim;
	struct dmarc_settings dmarc;
	struct quarantine_settings quarantine;
	struct policies policies;
};

static struct site sites[SITES] = {
    {.spf = {.void_lookups = 2},
     .dkim = {1024, 10, BODY_LENGTH_DISTRUST, false},
     .dmarc = {2, 0, 0, 2, ""}},
    {.iprev = {true},
     .spf = {.void_lookups = 2, .received_spf = true, .second_opinion = true},
     .dkim = {1024, 3, BODY_LENGTH_PARTIAL, false},
     .dmarc = {1, DISCOVERY_PSL, 1, 3, ""},
     .quarantine = {QUARANTINE_TAG, ""}},
    {.iprev = {true},
     .spf = {.engine = SPF_ENGINE_LIBSPF2,
             .fail = 1,
             .temperror = 1,
             .void_lookups = 100,
             .received_spf = true},
     .dkim = {1024, 100, BODY_LENGTH_ACCEPT, false},
     .dmarc = {ENFORCE_STRICT, DISCOVERY_TREEWALK, 1, 1, "https://example.net/refused"},
     .quarantine = {QUARANTINE_REDIRECT, "quarantine@example.net"}},
    {.spf = {.void_lookups = 2},
     .dkim = {1024, 10, BODY_LENGTH_DISTRUST, false},
     .dmarc = {ENFORCE_MONITOR, 0, 1, 3, ""}},
};

/* One message on its way. */
struct play {
	struct arena *arena;
	struct site *site;
	struct fake_dns *dns;
	struct message message;
	struct header headers[HEADERS_MAX];
	const char *recipient;
	struct evaluation *evaluation;
};

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void open_sites(void)
{
	static const struct policy *const list[] = {&policy_iprev, &policy_spf, &policy_dkim,
	                                            &policy_dmarc};

	for (size_t s = 0; s < SITES; s++) {
		const void *settings[] = {&sites[s].iprev, &sites[s].spf, &sites[s].dkim,
		                          &sites[s].dmarc};
		struct policies *policies = &sites[s].policies;

		for (size_t i = 0; i < sizeof list / sizeof list[0]; i++) {
			struct problem problem;
			void *state = NULL;

			must(list[i]->open(settings[i], &state, &problem));
			policies->opened[i].policy = list[i];
			policies->opened[i].state = state;
			policies->count = i + 1;
		}
	}
}

/* The next line without its end; "" after the last. A NUL ends it, as it ends what a server hands
 * over. */
static char *next_line(char **rest, const char *end)
{
	char *line = *rest, *stop = memchr(line, '\n', (size_t)(end - line));

	if (stop == NULL)
		stop = (char *)(uintptr_t)end;
	*rest = stop < end ? stop + 1 : stop;
	*stop = '\0';
	if (stop > line && stop[-1] == '\r')
		stop[-1] = '\0';
	return line;
}

/* What fake_dns.c can play and answer.c would hand out: addresses that are some, names that are
 * printable. */
static bool zone_line_is_sound(struct arena *arena, const char *line)
{
	char *rest = arena_string(arena, line);
	const char *owner = strsep(&rest, " "), *type = strsep(&rest, " ");
	struct address address;

	if (owner == NULL || type == NULL || rest == NULL)
		return false;
	if (strcmp(type, "A") == 0 || strcmp(type, "AAAA") == 0)
		return strncmp(rest, "!fail", 5) == 0 ||
		       (address_parse(rest, &address) &&
		        (address.family == ADDRESS_IPV4) == (strcmp(type, "A") == 0));
	for (const char *byte = rest; strcmp(type, "TXT") != 0 && *byte != '\0'; byte++)
		if (*byte < ' ' || *byte == 0x7F)
			return false;
	return strlen(rest) <= DOMAIN_MAX || strcmp(type, "TXT") == 0;
}

static const char *read_zone(struct play *play, char **rest, const char *end)
{
	struct text zone;

	text_begin(&zone, play->arena, ZONE_MAX);
	while (*rest < end) {
		const char *line = next_line(rest, end);

		if (strcmp(line, ".") == 0)
			break;
		if (zone_line_is_sound(play->arena, line))
			text_add_format(&zone, "%s\n", line);
	}
	return zone.bytes;
}

static void read_envelope(struct play *play, char **rest, const char *end)
{
	struct message *message = &play->message;

	if (!address_parse(next_line(rest, end), &message->client))
		message->client = (struct address){.family = ADDRESS_UNKNOWN};
	message->helo = next_line(rest, end);
	message->mail_from = next_line(rest, end);
	play->recipient = next_line(rest, end);
	message->recipients = &play->recipient;
	message->recipient_count = 1;
	message->receiver = "mx.example.net";
	message->received = 1767225600;
	play->site = &sites[(unsigned char)next_line(rest, end)[0] % SITES];
}

static void pass_header(struct play *play, const char *name, const char *value)
{
	struct header *header = &play->headers[play->message.header_count];

	if (play->message.header_count == HEADERS_MAX) {
		play->message.header_cut = true;
		return;
	}
	*header = (struct header){name, value};
	play->message.header_count++;
	evaluate_header(play->evaluation, header);
}

/* Up to an empty line; folds become CRLF and white space, lines without a colon are left out. */
static void pass_headers(struct play *play, char **rest, const char *end)
{
	while (*rest < end) {
		char *line = next_line(rest, end), *colon = strchr(line, ':');
		const char *value = colon == NULL ? NULL : colon + 1;

		if (*line == '\0')
			return;
		while (*rest < end && (**rest == ' ' || **rest == '\t')) {
			const char *more = next_line(rest, end);

			if (value != NULL && strlen(value) < INPUT_MAX)
				value = arena_format(play->arena, "%s\r\n%s", value, more);
		}
		if (colon == NULL || colon == line)
			continue;
		*colon = '\0';
		pass_header(play, line, value);
	}
}

/* Printable ASCII, folds alone as line ends, quotes and comments closed. */
static void check_field(const char *value)
{
	bool quoted = false;
	int comment = 0;

	for (const char *byte = value; *byte != '\0'; byte++) {
		must((*byte >= ' ' && *byte < 0x7F) || *byte == '\n' || *byte == '\t');
		must((*byte != '\n' || byte[1] == '\t') && *byte != '\\');
		if (*byte == '"' && comment == 0)
			quoted = !quoted;
		comment += !quoted && *byte == '(';
		comment -= !quoted && *byte == ')';
		must(comment >= 0 && comment <= 1);
	}
	must(!quoted && comment == 0);
}

static void check_text(const char *text)
{
	for (; *text != '\0'; text++)
		must((unsigned char)*text >= ' ' && *text != 0x7F);
}

static void check_row(const struct report_row *row)
{
	must(row != NULL);
	check_text(row->header_from);
	check_text(row->envelope_from);
	check_text(row->envelope_to);
	check_text(row->policy_domain);
	check_text(row->rua);
	check_text(row->record_error);
	check_text(row->override_comment);
	check_text(row->spf_reason);
	for (size_t i = 0; i < row->dkim_count; i++)
		check_text(row->dkim[i].reason);
}

static void check_findings(const struct findings *findings)
{
	const struct dmarc_finding *dmarc = &findings->dmarc;

	bool aligned = dmarc->spf_aligned || dmarc->dkim_aligned;

	must((dmarc->result == RESULT_PASS) ==
	     (aligned && dmarc->record != NULL && !dmarc->record->unusable));
	must(!aligned || !dmarc->alignment_unknown);
	must(dmarc->result == RESULT_PASS || dmarc->reason != NULL);
	must(dmarc->crosscheck == NULL);
	must(!dmarc->spf_aligned || findings->spf.result == RESULT_PASS);
	must(dmarc->author.state != AUTHOR_ONE || dmarc->author.domain != NULL);
}

/* RFC 9990 3.1.1.8: less or more than was published has a reason. */
static void check_override(const struct verdict *verdict, const struct dmarc_finding *dmarc)
{
	const char *done = verdict->disposition;

	must(done != NULL);
	if (dmarc->result == RESULT_FAIL && strcmp(done, request_names[dmarc->published]) != 0)
		must(verdict->override != OVERRIDE_NONE || verdict->action == ACTION_TEMPFAIL);
}

static void check_reply(const struct verdict *verdict)
{
	bool refused = verdict->action == ACTION_REJECT || verdict->action == ACTION_TEMPFAIL;

	must(refused == (verdict->reply != NULL) && refused == (verdict->code != NULL));
	if (!refused)
		return;
	check_text(verdict->reply);
	must(strlen(verdict->reply) <= REPLY_LINE);
	must((verdict->code[0] == '4') == (verdict->action == ACTION_TEMPFAIL));
}

static void check_verdict(const struct play *play, const struct verdict *verdict,
                          const struct rule_match *rule)
{
	must(verdict->reason != NULL);
	must(play->site->dmarc.enforce != ENFORCE_MONITOR || play->message.header_cut ||
	     verdict->action == ACTION_ACCEPT);
	must(play->site->dmarc.enforce == ENFORCE_MONITOR || verdict->would == verdict->action);
	must(verdict->action != ACTION_QUARANTINE || verdict->how != QUARANTINE_REDIRECT ||
	     verdict->redirect != NULL);
	if (rule->dmarc == RULE_IGNORE && !play->message.header_cut &&
	    play->site->spf.temperror == 0)
		must(verdict->action == ACTION_ACCEPT);
}

static struct verdict decide(const struct play *play, const struct findings *findings,
                             struct rule_match *rule)
{
	static const char *const from[] = {"rule.example", "*.rule.example"},
	                         *const list[] = {"list.example"}, *const to[] = {"@rcpt.example"};
	static const struct rule rules[] = {
	    {.when = {.from_domain = {2, from}}, .dmarc = RULE_REJECT, .why = "often forged"},
	    {.when = {.list_id = {1, list}}, .dmarc = RULE_IGNORE, .why = "a list"},
	    {.when = {.recipient = {1, to}}, .dmarc = RULE_QUARANTINE, .why = ""},
	};
	static const int lines[] = {1, 2, 3};
	const struct setting_list all = {.count = 3, .items = rules, .lines = lines};
	const struct networks forwarders = {0, NULL};
	const struct decision_settings settings = {&play->site->spf, &play->site->dmarc,
	                                           &play->site->quarantine};

	*rule = rules_find(&all, &forwarders, &play->message, findings, play->arena);
	return decision_make(&play->message, findings, rule, &settings, play->arena);
}

static void judge(struct play *play)
{
	const struct findings *findings = evaluate_judge(play->evaluation);
	struct rule_match rule;
	struct verdict verdict = decide(play, findings, &rule);
	const char *value =
	    results_write(&play->message, findings, &verdict, play->message.receiver, play->arena);

	check_findings(findings);
	check_verdict(play, &verdict, &rule);
	check_override(&verdict, &findings->dmarc);
	check_reply(&verdict);
	check_field(value);
	must(strlen(value) <= 8192);
	must(results_reader_is_forged(value, play->message.receiver, play->arena));
	must((findings->spf.received != NULL) == play->site->spf.received_spf);
	if (findings->spf.received != NULL)
		check_field(findings->spf.received);
	check_row(row_make(&play->message, findings, &verdict, play->arena));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	static bool opened;
	struct play play = {.arena = arena_new()};
	char *input, *rest;
	const char *end;

	if (!opened)
		open_sites();
	opened = true;
	length = length < INPUT_MAX ? length : INPUT_MAX;
	rest = input = arena_copy(play.arena, (const char *)bytes, length);
	end = input + length;
	read_envelope(&play, &rest, end);
	play.dns = fake_dns_new(play.arena, read_zone(&play, &rest, end));
	play.message.headers = play.headers;
	play.evaluation =
	    evaluate_begin(&play.site->policies, &play.message, &play.dns->services, play.arena);
	pass_headers(&play, &rest, end);
	evaluate_end_of_headers(play.evaluation);
	while (rest < end &&
	       evaluate_body(play.evaluation, (unsigned char *)rest, 1 + (size_t)(end - rest) / 2))
		rest += 1 + (size_t)(end - rest) / 2;
	judge(&play);
	arena_free(play.arena);
	return 0;
}
