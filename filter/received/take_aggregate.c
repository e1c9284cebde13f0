/*
 * take_aggregate.c - aggregate reports: which elements are read (RFC 7489 appendix C, RFC 9990 and
 * what passes for them), what their texts become, and what is done where they are wrong.
 *
 * Elements are known by their local names and by where they stand, in any order; all others are
 * passed over. A record is written as soon as it ends, so that a report of any size needs little
 * memory.
 */
#include <stdlib.h>
#include <string.h>

#include "base/invariant.h"
#include "base/text.h"
#include "received/clean.h"
#include "received/take_period.h"
#include "received/take_xml.h"

enum {
	STACK = 64,
	TEXT_RAW = 2 * RECEIVED_TEXT_MAX,
	UNKNOWN_MAX = 5000000, /* elements that no report has */
	DIFFERENT_MAX = 1000,  /* names of them */
	NAMES = 8192           /* octets of a map of names, by their hash */
};

enum element {
	OUTSIDE,
	FEEDBACK,
	METADATA,
	RANGE,
	POLICY,
	RECORD,
	ROW,
	EVALUATED,
	REASON,
	IDENTIFIERS,
	AUTH,
	DKIM,
	SPF,
	LEAF, /* its text is a value */
	UNKNOWN
};

/* The texts of a report, of a record, and of parts of it, cleaned; NULL: not there. */
struct aggregate_texts {
	const char *organization, *email, *report_id, *begin, *end, *generator;
	const char *domain, *p, *sp, *np, *adkim, *aspf, *pct, *fo, *testing, *discovery;
	const char *source, *count, *disposition, *dkim, *spf;
	const char *reason, *comment, *header_from, *envelope_from, *envelope_to;
	const char *spf_domain, *spf_scope, *spf_result;
	const char *dkim_domain, *dkim_selector, *dkim_result;
};

#define LEAF_OF(parent, name, member)                                                              \
	{                                                                                          \
		parent, name, LEAF, offsetof(struct aggregate_texts, member)                       \
	}

static const struct element_row {
	enum element parent;
	const char *name;
	enum element element;
	size_t text; /* of a leaf */
} elements[] = {
    {FEEDBACK, "record", RECORD, 0},
    {FEEDBACK, "report_metadata", METADATA, 0},
    {FEEDBACK, "policy_published", POLICY, 0},
    {RECORD, "row", ROW, 0},
    {RECORD, "identifiers", IDENTIFIERS, 0},
    {RECORD, "identities", IDENTIFIERS, 0}, /* of the drafts */
    {RECORD, "auth_results", AUTH, 0},
    {ROW, "policy_evaluated", EVALUATED, 0},
    {EVALUATED, "reason", REASON, 0},
    {AUTH, "dkim", DKIM, 0},
    {AUTH, "spf", SPF, 0},
    {METADATA, "date_range", RANGE, 0},
    LEAF_OF(ROW, "source_ip", source),
    LEAF_OF(ROW, "count", count),
    LEAF_OF(EVALUATED, "disposition", disposition),
    LEAF_OF(EVALUATED, "dkim", dkim),
    LEAF_OF(EVALUATED, "spf", spf),
    LEAF_OF(REASON, "type", reason),
    LEAF_OF(REASON, "comment", comment),
    LEAF_OF(IDENTIFIERS, "header_from", header_from),
    LEAF_OF(IDENTIFIERS, "envelope_from", envelope_from),
    LEAF_OF(IDENTIFIERS, "envelope_to", envelope_to),
    LEAF_OF(DKIM, "domain", dkim_domain),
    LEAF_OF(DKIM, "selector", dkim_selector),
    LEAF_OF(DKIM, "result", dkim_result),
    LEAF_OF(SPF, "domain", spf_domain),
    LEAF_OF(SPF, "scope", spf_scope),
    LEAF_OF(SPF, "result", spf_result),
    LEAF_OF(METADATA, "org_name", organization),
    LEAF_OF(METADATA, "email", email),
    LEAF_OF(METADATA, "report_id", report_id),
    LEAF_OF(METADATA, "generator", generator),
    LEAF_OF(RANGE, "begin", begin),
    LEAF_OF(RANGE, "end", end),
    LEAF_OF(POLICY, "domain", domain),
    LEAF_OF(POLICY, "p", p),
    LEAF_OF(POLICY, "sp", sp),
    LEAF_OF(POLICY, "np", np),
    LEAF_OF(POLICY, "adkim", adkim),
    LEAF_OF(POLICY, "aspf", aspf),
    LEAF_OF(POLICY, "pct", pct),
    LEAF_OF(POLICY, "fo", fo),
    LEAF_OF(POLICY, "testing", testing),
    LEAF_OF(POLICY, "discovery_method", discovery),
};

