/*
 * results_cases.c - writes Authentication-Results fields for results_authres.py.
 *
 * Standard input, a line a case: words "KEY=HEXADECIMAL" (bytes of a string; results are words of
 * RFC 8601), the keys id, user, spf, spf_domain, spf_reason, helo, helo_domain, dkim, d, i, s, a,
 * b, dkim_reason, dmarc, from, dmarc_reason, policy. With user alone the message is outbound.
 * Standard output: the value in hexadecimal, then 1 where results_reader_is_forged() knows it as
 * ours, else 0.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "dmarc/policy_record.h"
#include "fields/results_reader.h"
#include "results/results.h"

/* The value of a key as a string in the arena; NULL where it is not given. */
static const char *given(struct arena *arena, const char *line, const char *key)
{
	size_t length = strlen(key);
	const char *at = line;
	struct text bytes;

	while ((at = strstr(at, key)) != NULL &&
	       !((at == line || at[-1] == ' ') && at[length] == '='))
		at++;
	if (at == NULL)
		return NULL;
	text_begin(&bytes, arena, 100000);
	for (at += length + 1; *at > ' '; at += 2) {
		unsigned octet = 0;

		sscanf(at, "%2x", &octet);
		text_add_bytes(&bytes, &(char){(char)octet}, 1);
	}
	return bytes.bytes;
}

static enum result result_given(struct arena *arena, const char *line, const char *key)
{
	const char *word = given(arena, line, key);
	int result = word == NULL ? 0 : text_word(result_names, word);

	return result < 0 ? RESULT_NONE : (enum result)result;
}

static void write_case(const char *line)
{
	static const struct policy_record record = {.text = "v=DMARC1"};
	struct arena *arena = arena_new();
	struct dkim_signature signature = {.result = result_given(arena, line, "dkim"),
	                                   .domain = given(arena, line, "d"),
	                                   .identity = given(arena, line, "i"),
	                                   .selector = given(arena, line, "s"),
	                                   .algorithm = given(arena, line, "a"),
	                                   .header_b = given(arena, line, "b"),
	                                   .reason = given(arena, line, "dkim_reason")};
	struct findings findings = {.judged = given(arena, line, "user") == NULL};
	struct message message = {.mail_from = "a@example.org",
	                          .auth_user = given(arena, line, "user")};
	const char *id = given(arena, line, "id"), *value;

	findings.spf = (struct spf_finding){.result = result_given(arena, line, "spf"),
	                                    .scope = SPF_SCOPE_MAILFROM,
	                                    .domain = given(arena, line, "spf_domain"),
	                                    .reason = given(arena, line, "spf_reason")};
	findings.spf_helo = (struct spf_finding){.result = result_given(arena, line, "helo"),
	                                         .scope = SPF_SCOPE_HELO,
	                                         .domain = given(arena, line, "helo_domain")};
	findings.dkim = (struct dkim_finding){.count = given(arena, line, "dkim") != NULL,
	                                      .signatures = &signature};
	findings.dmarc =
	    (struct dmarc_finding){.result = result_given(arena, line, "dmarc"),
	                           .author.domain = given(arena, line, "from"),
	                           .record = given(arena, line, "policy") ? &record : NULL,
	                           .reason = given(arena, line, "dmarc_reason")};
	value = results_write(&message, &findings, NULL, id == NULL ? "mx" : id, arena);
	for (const char *byte = value; *byte != '\0'; byte++)
		printf("%02x", (unsigned char)*byte);
	printf(" %d\n", results_reader_is_forged(value, id == NULL ? "mx" : id, arena));
	arena_free(arena);
}

int main(void)
{
	char *line = NULL;
	size_t size = 0;

	while (getline(&line, &size, stdin) > 0)
		write_case(line);
	free(line);
	return 0;
}
