/*
 * report_failures.c - `assay report failures list` and `show NUMBER`: the failure reports of the
 * store, and what one of them says. report.c opens the store.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "store/store_failures.h"
#include "tool/common/fields_json.h"
#include "tool/common/tool.h"
#include "tool/report/report_tool.h"

enum {
	LINES_MAX = 100 /* unless --all */
};

static const struct field failure_rows[] = {
    {FIELD(FIELD_NUMBER, struct failure_report, number)},
    {FIELD(FIELD_NAME, struct failure_report, state), .names = store_failures_names},
    {FIELD(FIELD_TEXT, struct failure_report, policy_domain)},
    {FIELD(FIELD_TEXT, struct failure_report, header_from)},
    {FIELD(FIELD_NUMBER, struct failure_report, incidents)},
    {FIELD_AS("first_seen", FIELD_NUMBER, struct failure_report, first)},
    {FIELD_AS("last_seen", FIELD_NUMBER, struct failure_report, last)},
    {FIELD(FIELD_TEXT_OR_NULL, struct failure_report, addresses)},
    {FIELD(FIELD_NUMBER, struct failure_report, attempts)},
    {FIELD_AS("reason", FIELD_TEXT_OR_NULL, struct failure_report, text)},
    FIELD_END};

static const char *moment_text(time_t when, struct arena *arena)
{
	char moment[32] = "?";
	struct tm utc;

	if (gmtime_r(&when, &utc) != NULL)
		strftime(moment, sizeof moment, "%Y-%m-%dT%H:%MZ", &utc);
	return arena_string(arena, moment);
}

static void print_failure_line(const struct failure_report *report, void *context)
{
	struct report_page *page = context;
	const struct fields_json writer = {.arena = page->arena, .compact = true};

	arena_reset(page->arena);
	if (page->json) {
		printf("%s%s", page->lines++ > 0 ? ",\n  " : "\n  ",
		       fields_json_line(&writer, failure_rows, report));
		return;
	}
	if (page->lines++ == 0)
		puts("  number  state     messages  first              domain");
	printf("%8lld  %-8s  %8lu  %s  %s%s%s\n", (long long)report->number,
	       store_failures_names[report->state], report->incidents,
	       moment_text(report->first, page->arena),
	       text_printable(page->arena, report->header_from, 253),
	       report->text[0] == '\0' ? "" : ": ", text_printable(page->arena, report->text, 300));
}

static bool list_failures(struct store *store, const struct report_arguments *arguments,
                          struct report_page *page, struct problem *problem)
{
	unsigned long beyond;

	if (page->json)
		fputs("{\"failures\":[", stdout);
	if (!store_failures_each(store, arguments->all ? LONG_MAX : LINES_MAX, print_failure_line,
	                         page, problem) ||
	    !store_failures_beyond(store, &beyond, problem))
		return false;
	if (page->json)
		printf("%s],\"beyond\":%lu}\n", page->lines > 0 ? "\n" : "", beyond);
	else if (page->lines == 0)
		puts("There are no failure reports.");
	if (!page->json && beyond > 0)
		printf("%lu failures are in no report: there were too many different ones.\n",
		       beyond);
	return true;
}

/* The mail, or as long as it is not made, the record, which is redacted too. */
static void print_failure(const struct failure_report *report, struct report_page *page)
{
	print_failure_line(report, page);
	if (report->addresses[0] != '\0')
		printf("to: %s\n", text_printable(page->arena, report->addresses, 2000));
	if (report->mail[0] != '\0') {
		putchar('\n');
		for (const char *line = report->mail; *line != '\0';) {
			size_t length = strcspn(line, "\n");

			puts(text_printable(page->arena, arena_copy(page->arena, line, length),
			                    length));
			line += length + (line[length] == '\n');
		}
	} else if (report->record[0] != '\0') {
		puts("\nrecorded (redacted), not made into a mail yet:");
		tool_put_visible(stdout, report->record);
		putchar('\n');
	} else {
		puts("What it said is erased.");
	}
}

static bool show_failure(struct store *store, const struct report_arguments *arguments,
                         struct report_page *page, struct problem *problem)
{
	char *end;
	long long number = strtoll(arguments->more, &end, 10);
	struct failure_report report;
	struct arena *arena;
	bool good;

	if (*end != '\0' || end == arguments->more)
		return problem_say(problem, "\"%.60s\" is not the number of a failure report",
		                   arguments->more);
	arena = arena_new();
	good = store_failures_read(store, number, arena, &report, problem);
	if (good && page->json) {
		const struct fields_json writer = {.arena = page->arena};

		fields_json_print(&writer, failure_rows, &report, stdout);
	} else if (good) {
		print_failure(&report, page);
	}
	arena_free(arena);
	return good;
}

bool report_failures(struct store_query *query, const struct report_arguments *arguments,
                     struct report_page *page, struct problem *problem)
{
	struct store *store = store_query_store(query);

	return strcmp(arguments->argument, "show") == 0
	           ? show_failure(store, arguments, page, problem)
	           : list_failures(store, arguments, page, problem);
}