/* What is wrong with records, or with the whole: said once, with a number where it is one. */
enum aggregate_repair {
	REPAIR_SOURCE,
	REPAIR_COUNT,
	REPAIR_COUNT_LARGE,
	REPAIR_HARDFAIL,
	REPAIR_CASE,
	REPAIR_REASON,
	REPAIR_DISPOSITION,
	REPAIR_DOMAIN,
	REPAIR_SIGNATURES,
	REPAIR_TEXT,
	REPAIRS
};

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

struct take_aggregate {
	struct take *take;
	struct arena *head, *record; /* of a report, of a record */
	enum element stack[STACK];
	size_t depth;
	size_t leaf; /* its offset in the texts */
	struct aggregate_texts texts;
	unsigned long feedbacks, records, seen, unknown, different;
	unsigned char names[NAMES];
	unsigned long wrong[REPAIRS];
	size_t signature_count;
	struct received_signature signatures[WIRE_SIGNATURES_MAX];
	size_t length;
	char text[TEXT_RAW];
};

struct take_aggregate *take_aggregate_new(struct take *take)
{
	struct take_aggregate *aggregate = calloc(1, sizeof *aggregate);

	if (aggregate == NULL)
		abort();
	aggregate->take = take;
	aggregate->head = arena_new();
	aggregate->record = arena_new();
	return aggregate;
}

void take_aggregate_free(struct take_aggregate *aggregate)
{
	arena_free(aggregate->head);
	arena_free(aggregate->record);
	free(aggregate);
}

static enum element current_element(const struct take_aggregate *aggregate)
{
	return aggregate->depth == 0 ? OUTSIDE : aggregate->stack[aggregate->depth - 1];
}

static bool is_inside(const struct take_aggregate *aggregate)
{
	for (size_t i = 0; i < aggregate->depth; i++)
		if (aggregate->stack[i] == FEEDBACK)
			return true;
	return false;
}

static enum element find_element(struct take_aggregate *aggregate, const char *name)
{
	enum element parent = current_element(aggregate);

	if (text_same(name, "feedback") && !is_inside(aggregate))
		return FEEDBACK;
	for (size_t i = 0; i < sizeof elements / sizeof elements[0]; i++)
		if (elements[i].parent == parent && text_same(elements[i].name, name)) {
			aggregate->leaf = elements[i].text;
			return elements[i].element;
		}
	return UNKNOWN;
}

/* The members of the record are the last ones of the texts. */
static void clear_record(struct take_aggregate *aggregate)
{
	size_t from = offsetof(struct aggregate_texts, source);

	memset((char *)&aggregate->texts + from, 0, sizeof aggregate->texts - from);
	aggregate->signature_count = 0;
	arena_reset(aggregate->record);
}

static void begin_report(struct take_aggregate *aggregate)
{
	arena_reset(aggregate->head);
	clear_record(aggregate);
	aggregate->texts = (struct aggregate_texts){.source = NULL};
	memset(aggregate->wrong, 0, sizeof aggregate->wrong);
	aggregate->records = aggregate->seen = 0;
	aggregate->feedbacks++;
}

