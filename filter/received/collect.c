/*
 * collect.c - from lines to reports, in the process that has the store.
 */
#include "received/collect.h"

#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "base/domain.h"
#include "base/invariant.h"
#include "base/text.h"
#include "received/clean.h"
#include "received/wire.h"

enum {
	INTERNED = 4096 /* texts that are remembered: a report has few different ones */
};

/* Items of a report under way, in memory of malloc() until the report is complete. */
struct collect_list {
	char *items;
	size_t count, capacity;
};

struct collect {
	struct arena *arena, *line; /* `line` is reset with each one */
	const struct reader_limits *limits;
	size_t octets; /* of all that came */
	bool ended;

	struct reader_mail mail;
	const char *results[READER_RESULTS_MAX];
	struct received_report reports[READER_REPORTS_MAX];
	size_t report_count;
	const char *reasons[READER_REASONS_MAX];
	size_t reason_count;

	/* of the report under way */
	struct collect_list records, signatures, policies, failures;
	const char *repairs[WIRE_REPAIRS_MAX];
	size_t repair_count;
	int64_t messages;

	const char *interned[INTERNED];
	size_t held;
	char hold[WIRE_LINE_MAX];
};

struct collect *collect_new(struct arena *arena, const struct reader_limits *limits)
{
	struct collect *collect = calloc(1, sizeof *collect);

	if (collect == NULL)
		abort();
	collect->arena = arena;
	collect->line = arena_new();
	collect->limits = limits;
	return collect;
}

void collect_free(struct collect *collect)
{
	free(collect->records.items);
	free(collect->signatures.items);
	free(collect->policies.items);
	free(collect->failures.items);
	arena_free(collect->line);
	free(collect);
}

/* A text in the arena; the same again is the same pointer, as long as it is remembered. */
static const char *collect_intern(struct collect *collect, const char *text, size_t length)
{
	size_t hash = 5381;
	const char **slot;

	for (size_t i = 0; i < length; i++)
		hash = hash * 33 + (unsigned char)text[i];
	slot = &collect->interned[hash % INTERNED];
	if (*slot == NULL || strlen(*slot) != length || memcmp(*slot, text, length) != 0)
		*slot = arena_copy(collect->arena, text, length);
	return *slot;
}

static void *collect_push(struct collect_list *list, size_t size, const void *item)
{
	if (list->count == list->capacity) {
		list->capacity = list->capacity == 0 ? 16 : 2 * list->capacity;
		list->items = realloc(list->items, list->capacity * size);
		if (list->items == NULL)
			abort();
	}
	return memcpy(list->items + size * list->count++, item, size);
}

static bool is_shown(const char *text, size_t length)
{
	size_t at = 0;

	while (at < length) {
		size_t step = text_shown_length(text + at);

		if (step == 0)
			return false;
		at += step;
	}
	return at == length && length <= RECEIVED_TEXT_MAX;
}

static bool is_domain(struct collect *collect, const char *text)
{
	const char *normal = domain_normalize(collect->line, text, strlen(text));

	return normal != NULL && strcmp(normal, text) == 0;
}

static bool is_address(const char *text)
{
	char printed[ADDRESS_TEXT];
	struct address address;

	return address_parse(text, &address) && strcmp(address_print(&address, printed), text) == 0;
}

/* Texts end with a NUL. */
static bool read_wire_text(struct collect *collect, const struct wire_row *row, const char *text,
                           const char **member)
{
	size_t length = strlen(text);

	*member = NULL;
	if (length == 0)
		return !row->needed;
	if (!is_shown(text, length) || (row->type == WIRE_DOMAIN && !is_domain(collect, text)) ||
	    (row->type == WIRE_ADDRESS && !is_address(text)) ||
	    (row->type == WIRE_WORD && text_word(row->names, text) < 0))
		return false;
	*member = collect_intern(collect, text, length);
	return true;
}

static bool read_wire_value(struct collect *collect, const struct wire_row *row, const char *text,
                            void *object)
{
	void *member = (char *)object + row->offset;
	int64_t number;
	int index;

	switch (row->type) {
	case WIRE_NUMBER:
		if (!clean_number(text, &number) || number < row->min || number > row->max)
			return false;
		*(int64_t *)member = number;
		return true;
	case WIRE_FLAG:
		*(bool *)member = text[0] == '1';
		return strcmp(text, "0") == 0 || strcmp(text, "1") == 0;
	case WIRE_KIND:
		index = text_word(row->names, text);
		if (index >= 0)
			*(enum received_kind *)member = (enum received_kind)index;
		return index >= 0;
	default:
		return read_wire_text(collect, row, text, member);
	}
}

