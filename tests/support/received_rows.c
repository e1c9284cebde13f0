/*
 * received_rows.c - what the reader finds in files, whole: for tests that are not written in C.
 *
 *     received_rows [--quiet | --sanitized] FILE...
 *
 * One line of JSON for each file. --quiet prints the outcome, the numbers of records and messages,
 * and the seconds that reading took. --sanitized has a limit of memory in which a sanitizer can
 * keep what is its own.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "received/reader.h"
#include "rows/json_text.h"

enum {
	OUTPUT_MAX = 64 * 1024 * 1024
};

static const char *const outcomes[] = {
    [READER_READ] = "read", [READER_UNREADABLE] = "unreadable", [READER_FAILED] = "failed"};

static void add_text(struct text *text, const char *name, const char *value)
{
	text_add_format(text, "\"%s\":", name);
	if (value == NULL)
		text_add(text, "null");
	else
		json_text_add(text, value);
	text_add(text, ",");
}

static void add_number(struct text *text, const char *name, int64_t value)
{
	text_add_format(text, "\"%s\":%" PRId64 ",", name, value);
}

/* The comma behind the last member. */
static void end_list(struct text *text, char end)
{
	if (text->bytes[text->length - 1] == ',')
		text->length--;
	text_add_format(text, "%c,", end);
}

static void add_strings(struct text *text, const char *name, const char *const *list, size_t count)
{
	text_add_format(text, "\"%s\":[", name);
	for (size_t i = 0; i < count; i++) {
		json_text_add(text, list[i]);
		text_add(text, ",");
	}
	end_list(text, ']');
}

static void add_record(struct text *text, const struct received_record *record)
{
	text_add(text, "{");
	add_number(text, "count", record->count);
	add_text(text, "source", record->source);
	add_text(text, "disposition", record->disposition);
	add_number(text, "dkim_aligned", record->dkim_aligned);
	add_number(text, "spf_aligned", record->spf_aligned);
	add_text(text, "override_type", record->override_type);
	add_text(text, "override_comment", record->override_comment);
	add_text(text, "header_from", record->header_from);
	add_text(text, "envelope_from", record->envelope_from);
	add_text(text, "envelope_to", record->envelope_to);
	add_text(text, "spf_domain", record->spf_domain);
	add_text(text, "spf_scope", record->spf_scope);
	add_text(text, "spf_result", record->spf_result);
	text_add(text, "\"signatures\":[");
	for (size_t i = 0; i < record->signature_count; i++) {
		text_add(text, "{");
		add_text(text, "domain", record->signatures[i].domain);
		add_text(text, "selector", record->signatures[i].selector);
		add_text(text, "result", record->signatures[i].result);
		end_list(text, '}');
	}
	end_list(text, ']');
	end_list(text, '}');
}

static void add_policy(struct text *text, const struct received_tls_policy *policy)
{
	text_add(text, "{");
	add_text(text, "type", policy->type);
	add_text(text, "domain", policy->domain);
	add_text(text, "mx_host", policy->mx_host);
	add_number(text, "successes", policy->successes);
	add_number(text, "failures", policy->failures);
	text_add(text, "\"failure\":[");
	for (size_t i = 0; i < policy->failure_count; i++) {
		text_add(text, "{");
		add_text(text, "result_type", policy->failure[i].result_type);
		add_text(text, "sending_address", policy->failure[i].sending_address);
		add_text(text, "receiving_host", policy->failure[i].receiving_host);
		add_text(text, "receiving_address", policy->failure[i].receiving_address);
		add_number(text, "count", policy->failure[i].count);
		add_text(text, "reason", policy->failure[i].reason);
		end_list(text, '}');
	}
	end_list(text, ']');
	end_list(text, '}');
}