/* libxml2 remembers each name: what invents them is stopped. False: and that was said. */
static bool take_unknown(struct take_aggregate *aggregate, const char *name)
{
	unsigned hash = 5381;
	unsigned char *octet, bit;

	for (; *name != '\0'; name++)
		hash = hash * 33 + (unsigned char)*name;
	octet = &aggregate->names[hash / 8 % sizeof aggregate->names];
	bit = (unsigned char)(1U << hash % 8);
	aggregate->different += (*octet & bit) == 0;
	*octet |= bit;
	if (++aggregate->unknown <= UNKNOWN_MAX && aggregate->different <= DIFFERENT_MAX)
		return true;
	take_refuse(aggregate->take, "it has too many elements that no report has");
	return false;
}

bool take_aggregate_open(struct take_aggregate *aggregate, const char *name)
{
	enum element element = find_element(aggregate, name);

	invariant(aggregate->depth < STACK);
	if (element == UNKNOWN && !take_unknown(aggregate, name))
		return false;
	aggregate->stack[aggregate->depth++] = element;
	if (element == FEEDBACK) {
		if (!take_has_room(aggregate->take))
			return false;
		begin_report(aggregate);
	}
	if (element == LEAF || element == REASON)
		aggregate->length = 0;
	return true;
}

void take_aggregate_text(struct take_aggregate *aggregate, const char *bytes, size_t length)
{
	enum element element = current_element(aggregate);
	size_t room = sizeof aggregate->text - aggregate->length;

	if (element != LEAF && element != REASON)
		return;
	if (length > room) {
		length = room;
		aggregate->wrong[REPAIR_TEXT]++;
	}
	memcpy(aggregate->text + aggregate->length, bytes, length);
	aggregate->length += length;
}

static const char *aggregate_value(struct take_aggregate *aggregate, struct arena *arena)
{
	bool changed = false;
	const char *text = clean_text(arena, aggregate->text, aggregate->length, &changed);

	aggregate->wrong[REPAIR_TEXT] += changed;
	aggregate->length = 0;
	return text;
}

static void end_leaf(struct take_aggregate *aggregate)
{
	bool of_record = aggregate->leaf >= offsetof(struct aggregate_texts, source);
	const char **text = (const char **)(void *)((char *)&aggregate->texts + aggregate->leaf);
	const char *value =
	    aggregate_value(aggregate, of_record ? aggregate->record : aggregate->head);

	if (*text == NULL) /* the first one counts */
		*text = value;
}

/* Of several reasons the first counts, as does the first spf: its texts are there already. */
static void end_reason(struct take_aggregate *aggregate)
{
	struct aggregate_texts *texts = &aggregate->texts;
	const char *mixed = aggregate_value(aggregate, aggregate->record);

	if (texts->reason != NULL)
		return;
	texts->reason = "other";
	aggregate->wrong[REPAIR_REASON]++;
	if (texts->comment == NULL)
		texts->comment = mixed;
}

/* A result word as RFC 8601 has it. */
static const char *aggregate_word(struct take_aggregate *aggregate, const char *text)
{
	const char *word;

	if (text == NULL)
		return NULL;
	word = text_lower(aggregate->record, text, strlen(text));
	if (strcmp(word, text) != 0)
		aggregate->wrong[REPAIR_CASE]++;
	if (strcmp(word, "hardfail") != 0)
		return word;
	aggregate->wrong[REPAIR_HARDFAIL]++;
	return "fail";
}

static const char *aggregate_domain(struct take_aggregate *aggregate, const char *text)
{
	const char *domain = clean_domain(aggregate->record, text);

	if (text != NULL && domain == NULL && strcmp(text, "<>") != 0)
		aggregate->wrong[REPAIR_DOMAIN]++;
	return domain;
}

static void end_signature(struct take_aggregate *aggregate)
{
	struct aggregate_texts *texts = &aggregate->texts;
	struct received_signature signature = {aggregate_domain(aggregate, texts->dkim_domain),
	                                       texts->dkim_selector,
	                                       aggregate_word(aggregate, texts->dkim_result)};

	texts->dkim_domain = texts->dkim_selector = texts->dkim_result = NULL;
	if (signature.domain == NULL && signature.result == NULL)
		return;
	if (aggregate->signature_count < WIRE_SIGNATURES_MAX)
		aggregate->signatures[aggregate->signature_count++] = signature;
	else
		aggregate->wrong[REPAIR_SIGNATURES]++;
}