/* The values behind the letter; each has a tab before it. The line ends with a NUL. */
static bool read_wire_line(struct collect *collect, const struct wire_row *row, char *line,
                           void *object)
{
	char *value = line;

	for (; row->used; row++) {
		if (value == NULL || *value != '\t')
			return false;
		value++;
		char *next = strchr(value, '\t');

		if (next != NULL)
			*next = '\0';
		if (!read_wire_value(collect, row, value, object))
			return false;
		if (next != NULL)
			*next = '\t';
		value = next;
	}
	return value == NULL || *value == '\0';
}

static bool add_record(struct collect *collect, const void *object)
{
	const struct received_record *record = object;

	if (collect->records.count >= collect->limits->records)
		return false;
	collect_push(&collect->records, sizeof *record, record);
	collect->messages += record->count;
	return true;
}

static struct received_record *last_record(struct collect *collect)
{
	struct received_record *records = (struct received_record *)(void *)collect->records.items;

	return collect->records.count == 0 ? NULL : &records[collect->records.count - 1];
}

static bool add_signature(struct collect *collect, const void *object)
{
	struct received_record *record = last_record(collect);

	if (record == NULL || record->signature_count >= WIRE_SIGNATURES_MAX)
		return false;
	record->signature_count++;
	collect_push(&collect->signatures, sizeof(struct received_signature), object);
	return true;
}

static bool add_policy(struct collect *collect, const void *object)
{
	const struct received_tls_policy *policy = object;

	if (collect->policies.count >= WIRE_POLICIES_MAX)
		return false;
	collect_push(&collect->policies, sizeof *policy, policy);
	collect->messages += policy->successes + policy->failures;
	return true;
}

static bool add_failure(struct collect *collect, const void *object)
{
	struct received_tls_policy *policies =
	    (struct received_tls_policy *)(void *)collect->policies.items;
	struct received_tls_policy *policy =
	    collect->policies.count == 0 ? NULL : &policies[collect->policies.count - 1];

	if (policy == NULL || policy->failure_count >= WIRE_FAILURES_MAX)
		return false;
	policy->failure_count++;
	collect_push(&collect->failures, sizeof(struct received_tls_failure), object);
	return true;
}

static bool add_text(const char **texts, size_t *count, size_t max, const void *object)
{
	if (*count >= max)
		return false;
	texts[(*count)++] = ((const struct wire_text *)object)->text;
	return true;
}

static bool add_repair(struct collect *collect, const void *object)
{
	return add_text(collect->repairs, &collect->repair_count, WIRE_REPAIRS_MAX, object);
}

static bool add_reason(struct collect *collect, const void *object)
{
	return add_text(collect->reasons, &collect->reason_count, READER_REASONS_MAX, object);
}

static bool add_results(struct collect *collect, const void *object)
{
	return add_text(collect->results, &collect->mail.results_count, READER_RESULTS_MAX, object);
}

static bool add_mail(struct collect *collect, const void *object)
{
	const struct reader_mail *mail = object;

	if (collect->mail.is_mail || !mail->is_mail)
		return false;
	collect->mail = *mail;
	return true;
}

static bool drop_report(struct collect *collect, const void *object)
{
	(void)object;
	collect->records.count = collect->signatures.count = 0;
	collect->policies.count = collect->failures.count = 0;
	collect->repair_count = 0;
	collect->messages = 0;
	return true;
}

static const void *keep_list(struct collect *collect, const struct collect_list *list, size_t size)
{
	return list->count == 0 ? NULL
	                        : memcpy(arena_allocate(collect->arena, list->count * size),
	                                 list->items, list->count * size);
}

/* Lists of lists: each item gets its share of the list that all have together. */
static void keep_records(struct collect *collect, struct received_report *report)
{
	const struct received_signature *signatures =
	    keep_list(collect, &collect->signatures, sizeof *signatures);
	struct received_record *records = (struct received_record *)(void *)collect->records.items;
	size_t at = 0;

	for (size_t i = 0; i < collect->records.count; i++) {
		if (records[i].signature_count > 0)
			records[i].signatures = signatures + at;
		at += records[i].signature_count;
	}
	invariant(at == collect->signatures.count);
	report->record_count = collect->records.count;
	report->records = keep_list(collect, &collect->records, sizeof *records);
}

