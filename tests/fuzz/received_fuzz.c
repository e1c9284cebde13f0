/*
 * received_fuzz.c - what others send, through the whole reader: mail, archives, XML, JSON, to the
 * lines of the confined process and back. Whatever comes in, the lines are such that the parent
 * takes them, there is a report or a reason, and reports keep to received_report.h.
 *
 * The input is a file as it is.
 */
#include "fuzz.h"

#include "base/text.h"
#include "received/collect.h"
#include "received/take.h"
#include "received/wire.h"

/* Small, so that an input ends soon. */
static const struct reader_limits limits = {.mail_octets = 1 << 20,
                                            .compressed_octets = 1 << 20,
                                            .inflated_octets = 1 << 22,
                                            .json_octets = 1 << 20,
                                            .memory_octets = 1 << 28,
                                            .inflated_ratio = 1000,
                                            .members = 10,
                                            .records = 1000,
                                            .depth = 32,
                                            .cpu_seconds = 60,
                                            .seconds = 60};

static void put_lines(void *context, const char *bytes, size_t length)
{
	must(collect_add(context, bytes, length));
}

static void must_be_text(const char *text, bool needed)
{
	must(text != NULL || !needed);
	if (text == NULL)
		return;
	must(text[0] != '\0' && strlen(text) <= RECEIVED_TEXT_MAX);
	for (size_t step; *text != '\0'; text += step)
		must((step = text_shown_length(text)) > 0);
}

static void must_be_record(const struct received_record *record)
{
	must(record->count > 0 && record->count <= RECEIVED_COUNT_MAX);
	must_be_text(record->source, true);
	must_be_text(record->disposition, true);
	must_be_text(record->override_type, false);
	must_be_text(record->override_comment, false);
	must_be_text(record->header_from, false);
	must_be_text(record->spf_result, false);
	for (size_t i = 0; i < record->signature_count; i++)
		must_be_text(record->signatures[i].domain, false);
}

static void must_be_report(const struct received_report *report)
{
	int64_t sum = 0;

	must_be_text(report->domain, true);
	must_be_text(report->report_id, true);
	must_be_text(report->organization, false);
	must(report->begin <= report->end);
	for (size_t i = 0; i < report->record_count; i++) {
		must_be_record(&report->records[i]);
		sum += report->records[i].count;
	}
	for (size_t i = 0; i < report->policy_count; i++)
		sum += report->policies[i].successes + report->policies[i].failures;
	must(sum == report->messages);
	for (size_t i = 0; i < report->repair_count; i++)
		must_be_text(report->repairs[i], true);
}

static void read_input(const char *bytes, size_t length, struct arena *arena,
                       struct reader_result *result)
{
	struct collect *collect = collect_new(arena, &limits);
	struct wire *wire = calloc(1, sizeof *wire);
	struct xml_encodings encodings;
	struct take take = {.limits = &limits,
	                    .wire = wire,
	                    .arena = arena_new(),
	                    .encodings = &encodings,
	                    .now = 1795824000,
	                    .arrived = 1795824000};

	must(wire != NULL);
	wire->put = put_lines;
	wire->context = collect;
	xml_octets_prepare(&encodings);
	take_file(&take, bytes, length);
	must(collect_end(collect, result));
	xml_octets_release(&encodings);
	arena_free(take.arena);
	free(wire);
	collect_free(collect);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct arena *arena = arena_new();
	struct reader_result result;
	char *copy = malloc(length > 0 ? length : 1); /* so that a step beyond the end is seen */

	must(copy != NULL);
	memcpy(copy, bytes, length);
	take_mail_prepare();
	take_xml_prepare();
	read_input(copy, length, arena, &result);
	must(result.count > 0 || result.reason_count > 0);
	for (size_t i = 0; i < result.count; i++)
		must_be_report(&result.reports[i]);
	for (size_t i = 0; i < result.reason_count; i++)
		must_be_text(result.reasons[i], true);
	free(copy);
	arena_free(arena);
	return 0;
}