static void add_head(struct text *text, const struct received_report *report)
{
	add_text(text, "kind", received_kind_names[report->kind]);
	add_text(text, "organization", report->organization);
	add_text(text, "email", report->email);
	add_text(text, "report_id", report->report_id);
	add_text(text, "domain", report->domain);
	add_number(text, "begin", report->begin);
	add_number(text, "end", report->end);
	add_number(text, "messages", report->messages);
	add_text(text, "p", report->p);
	add_text(text, "sp", report->sp);
	add_text(text, "np", report->np);
	add_text(text, "adkim", report->adkim);
	add_text(text, "aspf", report->aspf);
	add_text(text, "pct", report->pct);
	add_text(text, "fo", report->fo);
	add_text(text, "testing", report->testing);
	add_text(text, "discovery", report->discovery);
	add_text(text, "generator", report->generator);
	add_strings(text, "repairs", report->repairs, report->repair_count);
}

static void add_report(struct text *text, const struct received_report *report)
{
	text_add(text, "{");
	add_head(text, report);
	text_add(text, "\"records\":[");
	for (size_t i = 0; i < report->record_count; i++)
		add_record(text, &report->records[i]);
	end_list(text, ']');
	text_add(text, "\"policies\":[");
	for (size_t i = 0; i < report->policy_count; i++)
		add_policy(text, &report->policies[i]);
	end_list(text, ']');
	end_list(text, '}');
}

/* The most memory that this process or one that it started has had. */
static long most_kilobytes(void)
{
	struct rusage children;
	FILE *status = fopen("/proc/self/status", "r");
	char line[200];
	long most = 0;

	while (status != NULL && fgets(line, sizeof line, status) != NULL)
		if (strncmp(line, "VmHWM:", 6) == 0)
			most = strtol(line + 6, NULL, 10);
	if (status != NULL)
		fclose(status);
	getrusage(RUSAGE_CHILDREN, &children);
	return children.ru_maxrss > most ? children.ru_maxrss : most;
}

static void print_whole(const struct reader_result *result, const char *outcome,
                        struct arena *arena)
{
	struct text text;

	text_begin(&text, arena, OUTPUT_MAX);
	text_add(&text, "{");
	add_text(&text, "outcome", outcome);
	add_number(&text, "kilobytes", most_kilobytes());
	add_number(&text, "is_mail", result->mail.is_mail);
	add_text(&text, "from", result->mail.from);
	add_number(&text, "date", result->mail.date);
	add_strings(&text, "results", result->mail.results, result->mail.results_count);
	add_strings(&text, "reasons", result->reasons, result->reason_count);
	text_add(&text, "\"reports\":[");
	for (size_t i = 0; i < result->count; i++)
		add_report(&text, &result->reports[i]);
	end_list(&text, ']');
	end_list(&text, '}');
	printf("%.*s\n", (int)text.length - 1, text.bytes);
}

static void print_short(const struct reader_result *result, const char *outcome, double seconds)
{
	size_t records = 0;
	int64_t messages = 0;

	for (size_t i = 0; i < result->count; i++) {
		records += result->reports[i].record_count;
		messages += result->reports[i].messages;
	}
	printf("%s %zu records %" PRId64 " messages %.2f s %ld kB %s\n", outcome, records, messages,
	       seconds, most_kilobytes(), result->reason_count > 0 ? result->reasons[0] : "");
}

static double seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void show_file(const char *path, const struct reader_limits *limits, bool quiet)
{
	struct arena *arena = arena_new();
	struct reader_result result = {.count = 0};
	int file = open(path, O_RDONLY | O_CLOEXEC);
	double start = seconds_now();
	enum reader_outcome outcome = reader_read(file, limits, arena, &result);

	if (quiet)
		print_short(&result, outcomes[outcome], seconds_now() - start);
	else
		print_whole(&result, outcomes[outcome], arena);
	fflush(stdout);
	close(file);
	arena_free(arena);
}

int main(int argc, char **argv)
{
	bool quiet = argc > 1 && strcmp(argv[1], "--quiet") == 0;
	bool sanitized = argc > 1 && strcmp(argv[1], "--sanitized") == 0;
	struct reader_limits limits = reader_limits_default;

	if (sanitized)
		limits.memory_octets *= 10;
	for (int i = quiet || sanitized ? 2 : 1; i < argc; i++)
		show_file(argv[i], &limits, quiet);
	return 0;
}
