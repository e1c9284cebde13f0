/*
 * dmarc_cases.c - the program behind the differential tests of DMARC and of From: cases on standard
 * input, a line of outcome for each on standard output.
 *
 * A case is lines that begin with a letter and a blank, ended by a line with a full stop:
 *     Z a line of a zone (fake_dns.h)
 *     F a From value, in hexadecimal
 *     S and D result and domain of SPF, and of one signature
 * The outcome is "<author state> <author domains, with commas> <result> <published tag>=<published>
 * <policy domain> <effective> <spf or -> <dkim or ->", with "-" for what is not there.
 *
 * With the argument "psl" organizational domains are those of the Public Suffix List, and each
 * outcome ends with that of the author domain.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "dmarc/dmarc.h"
#include "fake_dns.h"
#include "policy.h"

enum {
	SIGNATURES_MAX = 16
};

struct play {
	struct arena *arena;
	struct text zone;
	const char *from;
	struct findings findings;
	struct dkim_signature signatures[SIGNATURES_MAX];
};

static void begin(struct play *play, struct arena *arena)
{
	*play = (struct play){.arena = arena};
	text_begin(&play->zone, arena, 100000);
}

static const char *from_hexadecimal(struct arena *arena, const char *digits)
{
	char *bytes = arena_allocate(arena, strlen(digits) / 2 + 1);
	unsigned byte;

	for (size_t i = 0; sscanf(digits + 2 * i, "%2x", &byte) == 1; i++)
		bytes[i] = (char)byte;
	return bytes;
}

static enum result take_result(char **rest)
{
	return (enum result)text_word(result_names, strsep(rest, " "));
}

static void take(struct play *play, char *line)
{
	char *rest = arena_string(play->arena, line + 2);
	size_t count = play->findings.dkim.count;

	switch (line[0]) {
	case 'Z':
		text_add_format(&play->zone, "%s\n", rest);
		break;
	case 'F':
		play->from = from_hexadecimal(play->arena, rest);
		break;
	case 'S':
		play->findings.spf.scope = SPF_SCOPE_MAILFROM;
		play->findings.spf.result = take_result(&rest);
		play->findings.spf.domain = rest;
		break;
	default:
		if (count == SIGNATURES_MAX)
			abort();
		play->signatures[count].result = take_result(&rest);
		play->signatures[count].domain = rest;
		play->findings.dkim.count++;
	}
}

static void tell(const struct dmarc_finding *dmarc, bool with_organization)
{
	const char *organization = dmarc->organizational_domain;

	printf("%d ", (int)dmarc->author.state);
	for (size_t i = 0; i < dmarc->author.domain_count; i++)
		printf("%s%s", i == 0 ? "" : ",", dmarc->author.domains[i]);
	printf("%s %s ", dmarc->author.domain_count == 0 ? "-" : "", result_names[dmarc->result]);
	if (dmarc->record != NULL)
		printf("%s=%s %s ", dmarc->published_tag, request_names[dmarc->published],
		       dmarc->policy_domain);
	else
		printf("- - ");
	printf("%s %s %s", request_names[dmarc->effective], dmarc->spf_aligned ? "spf" : "-",
	       dmarc->dkim_aligned ? "dkim" : "-");
	if (with_organization)
		printf(" %s", organization == NULL ? "-" : organization);
	printf("%s%s\n", dmarc->crosscheck == NULL ? "" : " ",
	       dmarc->crosscheck == NULL ? "" : dmarc->crosscheck);
}

static void judge(struct play *play, void *state, bool psl)
{
	struct fake_dns *dns = fake_dns_new(play->arena, play->zone.bytes);
	struct message message = {.mail_from = "bounce@envelope.example"};
	struct header from = {"From", play->from};
	void *work = policy_dmarc.begin(state, &message, &dns->services, play->arena);

	play->findings.dkim.signatures = play->signatures;
	if (play->from != NULL)
		policy_dmarc.header(work, &from);
	policy_dmarc.judge(work, &play->findings);
	tell(&play->findings.dmarc, psl);
}

int main(int count, char **arguments)
{
	bool psl = count > 1 && strcmp(arguments[1], "psl") == 0;
	const struct dmarc_settings settings = {.discovery =
	                                            psl ? DISCOVERY_PSL : DISCOVERY_TREEWALK,
	                                        .unusable_author = 2,
	                                        .reply_url = ""};
	struct arena *arena = arena_new();
	struct problem problem;
	struct play play;
	char *line = NULL;
	size_t room = 0;
	void *state;

	if (!policy_dmarc.open(&settings, &state, &problem))
		return 1;
	begin(&play, arena);
	while (getline(&line, &room, stdin) > 0) {
		line[strcspn(line, "\n")] = '\0';
		if (strcmp(line, ".") != 0) {
			take(&play, line);
			continue;
		}
		judge(&play, state, psl);
		arena_reset(arena);
		begin(&play, arena);
	}
	free(line);
	policy_dmarc.close(state);
	arena_free(arena);
	return 0;
}
