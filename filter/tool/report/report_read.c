/*
 * report_read.c - `assay report read`: reports of others from files, mailboxes and standard input
 * into the store.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "base/invariant.h"
#include "base/text.h"
#include "received/aside.h"
#include "received/mailbox_trust.h"
#include "received/reader.h"
#include "settings/settings.h"
#include "store/store_received.h"
#include "tool/common/fields_json.h"
#include "tool/common/tool.h"
#include "tool/report/report_files.h"
#include "tool/report/report_split.h"
#include "tool/report/report_tool.h"
#include "tool/report/report_user.h"

enum {
	READ_STORED, /* as enum received_outcome */
	READ_DUPLICATE,
	READ_UNTRUSTED,
	READ_UNREADABLE,
	READ_OUTCOMES
};

static const char *const read_outcomes[] = {[READ_STORED] = "stored",
                                            [READ_DUPLICATE] = "duplicate",
                                            [READ_UNTRUSTED] = "untrusted",
                                            [READ_UNREADABLE] = "unreadable",
                                            NULL};

/* What is printed of a report, or of a part that is none. */
struct read_line {
	const char *kind, *file, *outcome, *reason;
	const char *org, *reporter, *report_id, *domain;
	long begin, end, records, messages;
	size_t repaired_count;
	const char *const *repaired;
};

static const struct field read_fields[] = {{FIELD(FIELD_TEXT, struct read_line, kind)},
                                           {FIELD(FIELD_TEXT, struct read_line, file)},
                                           {FIELD(FIELD_TEXT, struct read_line, outcome)},
                                           {FIELD(FIELD_TEXT, struct read_line, reason)},
                                           {FIELD(FIELD_TEXT, struct read_line, org)},
                                           {FIELD(FIELD_TEXT, struct read_line, reporter)},
                                           {FIELD(FIELD_TEXT, struct read_line, report_id)},
                                           {FIELD(FIELD_TEXT, struct read_line, domain)},
                                           {FIELD(FIELD_NUMBER, struct read_line, begin)},
                                           {FIELD(FIELD_NUMBER, struct read_line, end)},
                                           {FIELD(FIELD_NUMBER, struct read_line, records)},
                                           {FIELD(FIELD_NUMBER, struct read_line, messages)},
                                           {FIELD(FIELD_TEXTS, struct read_line, repaired),
                                            .count = offsetof(struct read_line, repaired_count)},
                                           FIELD_END};

struct read_run {
	const struct report_arguments *arguments;
	const struct settings *settings;
	const char *path; /* of the store */
	struct store *store;
	struct arena *arena; /* of a message */
	enum mailbox_trust trust;
	unsigned long counts[READ_OUTCOMES];
	bool missing; /* a file could not be opened */
	struct problem problem;
};

static const char *day_text(int64_t moment, struct arena *arena)
{
	time_t seconds = (time_t)moment;
	char day[32] = "?";
	struct tm utc;

	if (gmtime_r(&seconds, &utc) != NULL)
		strftime(day, sizeof day, "%Y-%m-%d", &utc);
	return arena_string(arena, day);
}

static const char *days_text(const struct read_line *line, struct arena *arena)
{
	const char *first = day_text(line->begin, arena), *last = day_text(line->end, arena);

	return strcmp(first, last) == 0 ? first : arena_format(arena, "%s to %s", first, last);
}

static const char *what_text(const struct read_line *line, struct arena *arena)
{
	const char *sender = line->org != NULL        ? line->org
	                     : line->reporter != NULL ? line->reporter
	                                              : "an unknown sender";
	bool tls = strcmp(line->kind, received_kind_names[RECEIVED_TLS]) == 0;
	bool failure = strcmp(line->kind, received_kind_names[RECEIVED_FAILURE]) == 0;

	return arena_format(
	    arena, "%s of %s on %s, %s, %s",
	    tls       ? "TLS report"
	    : failure ? "failure report"
	              : "DMARC report",
	    text_excerpt(arena, sender, 100), line->domain, days_text(line, arena),
	    tls ? text_count(arena, (unsigned long)line->messages, "session", "sessions")
	        : text_count(arena, (unsigned long)line->messages, "message", "messages"));
}

