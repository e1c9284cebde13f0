/*
 * results_fuzz.c - hostile values through Authentication-Results: what is written stays one sound
 * field of ours, and reading any value comes to an end with the same answer.
 *
 * The input is a list of strings, each ended by a NUL: the values of a message's findings in the
 * order of fill(), then values of fields to be read.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "dmarc/policy_record.h"
#include "fields/results_reader.h"
#include "results/results.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

struct input {
	const char *at, *end;
};

static void must(bool holds)
{
	if (!holds)
		abort();
}

/* NULL after the last. */
static const char *next(struct arena *arena, struct input *input)
{
	const char *start = input->at;
	size_t length = strnlen(start, (size_t)(input->end - start));

	if (start == input->end)
		return NULL;
	input->at = start + length < input->end ? start + length + 1 : input->end;
	return arena_copy(arena, start, length);
}

static enum result some_result(const char *text, bool is_dmarc)
{
	static const enum result dmarc[] = {RESULT_NONE, RESULT_PASS, RESULT_FAIL, RESULT_TEMPERROR,
	                                    RESULT_PERMERROR};
	unsigned choice = text == NULL ? 0 : (unsigned char)text[0];

	return is_dmarc ? dmarc[choice % 5] : (enum result)(choice % 8);
}

static size_t fill(struct arena *arena, struct input *input, struct message *message,
                   struct findings *findings, struct dkim_signature signatures[3])
{
	static const struct policy_record record = {.text = "v=DMARC1"};
	const char *choice = next(arena, input);
	unsigned flags = choice == NULL ? 0 : (unsigned char)choice[0];
	size_t results = 3;

	message->auth_user = next(arena, input);
	findings->judged = flags & 1;
	if (!findings->judged)
		return message->auth_user != NULL;
	message->mail_from = flags & 2 ? "a@example.org" : "";
	findings->spf =
	    (struct spf_finding){some_result(choice, false), SPF_SCOPE_MAILFROM,
	                         .domain = next(arena, input), .reason = next(arena, input)};
	findings->spf_helo = (struct spf_finding){some_result(next(arena, input), false),
	                                          SPF_SCOPE_HELO, .domain = next(arena, input)};
	results += flags & 2 && findings->spf_helo.domain != NULL &&
	           findings->spf_helo.result != RESULT_NONE;
	findings->dmarc = (struct dmarc_finding){.result = some_result(next(arena, input), true),
	                                         .author.domain = next(arena, input),
	                                         .record = flags & 4 ? &record : NULL,
	                                         .reason = next(arena, input)};
	findings->dkim.count = flags >> 3 & 3;
	findings->dkim.signatures = signatures;
	for (size_t i = 0; i < findings->dkim.count; i++)
		signatures[i] =
		    (struct dkim_signature){.result = some_result(next(arena, input), false),
		                            .domain = next(arena, input),
		                            .selector = next(arena, input),
		                            .identity = next(arena, input),
		                            .algorithm = next(arena, input),
		                            .header_b = next(arena, input),
		                            .reason = next(arena, input)};
	return results + (findings->dkim.count > 0 ? findings->dkim.count - 1 : 0);
}

/* Printable ASCII, folds alone as line ends, quotes and comments closed; and so many results. */
static void check_field(const char *value, size_t results)
{
	bool quoted = false;
	size_t comment = 0, semicolons = 0;

	for (const char *byte = value; *byte != '\0'; byte++) {
		must((*byte >= ' ' && *byte < 0x7F) || *byte == '\n' || *byte == '\t');
		must((*byte != '\n' || byte[1] == '\t') && (*byte != '\t' || byte[-1] == '\n'));
		must(*byte != '\n' || (!quoted && comment == 0));
		must(*byte != '\\');
		if (*byte == '"' && comment == 0)
			quoted = !quoted;
		if (quoted)
			continue;
		comment += *byte == '(';
		comment -= *byte == ')';
		must(comment <= 1);
		semicolons += *byte == ';' && comment == 0;
	}
	must(!quoted && comment == 0 && semicolons == results);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	static const char id[] = "mx.example.net";
	struct arena *arena = arena_new();
	struct input input = {(const char *)bytes, (const char *)bytes + length};
	struct message message = {.auth_user = NULL};
	struct findings findings = {.judged = false};
	struct dkim_signature signatures[3];
	size_t results = fill(arena, &input, &message, &findings, signatures);
	const char *value = results_write(&message, &findings, NULL, id, arena);

	must(strlen(value) <= 8192);
	check_field(value, results == 0 ? 1 : results);
	must(results_reader_is_forged(value, id, arena));
	while ((value = next(arena, &input)) != NULL) {
		struct results_owner owner = results_reader_owner(arena, value);

		must(owner.readable == (owner.id != NULL));
		must(owner.readable || results_reader_is_forged(value, id, arena));
		if (owner.id != NULL)
			must(results_reader_is_forged(value, owner.id, arena));
		/* a comment in front or a fold changes nothing */
		must(results_reader_is_forged(arena_format(arena, "\r\n\t(a (b))%s", value), id,
		                              arena) == results_reader_is_forged(value, id, arena));
	}
	arena_free(arena);
	return 0;
}