static const char *aggregate_disposition(struct take_aggregate *aggregate)
{
	static const char *const known[] = {"none", "quarantine", "reject", "pass", NULL};
	const char *word = aggregate_word(aggregate, aggregate->texts.disposition);
	int index = word == NULL ? -1 : text_word(known, word);

	if (index >= 0)
		return known[index];
	aggregate->wrong[REPAIR_DISPOSITION]++;
	return "none";
}

static bool is_aligned_pass(struct take_aggregate *aggregate, const char *text)
{
	const char *word = aggregate_word(aggregate, text);

	return word != NULL && strcmp(word, "pass") == 0;
}

/* False: the record is left out. */
static bool read_count(struct take_aggregate *aggregate, int64_t *count)
{
	const char *digits = aggregate->texts.count;

	if (!clean_number(digits, count)) {
		/* a number that int64_t cannot hold is a large one all the same */
		*count = digits != NULL && strlen(digits) > 18 &&
		                 strspn(digits, "0123456789") == strlen(digits)
		             ? INT64_MAX
		             : 0;
	}
	if (*count <= 0) {
		aggregate->wrong[REPAIR_COUNT]++;
		return false;
	}
	if (*count > RECEIVED_COUNT_MAX) {
		aggregate->wrong[REPAIR_COUNT_LARGE]++;
		*count = RECEIVED_COUNT_MAX;
	}
	return true;
}

static bool read_record(struct take_aggregate *aggregate, struct received_record *record)
{
	struct aggregate_texts *texts = &aggregate->texts;

	record->source = clean_address(aggregate->record, texts->source);
	if (record->source == NULL) {
		aggregate->wrong[REPAIR_SOURCE]++;
		return false;
	}
	if (!read_count(aggregate, &record->count))
		return false;
	record->disposition = aggregate_disposition(aggregate);
	record->dkim_aligned = is_aligned_pass(aggregate, texts->dkim);
	record->spf_aligned = is_aligned_pass(aggregate, texts->spf);
	record->override_type = texts->reason == NULL ? NULL
	                                              : text_lower(aggregate->record, texts->reason,
	                                                           strlen(texts->reason));
	record->override_comment = texts->comment;
	record->header_from = aggregate_domain(aggregate, texts->header_from);
	record->envelope_from = aggregate_domain(aggregate, texts->envelope_from);
	record->envelope_to = aggregate_domain(aggregate, texts->envelope_to);
	record->spf_domain = aggregate_domain(aggregate, texts->spf_domain);
	record->spf_scope = aggregate_word(aggregate, texts->spf_scope);
	record->spf_result = aggregate_word(aggregate, texts->spf_result);
	return true;
}

static bool end_record(struct take_aggregate *aggregate)
{
	struct received_record record = {.count = 0};
	struct wire *wire = aggregate->take->wire;

	if (++aggregate->seen > aggregate->take->limits->records) {
		take_refuse(aggregate->take, "it has more than %u records",
		            aggregate->take->limits->records);
		return false;
	}
	if (read_record(aggregate, &record)) {
		aggregate->records++;
		wire_write(wire, WIRE_RECORD, &record);
		for (size_t i = 0; i < aggregate->signature_count; i++)
			wire_write(wire, WIRE_SIGNATURE, &aggregate->signatures[i]);
	}
	clear_record(aggregate);
	return true;
}