static void print_people(const struct read_line *line, struct arena *arena)
{
	struct text text;

	text_begin(&text, arena, 65536);
	text_add_format(&text, "%s: ", line->file);
	if (line->kind != NULL)
		text_add_format(&text, "%s: %s", what_text(line, arena), line->outcome);
	else
		text_add(&text, line->outcome);
	if (line->reason != NULL)
		text_add_format(&text, ": %s", line->reason);
	if (line->repaired_count > 0)
		text_add_format(&text, " (repaired: %s%s)", line->repaired[0],
		                line->repaired_count > 1 ? ", and more" : "");
	tool_put_visible(stdout, text.bytes);
	putchar('\n');
}

static void print_read(struct read_run *run, const struct read_line *line)
{
	struct fields_json writer = {.arena = run->arena};

	if (run->arguments->json)
		puts(fields_json_line(&writer, read_fields, line));
	else
		print_people(line, run->arena);
	fflush(stdout);
}

static void print_unreadable(struct read_run *run, const char *place, const char *reason)
{
	struct read_line line = {
	    .file = place, .outcome = read_outcomes[READ_UNREADABLE], .reason = reason};

	run->counts[READ_UNREADABLE]++;
	print_read(run, &line);
}

static void print_report(struct read_run *run, const struct received_report *report,
                         const struct received_arrival *arrival, enum received_outcome outcome)
{
	struct read_line line = {.kind = received_kind_names[report->kind],
	                         .file = arrival->place,
	                         .outcome = received_outcome_names[outcome],
	                         .reason = outcome == RECEIVED_UNTRUSTED ? arrival->why : NULL,
	                         .org = report->organization,
	                         .reporter = arrival->reporter,
	                         .report_id = report->report_id,
	                         .domain = report->domain,
	                         .begin = (long)report->begin,
	                         .end = (long)report->end,
	                         .records = (long)report->record_count,
	                         .messages = (long)report->messages,
	                         .repaired_count = report->repair_count,
	                         .repaired = report->repairs};

	invariant((int)outcome < READ_UNREADABLE);
	run->counts[outcome]++;
	print_read(run, &line);
}

/* What cannot be kept aside is said, and stops nothing. */
static void keep_aside(struct read_run *run, const char *part, int file, const char *reason,
                       const char *place)
{
	struct problem problem;

	if (!aside_keep(run->path, part, file, reason, place, &problem))
		tool_complain(EX_CANTCREAT, "%s is not kept aside: %s", place, problem.message);
}

static enum store_outcome store_report(struct read_run *run, const struct reader_result *result,
                                       const struct received_report *report, const char *place)
{
	struct received_arrival arrival;
	enum received_outcome outcome;
	enum store_outcome status;

	mailbox_trust_judge(&result->mail, report, run->trust, run->settings->authserv_id,
	                    time(NULL), place, run->arena, &arrival);
	status = store_received_add(run->store, report, &arrival, &outcome, &run->problem);
	if (status == STORE_DONE)
		print_report(run, report, &arrival, outcome);
	return status;
}

/* A message, or a file that is one. False: the store is away. */
static bool read_message(struct read_run *run, int file, const char *place)
{
	struct reader_result result;
	enum reader_outcome outcome =
	    reader_read(file, &reader_limits_default, run->arena, &result);
	bool failure = false;

	if (outcome == READER_FAILED)
		return problem_say(&run->problem, "cannot start a process that reads %s: %s", place,
		                   strerror(errno));
	for (size_t i = 0; i < result.count; i++) {
		failure = failure || result.reports[i].kind == RECEIVED_FAILURE;
		if (store_report(run, &result, &result.reports[i], place) != STORE_DONE)
			return false;
	}
	for (size_t i = 0; i < result.reason_count; i++)
		print_unreadable(run, place, result.reasons[i]);
	if (result.reason_count > 0)
		keep_aside(run, ASIDE_UNREADABLE, file, result.reasons[0], place);
	if (failure && run->settings->received.keep_failures)
		keep_aside(run, ASIDE_FAILURES, file, "a failure report", place);
	return true;
}

static bool is_pipe(int file)
{
	struct stat status;

	return fstat(file, &status) != 0 || !S_ISREG(status.st_mode);
}

