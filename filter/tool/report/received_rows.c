/*
 * received_rows.c - see received_rows.h. The structs here have what is printed in the shape in
 * which it is; the numbers are those of received_numbers.h under the names that people use.
 */
#include "tool/report/received_rows.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/text.h"
#include "received/source_advice.h"
#include "tool/common/fields_json.h"
#include "tool/report/received_print.h"
#include "tool/report/report_csv.h"

/* What every line has. */
struct rows_numbers {
	int64_t messages, pass, forwarded, failing, dkim_aligned, spf_aligned, quarantined,
	    rejected;
};

static struct rows_numbers numbers_shown(const struct received_numbers *numbers)
{
	return (struct rows_numbers){.messages = numbers->messages,
	                             .pass = received_numbers_passed(numbers),
	                             .forwarded = numbers->forwarded,
	                             .failing = numbers->failing,
	                             .dkim_aligned = numbers->both_aligned + numbers->dkim_only,
	                             .spf_aligned = numbers->both_aligned + numbers->spf_only,
	                             .quarantined = numbers->quarantined,
	                             .rejected = numbers->rejected};
}

#define NUMBER_ROW(structure, member)                                                              \
	{                                                                                          \
		FIELD_AS(#member, FIELD_NUMBER, structure, numbers.member)                         \
	}
#define NUMBER_ROWS(structure)                                                                     \
	NUMBER_ROW(structure, messages), NUMBER_ROW(structure, pass),                              \
	    NUMBER_ROW(structure, forwarded), NUMBER_ROW(structure, failing),                      \
	    NUMBER_ROW(structure, dkim_aligned), NUMBER_ROW(structure, spf_aligned),               \
	    NUMBER_ROW(structure, quarantined), NUMBER_ROW(structure, rejected)

struct day_shown {
	const char *domain, *day;
	struct rows_numbers numbers;
	unsigned long days, reporters;
	struct readiness readiness;
	const char *policy;
};

static const struct field readiness_rows[] = {
    {FIELD(FIELD_NAME, struct readiness, state), .names = readiness_names},
    {FIELD(FIELD_NUMBER, struct readiness, days)},
    {FIELD(FIELD_NUMBER, struct readiness, reporters)},
    {FIELD(FIELD_NUMBER, struct readiness, messages)},
    {FIELD(FIELD_NUMBER, struct readiness, passed)},
    {FIELD(FIELD_NUMBER, struct readiness, lost)},
    {FIELD(FIELD_NUMBER, struct readiness, unknown)},
    {FIELD(FIELD_NUMBER, struct readiness, spoofed)},
    {FIELD(FIELD_TEXT, struct readiness, text)},
    {FIELD(FIELD_TEXT, struct readiness, publish)},
    FIELD_END};

static const struct field domain_rows[] = {
    {FIELD(FIELD_TEXT, struct day_shown, domain)},
    NUMBER_ROWS(struct day_shown),
    {FIELD(FIELD_NUMBER, struct day_shown, days)},
    {FIELD(FIELD_NUMBER, struct day_shown, reporters)},
    {FIELD_AS("last_day", FIELD_TEXT, struct day_shown, day)},
    {FIELD(FIELD_TEXT_OR_NULL, struct day_shown, policy)},
    {FIELD(FIELD_OBJECT, struct day_shown, readiness), .rows = readiness_rows},
    FIELD_END};

static const struct field day_rows[] = {{FIELD(FIELD_TEXT, struct day_shown, domain)},
                                        {FIELD(FIELD_TEXT, struct day_shown, day)},
                                        NUMBER_ROWS(struct day_shown),
                                        {FIELD(FIELD_NUMBER, struct day_shown, reporters)},
                                        FIELD_END};

struct reporter_shown {
	const char *reporter, *first_day, *last_day;
	int64_t messages;
	unsigned long days;
};

static const struct field reporter_rows[] = {{FIELD(FIELD_TEXT, struct reporter_shown, reporter)},
                                             {FIELD(FIELD_NUMBER, struct reporter_shown, messages)},
                                             {FIELD(FIELD_NUMBER, struct reporter_shown, days)},
                                             {FIELD(FIELD_TEXT, struct reporter_shown, first_day)},
                                             {FIELD(FIELD_TEXT, struct reporter_shown, last_day)},
                                             FIELD_END};

static const struct field tls_rows[] = {
    {FIELD(FIELD_TEXT, struct received_tls_row, domain)},
    {FIELD(FIELD_TEXT_OR_NULL, struct received_tls_row, mx)},
    {FIELD_AS("policy", FIELD_TEXT_OR_NULL, struct received_tls_row, type)},
    {FIELD(FIELD_TEXT_OR_NULL, struct received_tls_row, reason)},
    {FIELD(FIELD_NUMBER, struct received_tls_row, successes)},
    {FIELD(FIELD_NUMBER, struct received_tls_row, failures)},
    FIELD_END};

static void put_object(const struct field *rows, const void *object, size_t index,
                       struct arena *arena)
{
	const struct fields_json writer = {.arena = arena, .compact = true};

	printf("%s\n  %s", index > 0 ? "," : "", fields_json_line(&writer, rows, object));
	arena_reset(arena);
}

static struct day_shown day_shown_of(const struct received_day *day, struct arena *arena)
{
	return (struct day_shown){.domain = day->domain,
	                          .day = received_print_day(arena, day->day),
	                          .numbers = numbers_shown(&day->numbers),
	                          .days = day->days,
	                          .reporters = day->reports};
}

static void put_domains(const struct received_rows *rows, struct arena *arena)
{
	for (size_t i = 0; i < rows->domain_count; i++) {
		struct day_shown shown = day_shown_of(&rows->domains[i].total, arena);

		shown.readiness = rows->domains[i].readiness;
		shown.policy = rows->domains[i].policy;
		put_object(domain_rows, &shown, i, arena);
	}
}

static void put_days(const struct received_days *days, struct arena *arena)
{
	for (size_t i = 0; i < days->count; i++) {
		struct day_shown shown = day_shown_of(&days->items[i], arena);

		put_object(day_rows, &shown, i, arena);
	}
}

static void put_reporters(const struct received_reporters *reporters, struct arena *arena)
{
	for (size_t i = 0; i < reporters->count; i++) {
		const struct received_reporter *reporter = &reporters->items[i];
		const struct reporter_shown shown = {
		    .reporter = reporter->reporter,
		    .first_day = received_print_day(arena, reporter->first),
		    .last_day = received_print_day(arena, reporter->last),
		    .messages = reporter->messages,
		    .days = reporter->days};

		put_object(reporter_rows, &shown, i, arena);
	}
}

void received_rows_json(const struct received_rows *rows, struct arena *arena)
{
	printf("{\"since\":\"%s\",", received_print_day(arena, rows->since));
	printf("\"until\":\"%s\",\"domains\":[", received_print_day(arena, rows->before - 1));
	put_domains(rows, arena);
	fputs("],\"days\":[", stdout);
	put_days(rows->days, arena);
	fputs("],\"reporters\":[", stdout);
	put_reporters(rows->reporters, arena);
	fputs("],\"tls\":[", stdout);
	for (size_t i = 0; i < rows->tls->count; i++)
		put_object(tls_rows, &rows->tls->items[i], i, arena);
	puts("]}");
}

static void put_numbers(const struct received_numbers *numbers)
{
	struct rows_numbers shown = numbers_shown(numbers);

	printf("%" PRId64 ",%" PRId64 ",%" PRId64 ",%" PRId64 ",%" PRId64 ",%" PRId64 ",%" PRId64
	       ",%" PRId64,
	       shown.messages, shown.pass, shown.forwarded, shown.failing, shown.dkim_aligned,
	       shown.spf_aligned, shown.quarantined, shown.rejected);
}

#define NUMBER_NAMES "messages,pass,forwarded,failing,dkim_aligned,spf_aligned,quarantined,rejected"

void received_rows_csv(const struct received_days *days)
{
	struct arena *arena = arena_new();

	puts("domain,day," NUMBER_NAMES ",reporters");
	for (size_t i = 0; i < days->count; i++) {
		const struct received_day *day = &days->items[i];

		report_csv_put(day->domain, ',');
		report_csv_put(received_print_day(arena, day->day), ',');
		put_numbers(&day->numbers);
		printf(",%lu\n", day->reports);
	}
	arena_free(arena);
}

struct source_shown {
	const struct source *source;
	const char *address, *name, *signer, *spf_domain, *spf_result, *term, *advice;
	const char *first_day, *last_day;
	enum source_kind kind;
	struct rows_numbers numbers;
	size_t addresses, sample_count, publish_count;
	const char *const *sample, *const *publish;
	bool act;
};

static const struct field source_rows[] = {
    {FIELD_AS("source", FIELD_TEXT_OR_NULL, struct source_shown, address)},
    {FIELD(FIELD_TEXT_OR_NULL, struct source_shown, name)},
    {FIELD(FIELD_NAME, struct source_shown, kind), .names = source_advice_kind_names},
    NUMBER_ROWS(struct source_shown),
    {FIELD(FIELD_NUMBER, struct source_shown, addresses)},
    {FIELD(FIELD_TEXTS, struct source_shown, sample),
     .count = offsetof(struct source_shown, sample_count)},
    {FIELD(FIELD_TEXT_OR_NULL, struct source_shown, signer)},
    {FIELD(FIELD_TEXT_OR_NULL, struct source_shown, spf_domain)},
    {FIELD(FIELD_TEXT_OR_NULL, struct source_shown, spf_result)},
    {FIELD_AS("spf_term", FIELD_TEXT, struct source_shown, term)},
    {FIELD(FIELD_TEXT, struct source_shown, first_day)},
    {FIELD(FIELD_TEXT, struct source_shown, last_day)},
    {FIELD(FIELD_FLAG, struct source_shown, act)},
    {FIELD(FIELD_TEXT, struct source_shown, advice)},
    {FIELD(FIELD_TEXTS, struct source_shown, publish),
     .count = offsetof(struct source_shown, publish_count)},
    FIELD_END};

static struct source_shown source_shown_of(const struct source *source, struct arena *arena)
{
	return (struct source_shown){.address = source->address,
	                             .name = source->name,
	                             .kind = source->kind,
	                             .numbers = numbers_shown(&source->numbers),
	                             .addresses = source->address_count,
	                             .sample = source->shown,
	                             .sample_count = source->shown_count,
	                             .signer = source->signer,
	                             .spf_domain = source->spf_domain,
	                             .spf_result = source->spf_result,
	                             .term = source->term,
	                             .first_day = received_print_day(arena, source->first),
	                             .last_day = received_print_day(arena, source->last),
	                             .act = source->weight > 0,
	                             .advice = source->advice,
	                             .publish = source->publish,
	                             .publish_count = source->publish_count};
}

void received_rows_sources_json(const struct sources *sources, struct arena *arena)
{
	fputs("[", stdout);
	for (size_t i = 0; i < sources->count; i++) {
		struct source_shown shown = source_shown_of(&sources->items[i], arena);

		put_object(source_rows, &shown, i, arena);
	}
	puts(sources->count > 0 ? "\n]" : "]");
}

void received_rows_sources_csv(const struct sources *sources)
{
	struct arena *arena = arena_new();

	puts("source,name,kind," NUMBER_NAMES
	     ",addresses,signer,spf_domain,spf_result,last_day,advice,publish");
	for (size_t i = 0; i < sources->count; i++) {
		const struct source *source = &sources->items[i];
		struct text records;

		report_csv_put(source->address, ',');
		report_csv_put(source->name, ',');
		report_csv_put(source_advice_kind_names[source->kind], ',');
		put_numbers(&source->numbers);
		printf(",%zu,", source->address_count);
		report_csv_put(source->signer, ',');
		report_csv_put(source->spf_domain, ',');
		report_csv_put(source->spf_result, ',');
		report_csv_put(received_print_day(arena, source->last), ',');
		report_csv_put(source->advice, ',');
		text_begin(&records, arena, 16384);
		for (size_t j = 0; j < source->publish_count; j++) {
			text_add(&records, j > 0 ? " | " : "");
			text_add(&records, source->publish[j]);
		}
		report_csv_put(records.bytes, '\n');
		arena_reset(arena);
	}
	arena_free(arena);
}