static void say_repairs(struct take_aggregate *aggregate, const struct take_xml_state *state,
                        unsigned *repairs)
{
	struct take *take = aggregate->take;

	if (state->damaged_octets)
		take_repair(take, repairs, "octets that are not of its encoding were replaced");
	if (state->damaged_markup)
		take_repair(
		    take, repairs,
		    "it is not well-formed: characters < and & that begin nothing were read "
		    "as text");
	if (state->damaged_controls)
		take_repair(take, repairs, "control characters were read as blanks");
	if (state->damaged_structure)
		take_repair(take, repairs,
		            "it is not well-formed: elements do not end as they began");
	for (size_t i = 0; i < REPAIRS; i++)
		if (aggregate->wrong[i] > 0)
			take_repair(take, repairs,
			            arena_format(aggregate->head, "%s (%lu)", repair_sentences[i],
			                         aggregate->wrong[i]));
}

static const char *head_word(struct take_aggregate *aggregate, const char *text)
{
	return text == NULL ? NULL : text_lower(aggregate->head, text, strlen(text));
}

static void fill_head(struct take_aggregate *aggregate, struct received_report *report)
{
	struct aggregate_texts *texts = &aggregate->texts;

	report->kind = RECEIVED_DMARC;
	report->organization = texts->organization;
	report->email = texts->email;
	report->report_id = texts->report_id;
	report->domain = clean_domain(aggregate->head, texts->domain);
	report->generator = texts->generator;
	report->p = head_word(aggregate, texts->p);
	report->sp = head_word(aggregate, texts->sp);
	report->np = head_word(aggregate, texts->np);
	report->adkim = head_word(aggregate, texts->adkim);
	report->aspf = head_word(aggregate, texts->aspf);
	report->pct = texts->pct;
	report->fo = texts->fo;
	report->testing = head_word(aggregate, texts->testing);
	report->discovery = head_word(aggregate, texts->discovery);
}

/* Why it cannot be used; NULL where it can. */
static const char *what_is_missing(struct take_aggregate *aggregate,
                                   const struct take_xml_state *state,
                                   const struct received_report *report)
{
	if (state->ended < aggregate->feedbacks)
		return "it is cut off: the report in it does not end";
	if (report->domain == NULL)
		return "it does not say which domain it is about";
	if (report->organization == NULL && report->email == NULL)
		return "it does not say who sends it";
	if (report->report_id == NULL && aggregate->texts.begin == NULL)
		return "it has neither a report id nor a date range";
	if (aggregate->records == 0)
		return "no record in it has both a source address and a count";
	return NULL;
}

static bool end_report(struct take_aggregate *aggregate, const struct take_xml_state *state)
{
	struct take *take = aggregate->take;
	struct received_report report = {.kind = RECEIVED_DMARC};
	const char *missing;
	unsigned repairs = 0;

	fill_head(aggregate, &report);
	missing = what_is_missing(aggregate, state, &report);
	if (missing == NULL)
		missing = take_period_read(take, aggregate->texts.begin, aggregate->texts.end,
		                           &report, &repairs);
	if (missing != NULL) {
		wire_write(take->wire, WIRE_DROP, NULL);
		take_refuse(take, "%s", missing);
		return true;
	}
	if (report.report_id == NULL) {
		report.report_id = "(none)";
		take_repair(take, &repairs, "it has no report id");
	}
	say_repairs(aggregate, state, &repairs);
	take_report(take, &report);
	return true;
}

bool take_aggregate_close(struct take_aggregate *aggregate, const struct take_xml_state *state)
{
	enum element element = current_element(aggregate);

	invariant(aggregate->depth > 0);
	aggregate->depth--;
	switch (element) {
	case LEAF:
		end_leaf(aggregate);
		return true;
	case REASON:
		end_reason(aggregate);
		return true;
	case DKIM:
		end_signature(aggregate);
		return true;
	case RECORD:
		return end_record(aggregate);
	case FEEDBACK:
		return end_report(aggregate, state);
	default:
		return true;
	}
}

void take_aggregate_end(struct take_aggregate *aggregate)
{
	if (is_inside(aggregate)) {
		wire_write(aggregate->take->wire, WIRE_DROP, NULL);
		take_refuse(aggregate->take, "it is cut off: the report in it does not end");
	} else if (aggregate->feedbacks == 0) {
		aggregate->take->nothing = "it is XML without a feedback element";
	}
}
