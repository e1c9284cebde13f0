/*
 * take_record.c - texts of aggregate reports as words, numbers, addresses and names, and what is
 * done where they are wrong.
 */
#include "received/take_record.h"

#include <string.h>

#include "base/text.h"
#include "received/clean.h"

static const char *const repair_sentences[REPAIRS] = {
    [REPAIR_SOURCE] = "records without a readable source address were left out",
    [REPAIR_COUNT] = "records with a count of 0, below 0 or no number were left out",
    [REPAIR_COUNT_LARGE] = "counts above 1,000,000,000 were cut to it",
    [REPAIR_HARDFAIL] = "results \"hardfail\" were read as \"fail\"",
    [REPAIR_CASE] = "results in upper case were read in lower case",
    [REPAIR_REASON] = "reasons without a type were read as \"other\"",
    [REPAIR_DISPOSITION] = "dispositions that are missing or unknown were read as \"none\"",
    [REPAIR_DOMAIN] = "names that are no domain names were left out",
    [REPAIR_SIGNATURES] = "signatures beyond 50 of a record were left out",
    [REPAIR_TEXT] = "texts were cut to 4 kB, or had characters that nobody can see",
};

/* The members of the record are the last ones of the texts. */
void take_record_clear(struct take_record *record)
{
	size_t from = offsetof(struct aggregate_texts, source);

	memset((char *)&record->texts + from, 0, sizeof record->texts - from);
	record->signature_count = 0;
	arena_reset(record->arena);
}

/* Of several reasons the first counts, as does the first spf: its texts are there already. */
void take_record_reason(struct take_record *record, const char *mixed)
{
	struct aggregate_texts *texts = &record->texts;

	if (texts->reason != NULL)
		return;
	texts->reason = "other";
	record->wrong[REPAIR_REASON]++;
	if (texts->comment == NULL)
		texts->comment = mixed;
}

/* A result word as RFC 8601 has it. */
static const char *aggregate_word(struct take_record *record, const char *text)
{
	const char *word;

	if (text == NULL)
		return NULL;
	word = text_lower(record->arena, text, strlen(text));
	if (strcmp(word, text) != 0)
		record->wrong[REPAIR_CASE]++;
	if (strcmp(word, "hardfail") != 0)
		return word;
	record->wrong[REPAIR_HARDFAIL]++;
	return "fail";
}

static const char *aggregate_domain(struct take_record *record, const char *text)
{
	const char *domain = clean_domain(record->arena, text);

	if (text != NULL && domain == NULL && strcmp(text, "<>") != 0)
		record->wrong[REPAIR_DOMAIN]++;
	return domain;
}

void take_record_signature(struct take_record *record)
{
	struct aggregate_texts *texts = &record->texts;
	struct received_signature signature = {aggregate_domain(record, texts->dkim_domain),
	                                       texts->dkim_selector,
	                                       aggregate_word(record, texts->dkim_result)};

	texts->dkim_domain = texts->dkim_selector = texts->dkim_result = NULL;
	if (signature.domain == NULL && signature.result == NULL)
		return;
	if (record->signature_count < WIRE_SIGNATURES_MAX)
		record->signatures[record->signature_count++] = signature;
	else
		record->wrong[REPAIR_SIGNATURES]++;
}

static const char *aggregate_disposition(struct take_record *record)
{
	static const char *const known[] = {"none", "quarantine", "reject", "pass", NULL};
	const char *word = aggregate_word(record, record->texts.disposition);
	int index = word == NULL ? -1 : text_word(known, word);

	if (index >= 0)
		return known[index];
	record->wrong[REPAIR_DISPOSITION]++;
	return "none";
}

static bool is_aligned_pass(struct take_record *record, const char *text)
{
	const char *word = aggregate_word(record, text);

	return word != NULL && strcmp(word, "pass") == 0;
}

/* False: the record is left out. */
static bool read_count(struct take_record *record, int64_t *count)
{
	const char *digits = record->texts.count;

	if (!clean_number(digits, count)) {
		/* a number that int64_t cannot hold is a large one all the same */
		*count = digits != NULL && strlen(digits) > 18 &&
		                 strspn(digits, "0123456789") == strlen(digits)
		             ? INT64_MAX
		             : 0;
	}
	if (*count <= 0) {
		record->wrong[REPAIR_COUNT]++;
		return false;
	}
	if (*count > RECEIVED_COUNT_MAX) {
		record->wrong[REPAIR_COUNT_LARGE]++;
		*count = RECEIVED_COUNT_MAX;
	}
	return true;
}

static bool read_aggregate_record(struct take_record *record, struct received_record *read)
{
	struct aggregate_texts *texts = &record->texts;

	read->source = clean_address(record->arena, texts->source);
	if (read->source == NULL) {
		record->wrong[REPAIR_SOURCE]++;
		return false;
	}
	if (!read_count(record, &read->count))
		return false;
	read->disposition = aggregate_disposition(record);
	read->dkim_aligned = is_aligned_pass(record, texts->dkim);
	read->spf_aligned = is_aligned_pass(record, texts->spf);
	read->override_type = texts->reason == NULL
	                          ? NULL
	                          : text_lower(record->arena, texts->reason, strlen(texts->reason));
	read->override_comment = texts->comment;
	read->header_from = aggregate_domain(record, texts->header_from);
	read->envelope_from = aggregate_domain(record, texts->envelope_from);
	read->envelope_to = aggregate_domain(record, texts->envelope_to);
	read->spf_domain = aggregate_domain(record, texts->spf_domain);
	read->spf_scope = aggregate_word(record, texts->spf_scope);
	read->spf_result = aggregate_word(record, texts->spf_result);
	return true;
}

bool take_record_write(struct take_record *record)
{
	struct received_record read = {.count = 0};
	struct wire *wire = record->take->wire;

	if (!read_aggregate_record(record, &read))
		return false;
	wire_write(wire, WIRE_RECORD, &read);
	for (size_t i = 0; i < record->signature_count; i++)
		wire_write(wire, WIRE_SIGNATURE, &record->signatures[i]);
	return true;
}

void take_record_repairs(const struct take_record *record, unsigned *repairs)
{
	for (size_t i = 0; i < REPAIRS; i++)
		if (record->wrong[i] > 0)
			take_say_repair(record->take, repairs,
			                arena_format(record->arena, "%s (%lu)", repair_sentences[i],
			                             record->wrong[i]));
}