static void keep_policies(struct collect *collect, struct received_report *report)
{
	const struct received_tls_failure *failures =
	    keep_list(collect, &collect->failures, sizeof *failures);
	struct received_tls_policy *policies =
	    (struct received_tls_policy *)(void *)collect->policies.items;
	size_t at = 0;

	for (size_t i = 0; i < collect->policies.count; i++) {
		if (policies[i].failure_count > 0)
			policies[i].failure = failures + at;
		at += policies[i].failure_count;
	}
	invariant(at == collect->failures.count);
	report->policy_count = collect->policies.count;
	report->policies = keep_list(collect, &collect->policies, sizeof *policies);
}

/* What belongs to its kind, and nothing else. */
static bool is_complete(const struct collect *collect, const struct received_report *report)
{
	size_t records = collect->records.count, policies = collect->policies.count;

	if (report->begin > report->end)
		return false;
	return report->kind == RECEIVED_TLS       ? policies > 0 && records == 0
	       : report->kind == RECEIVED_FAILURE ? records == 1 && policies == 0
	                                          : records > 0 && policies == 0;
}

static bool add_head(struct collect *collect, const void *object)
{
	struct received_report report = *(const struct received_report *)object;

	if (collect->report_count >= READER_REPORTS_MAX || !is_complete(collect, &report))
		return false;
	report.messages = collect->messages;
	keep_records(collect, &report);
	keep_policies(collect, &report);
	report.repair_count = collect->repair_count;
	report.repairs = collect->repair_count == 0
	                     ? NULL
	                     : memcpy(arena_allocate(collect->arena, sizeof collect->repairs),
	                              collect->repairs, sizeof collect->repairs);
	collect->reports[collect->report_count++] = report;
	return drop_report(collect, NULL);
}

static bool add_end(struct collect *collect, const void *object)
{
	(void)object;
	collect->ended = true;
	return collect->records.count == 0 && collect->policies.count == 0;
}

static const struct collect_line {
	char letter;
	bool (*add)(struct collect *collect, const void *object);
} collect_lines[] = {{WIRE_RECORD, add_record}, {WIRE_SIGNATURE, add_signature},
                     {WIRE_POLICY, add_policy}, {WIRE_FAILURE, add_failure},
                     {WIRE_REPAIR, add_repair}, {WIRE_HEAD, add_head},
                     {WIRE_REASON, add_reason}, {WIRE_DROP, drop_report},
                     {WIRE_MAIL, add_mail},     {WIRE_RESULTS, add_results},
                     {WIRE_END, add_end}};

/* The line ends with a NUL. */
static bool take_line(struct collect *collect, char *line)
{
	union {
		struct reader_mail mail;
		struct received_report report;
		struct received_record record;
		struct received_signature signature;
		struct received_tls_policy policy;
		struct received_tls_failure failure;
		struct wire_text text;
	} object;

	if (collect->ended)
		return false;
	arena_reset(collect->line);
	memset(&object, 0, sizeof object);
	for (size_t i = 0; i < sizeof collect_lines / sizeof collect_lines[0]; i++)
		if (collect_lines[i].letter == line[0])
			return read_wire_line(collect, wire_rows(line[0]), line + 1, &object) &&
			       collect_lines[i].add(collect, &object);
	return false;
}

bool collect_add(struct collect *collect, const char *bytes, size_t length)
{
	collect->octets += length;
	/* every text came out of so many octets, and numbers and tabs are not more than they */
	if (collect->octets > 4 * collect->limits->inflated_octets)
		return false;
	while (length > 0) {
		const char *end = memchr(bytes, '\n', length);
		size_t size = end == NULL ? length : (size_t)(end - bytes);

		if (size >= sizeof collect->hold - collect->held ||
		    memchr(bytes, '\0', size) != NULL)
			return false;
		memcpy(collect->hold + collect->held, bytes, size);
		collect->held += size;
		if (end == NULL)
			return true;
		collect->hold[collect->held] = '\0';
		collect->held = 0;
		if (!take_line(collect, collect->hold))
			return false;
		bytes = end + 1;
		length -= size + 1;
	}
	return true;
}

bool collect_end(struct collect *collect, struct reader_result *result)
{
	struct arena *arena = collect->arena;

	if (!collect->ended || collect->held > 0 ||
	    (collect->report_count == 0 && collect->reason_count == 0))
		return false;
	*result = (struct reader_result){.count = collect->report_count,
	                                 .mail = collect->mail,
	                                 .reason_count = collect->reason_count};
	result->reports = memcpy(arena_allocate(arena, sizeof collect->reports), collect->reports,
	                         sizeof collect->reports);
	result->reasons = memcpy(arena_allocate(arena, sizeof collect->reasons), collect->reasons,
	                         sizeof collect->reasons);
	result->mail.results = memcpy(arena_allocate(arena, sizeof collect->results),
	                              collect->results, sizeof collect->results);
	return true;
}