static bool report_read_is_named(const struct read_run *run, const char *name)
{
	for (char *const *file = run->arguments->files; *file != NULL; file++)
		if (strcmp(*file, name) == 0)
			return true;
	return false;
}

/* Whoever names the file of one mail has chosen it; a mailbox has what strangers sent. `number` is
 * that of the mail in its mailbox, 0 in a file of its own. */
static enum mailbox_trust trust_of(const struct read_run *run, int file, const char *name,
                                   unsigned long number)
{
	if (run->arguments->trust ||
	    (number == 0 && !is_pipe(file) && report_read_is_named(run, name)))
		return MAILBOX_UNJUDGED;
	return number > 1 && is_pipe(file) ? MAILBOX_NOTHING : MAILBOX_OUR_WORD;
}

/* A file of one or many messages. */
static bool read_named_file(struct read_run *run, int file, const char *name)
{
	static const size_t max = 64 * 1024 * 1024; /* as the reader's: it says what is too large */
	struct report_split split;
	bool good = true, is_file;
	int message;

	report_split_begin(&split, file, max);
	while (good && (message = report_split_next(&split, &is_file)) >= 0) {
		run->trust = trust_of(run, file, name, split.number);
		good = read_message(run, message,
		                    split.number == 0 ? name
		                                      : arena_format(run->arena, "%s, message %lu",
		                                                     name, split.number));
		if (!is_file)
			close(message);
		arena_reset(run->arena);
	}
	if (good && errno != 0) {
		tool_complain(EX_NOINPUT, "cannot read %s: %s", name, strerror(errno));
		run->missing = true;
	}
	return good;
}

static bool read_all_files(struct read_run *run, struct report_files *files)
{
	struct report_file_open next;
	bool good = true;

	while (good && report_files_next(files, &next)) {
		if (next.file < 0) {
			tool_complain(EX_NOINPUT, "cannot open %s: %s", next.name,
			              strerror(next.error));
			run->missing = true;
			continue;
		}
		good = read_named_file(run, next.file, next.name);
		close(next.file);
	}
	return good;
}

static void print_sum(const struct read_run *run)
{
	const unsigned long *counts = run->counts;
	unsigned long all = 0;

	for (size_t i = 0; i < READ_OUTCOMES; i++)
		all += counts[i];
	if (all != 1 && !run->arguments->json)
		printf("%s: %lu stored, %lu duplicate, %lu untrusted, %lu unreadable\n",
		       text_count(run->arena, all, "report", "reports"), counts[READ_STORED],
		       counts[READ_DUPLICATE], counts[READ_UNTRUSTED], counts[READ_UNREADABLE]);
}

/* The files are being opened; from here on root is given up. */
static int read_into_store(struct read_run *run, struct report_files *files)
{
	bool good;

	if (!report_user_become(run->settings->user, &run->problem))
		return tool_complain(EX_NOUSER, "%s", run->problem.message);
	if (store_open(run->path, &run->store, &run->problem) != STORE_DONE)
		return tool_complain(EX_TEMPFAIL, "%s", run->problem.message);
	run->arena = arena_new();
	good = read_all_files(run, files);
	store_close(run->store);
	print_sum(run);
	arena_free(run->arena);
	if (!good)
		return tool_complain(EX_TEMPFAIL, "%s", run->problem.message);
	if (run->missing)
		return EX_NOINPUT;
	return run->counts[READ_UNREADABLE] > 0 ? EX_DATAERR : EX_OK;
}

int report_read(const struct report_arguments *arguments)
{
	struct settings *settings = report_settings_of(arguments);
	struct read_run run = {.arguments = arguments, .settings = settings};
	struct report_files files;
	int status;

	if (settings == NULL)
		return EX_CONFIG;
	/* the one who listens may go away first */
	signal(SIGPIPE, SIG_DFL);
	run.path = arguments->store != NULL ? arguments->store : settings->reports.store;
	if (run.path[0] == '\0')
		status = tool_complain(EX_CONFIG, "reports.store is empty: no reports are kept");
	else if (!report_files_start(&files, arguments->files, &run.problem))
		status = tool_complain(EX_TEMPFAIL, "%s", run.problem.message);
	else {
		status = read_into_store(&run, &files);
		report_files_end(&files);
	}
	settings_release(settings);
	return status;
}
