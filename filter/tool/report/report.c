/*
 * report.c - `assay report`: its arguments, and `list` and `show DOMAIN`, which print what the
 * store holds. report_send.c, report_build.c and report_read.c have the others.
 */
#include <getopt.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#include "base/domain.h"
#include "base/invariant.h"
#include "settings/settings.h"
#include "store/retention.h"
#include "tool/common/tool.h"
#include "tool/report/report_arguments.h"
#include "tool/report/report_csv.h"
#include "tool/report/report_print.h"
#include "tool/report/report_tool.h"
#include "tool/report/report_user.h"

enum {
	LINES_MAX = 100, /* of `show`, unless --all */
	DAY = 24 * 60 * 60,
	DAYS_MAX = 3650
};

static const struct tool_target targets[] = {TOOL_TARGET('a', struct report_arguments, all),
                                             TOOL_TARGET('c', struct report_arguments, settings),
                                             TOOL_TARGET('d', struct report_arguments, day),
                                             TOOL_TARGET('f', struct report_arguments, to),
                                             TOOL_TARGET('j', struct report_arguments, json),
                                             TOOL_TARGET('k', struct report_arguments, captured),
                                             TOOL_TARGET('n', struct report_arguments, dry_run),
                                             TOOL_TARGET('r', struct report_arguments, trust),
                                             TOOL_TARGET('o', struct report_arguments, no_dns),
                                             TOOL_TARGET('t', struct report_arguments, at),
                                             TOOL_TARGET('u', struct report_arguments, days),
                                             TOOL_TARGET('v', struct report_arguments, csv),
                                             TOOL_TARGET('x', struct report_arguments, scheduled),
                                             TOOL_TARGET('s', struct report_arguments, store),
                                             {.letter = '\0'}};

/* Returns what follows the moment, or NULL where the text does not begin with one. */
static const char *read_moment(const char *text, const char *format, time_t *moment)
{
	struct tm utc = {0};
	const char *end = strptime(text, format, &utc);
	int day = utc.tm_mday;

	/* strptime() takes February 31, which timegm() takes for March */
	*moment = timegm(&utc);
	return utc.tm_mday == day ? end : NULL;
}

static bool read_day(const char *day, struct store_query_range *range)
{
	const char *end = read_moment(day, "%Y-%m-%d", &range->since);

	range->before = range->since + DAY;
	return end != NULL && *end == '\0';
}

/* The days up to now, today included. */
static bool read_days(struct report_arguments *arguments, long days)
{
	char *end = NULL;

	if (arguments->days != NULL)
		days = strtol(arguments->days, &end, 10);
	if (end != NULL && (end == arguments->days || *end != '\0'))
		return false;
	if (days < 1 || days > DAYS_MAX)
		return false;
	arguments->range.before = arguments->now - arguments->now % DAY + DAY;
	arguments->range.since = arguments->range.before - days * DAY;
	return true;
}

static bool read_now(const char *at, time_t *now)
{
	const char *end = read_moment(at, "%Y-%m-%dT%H:%M", now);

	return end != NULL && (*end == '\0' || strcmp(end, "Z") == 0);
}

/* The path of the store in the arena, or NULL after a message. */
static const char *find_store(const struct report_arguments *arguments, struct arena *arena)
{
	struct settings *settings;
	const char *store;

	if (arguments->store != NULL)
		return arguments->store;
	settings = report_settings_of(arguments);
	if (settings == NULL)
		return NULL;
	store = arena_string(arena, settings->reports.store);
	settings_release(settings);
	if (store[0] != '\0')
		return store;
	fputs("assay: reports.store is empty: no rows are kept\n", stderr);
	return NULL;
}

static bool list(struct store_query *query, const struct report_arguments *arguments,
                 struct report_page *page, struct problem *problem)
{
	struct retention_size size;

	report_print_list_begin(page);
	if (!store_query_periods(query, &arguments->range,
	                         arguments->csv ? report_csv_period : report_print_period, page,
	                         problem) ||
	    !retention_measure(store_query_store(query), &size, problem))
		return false;
	report_print_list_end(page, &size);
	return true;
}

static bool report_show(struct store_query *query, const struct report_arguments *arguments,
                        struct report_page *page, struct problem *problem)
{
	bool whole = arguments->all || page->json || arguments->csv;
	struct store_query_total total = {0};

	if (!store_query_totals(query, arguments->argument, &arguments->range, &total, problem))
		return false;
	report_print_show_begin(page, arguments->argument, &total);
	if (!store_query_senders(
	        query, arguments->argument, &arguments->range, whole ? LONG_MAX : LINES_MAX,
	        arguments->csv ? report_csv_sender : report_print_sender, page, problem))
		return false;
	report_print_show_end(page, &total);
	return true;
}

static bool report_sealers(struct store_query *query, const struct report_arguments *arguments,
                           struct report_page *page, struct problem *problem)
{
	report_print_sealers_begin(page);
	if (!store_query_sealers(query, &arguments->range, arguments->all ? LONG_MAX : LINES_MAX,
	                         report_print_sealer, page, problem))
		return false;
	report_print_sealers_end(page);
	return true;
}

/* The question that a subcommand is. */
typedef bool report_question(struct store_query *query, const struct report_arguments *arguments,
                             struct report_page *page, struct problem *problem);

static report_question *question_of(const struct report_arguments *arguments)
{
	if (strcmp(arguments->what, "sealers") == 0)
		return report_sealers;
	if (strcmp(arguments->what, "failures") == 0)
		return report_failures;
	return arguments->argument == NULL ? list : report_show;
}

static int answer(const struct report_arguments *arguments, const char *store)
{
	struct report_page page = {
	    .json = arguments->json, .csv = arguments->csv, .arena = arena_new()};
	struct problem problem;
	struct store_query *query =
	    report_user_become_owner(store, &problem) ? store_query_open(store, &problem) : NULL;
	bool good = query != NULL && question_of(arguments)(query, arguments, &page, &problem);

	store_query_close(query);
	arena_free(page.arena);
	if (good)
		return EX_OK;
	return tool_complain(EX_NOINPUT, "%s", problem.message);
}

enum argument {
	ARGUMENT_NONE,
	ARGUMENT_DOMAIN,
	ARGUMENT_ANY_DOMAIN, /* or none */
	ARGUMENT_FOLDER,
	ARGUMENT_FAILURES,
	ARGUMENT_FILES
};

/* What there is to ask for, and the options that go with it. */
static const struct {
	const char *what;
	enum argument argument;
	int (*run)(const struct report_arguments *arguments); /* NULL: report_look() */
	/* the options that go with it */
	bool form, json, all, day, at, send, dns, to, captured, trust;
	long days; /* unless --days says another number; 0: it does not go with it */
} subjects[] = {
    {"list", ARGUMENT_NONE, .form = true, .all = true, .day = true},
    {"sealers", ARGUMENT_NONE, .json = true, .all = true, .day = true, .days = 30},
    {"failures", ARGUMENT_FAILURES, .json = true, .all = true},
    {"show", ARGUMENT_DOMAIN, .form = true, .all = true, .day = true},
    {"build", ARGUMENT_FOLDER, report_build, .at = true},
    {"send", ARGUMENT_NONE, report_send, .at = true, .send = true},
    {"received", ARGUMENT_ANY_DOMAIN, report_received, .form = true, .at = true, .days = 30,
     .dns = true},
    {"sources", ARGUMENT_DOMAIN, report_sources, .form = true, .all = true, .at = true, .days = 30,
     .dns = true},
    {"digest", ARGUMENT_NONE, report_digest, .at = true, .days = 7, .dns = true, .to = true},
    {"read", ARGUMENT_FILES, report_read, .json = true, .captured = true, .trust = true}};

enum {
	SUBJECTS = sizeof subjects / sizeof subjects[0]
};

static size_t find_subject(const char *what)
{
	size_t index = 0;

	while (index < SUBJECTS && strcmp(subjects[index].what, what) != 0)
		index++;
	return index;
}

static int read_argument(enum argument argument, const char *text,
                         struct report_arguments *arguments, struct arena *arena)
{
	if (argument == ARGUMENT_FILES && text[0] == '\0')
		return tool_misuse("report", "report read wants a FILE, a folder, or - for "
		                             "standard input");
	if (argument == ARGUMENT_FOLDER && text[0] == '\0')
		return tool_misuse("report", "report build wants a FOLDER");
	if (argument == ARGUMENT_DOMAIN && text[0] == '\0')
		return tool_misuse("report", "report %s wants a DOMAIN", arguments->what);
	if (argument == ARGUMENT_FAILURES && strcmp(text, "list") != 0 && strcmp(text, "show") != 0)
		return tool_misuse("report", "report failures wants \"list\" or \"show NUMBER\"");
	if (argument == ARGUMENT_NONE || text[0] == '\0')
		return EX_OK;
	arguments->argument = argument == ARGUMENT_DOMAIN || argument == ARGUMENT_ANY_DOMAIN
	                          ? domain_normalize(arena, text, strlen(text))
	                          : text;
	if (arguments->argument == NULL)
		return tool_misuse("report", "\"%.60s\" is not a domain name", text);
	return EX_OK;
}

static int check_options(const struct report_arguments *arguments, size_t subject)
{
	const struct {
		bool given, goes;
	} options_given[] = {
	    {arguments->all, subjects[subject].all},
	    {arguments->csv, subjects[subject].form},
	    {arguments->json,
	     subjects[subject].form || (subjects[subject].json && !arguments->captured)},
	    {arguments->captured, subjects[subject].captured},
	    {arguments->trust, subjects[subject].trust && !arguments->captured},
	    {arguments->day != NULL, subjects[subject].day},
	    {arguments->at != NULL, subjects[subject].at},
	    {arguments->dry_run || arguments->scheduled, subjects[subject].send},
	    {arguments->days != NULL, subjects[subject].days > 0},
	    {arguments->no_dns, subjects[subject].dns},
	    {arguments->to != NULL, subjects[subject].to},
	};

	invariant(subject < SUBJECTS);
	for (size_t i = 0; i < sizeof options_given / sizeof options_given[0]; i++)
		if (options_given[i].given && !options_given[i].goes)
			return tool_misuse("report", "an option does not go with report %s",
			                   arguments->what);
	if (arguments->csv && arguments->json)
		return tool_misuse("report", "--csv and --json do not go together");
	return EX_OK;
}

static int read_times(struct report_arguments *arguments, size_t subject)
{
	if (arguments->day != NULL && !read_day(arguments->day, &arguments->range))
		return tool_misuse("report", "\"%.60s\" is not a day such as 2026-11-30",
		                   arguments->day);
	arguments->now = time(NULL);
	if (arguments->at != NULL && !read_now(arguments->at, &arguments->now))
		return tool_misuse("report", "\"%.60s\" is not a moment such as 2026-11-30T00:10",
		                   arguments->at);
	if (arguments->day == NULL && subjects[subject].days > 0 &&
	    !read_days(arguments, subjects[subject].days))
		return tool_misuse("report", "--days takes a number from 1 to %d", DAYS_MAX);
	return EX_OK;
}

/* What follows "failures show". */
static int report_read_number(int argc, char **argv, struct report_arguments *arguments)
{
	if (strcmp(arguments->argument, "show") != 0)
		return EX_OK;
	if (optind == argc)
		return tool_misuse("report", "report failures show wants a NUMBER");
	arguments->more = argv[optind++];
	return EX_OK;
}

/* EX_OK, or the status after a message. */
static int report_read_text(int argc, char **argv, struct report_arguments *arguments,
                            struct arena *arena)
{
	size_t subject;
	int status;

	*arguments = (struct report_arguments){.range = {0, (time_t)LONG_MAX}};
	if (tool_read_options(&tool_report, argc, argv, targets, arguments) != -1)
		return EX_USAGE;
	arguments->what = optind < argc ? argv[optind++] : "";
	subject = find_subject(arguments->what);
	if (subject == SUBJECTS)
		return tool_misuse(
		    "report",
		    "report wants one of list, show, sealers, failures, build, send, received, "
		    "sources, digest, read");
	status = read_times(arguments, subject);
	if (status == EX_OK)
		status = check_options(arguments, subject);
	arguments->files = argv + optind;
	if (status == EX_OK && !arguments->captured)
		status = read_argument(subjects[subject].argument,
		                       subjects[subject].argument != ARGUMENT_NONE && optind < argc
		                           ? argv[optind++]
		                           : "",
		                       arguments, arena);
	if (status == EX_OK && subjects[subject].argument == ARGUMENT_FAILURES)
		status = report_read_number(argc, argv, arguments);
	if (status == EX_OK && optind < argc &&
	    (subjects[subject].argument != ARGUMENT_FILES || arguments->captured))
		return tool_misuse("report", "unexpected argument \"%.60s\"", argv[optind]);
	return status;
}

static int report_look(const struct report_arguments *arguments, struct arena *arena)
{
	const char *store = find_store(arguments, arena);

	return store == NULL ? EX_CONFIG : answer(arguments, store);
}

static int report_start(int argc, char **argv)
{
	struct arena *arena = arena_new();
	struct report_arguments arguments;
	int status = report_read_text(argc, argv, &arguments, arena);

	if (status == EX_OK) {
		size_t subject = find_subject(arguments.what);

		status = arguments.captured              ? report_captured(&arguments)
		         : subjects[subject].run != NULL ? subjects[subject].run(&arguments)
		                                         : report_look(&arguments, arena);
	}
	arena_free(arena);
	return status;
}

static const char *const usage[] = {"report list [--day DAY] [--json | --csv]",
                                    "report show DOMAIN [--day DAY] [--all] [--json | --csv]",
                                    "report sealers [--days N | --day DAY] [--all] [--json]",
                                    "report failures list [--all] [--json]",
                                    "report failures show NUMBER [--json]",
                                    "report build FOLDER [--at MOMENT]",
                                    "report send [--dry-run] [--at MOMENT]",
                                    "report received [DOMAIN] [--days N] [--json | --csv]",
                                    "report sources DOMAIN [--days N] [--json | --csv]",
                                    "report digest [--to ADDRESS] [--days N]",
                                    "report read [--trust] [--json] FILE...",
                                    "report read --captured",
                                    NULL};

static const struct tool_verb verbs[] = {
    {"list", "the periods and the domains whose policy counted, with messages, the share that "
             "passed DMARC and what became of the report"},
    {"show",
     "who sent mail as DOMAIN or a name below it, most messages first. Messages that were asked to "
     "come again do not count"},
    {"sealers",
     "who sealed mail (ARC) that failed DMARC here, and how much of it was restored, or would be "
     "if arc.trusted listed him"},
    {"failures",
     "the failure reports on single messages (failures.send), newest first, and what became of "
     "them; show: one of them with its mail, as long as it is not sent"},
    {"build",
     "writes each report that is due into FOLDER, to look at; sends nothing, changes nothing"},
    {"send",
     "builds the reports of the periods that are over, hands them to the mail server, and tries "
     "those again that could not be sent before. assayd does this by itself unless "
     "reports.automatic is false; doing both does no harm. As root it works as the user of the "
     "daemon"},
    {"received",
     "what others saw of our domains, by the reports that they sent us: messages, the share that "
     "passed, what was forwarded or failed and what became of it; a line a domain and whether it "
     "is ready for p=reject, or a line a day of DOMAIN; and sessions with TLS"},
    {"sources",
     "who sends as DOMAIN, by the same reports: each source with its name, what it is, what to do "
     "and the record to publish where that is the cure; what needs a person comes first"},
    {"digest",
     "both of them in one text for the operator, the worst first; with --to as a mail, also in a "
     "quiet week, so that its absence is a sign"},
    {"read",
     "takes reports that others sent (DMARC, TLS, failure reports) into the store: a mail or the "
     "bare XML, JSON, gzip or zip, a mailbox of many mails (mbox), the mails of a Maildir or of a "
     "folder, or - for standard input. Prints a line for each report. What cannot be read stops "
     "nothing: it is copied to STORE.received/unreadable with the reason. A mail counts if our own "
     "Authentication-Results says that it passed DMARC; other mail is stored as untrusted and "
     "changes no number. A bare report and the file of one mail count, since you chose them, "
     "unless our own results say that the mail did not pass. As root it works as the user of the "
     "daemon, and opens the files as root"},
    {NULL, NULL},
};

static const struct tool_option options[] = {
    {"-c", 'c', "FILE", "settings (default " ASSAY_SETTINGS ")"},
    {"--store", 's', "FILE", "another store than the settings name"},
    {"--day", 'd', "DAY", "one day (UTC) only, as 2026-11-30"},
    {"--all", 'a', NULL, "show every line, not only the first 100"},
    {"--json", 'j', NULL, "one JSON object instead of a table; of read, one for each report"},
    {"--csv", 'v', NULL, "comma-separated values with a line of names (RFC 4180)"},
    {"--dry-run", 'n', NULL, "tell what would be sent to whom, send nothing"},
    {"--at", 't', "MOMENT", "as if it were that time (UTC), as 2026-11-30T00:10"},
    {"--days", 'u', "N",
     "so many days of reports of others, today included (default 30; digest 7)"},
    {"--no-dns", 'o', NULL,
     "look nothing up: names are those that the store has, and records are not compared"},
    {"--to", 'f', "ADDRESS", "send it as a mail, signed as reports are, from reports.email"},
    {"--captured", 'k', NULL,
     "read the mail to received.addresses that assayd kept in STORE.received, as assayd does "
     "itself within a minute: to the log, or the terminal"},
    {"--trust", 'r', NULL,
     "mail counts on which no Authentication-Results of ours stands, whoever sent it: for mail of "
     "another host, or from before Assay"},
    {"--scheduled", 'x', NULL,
     "as assayd starts it: to the log instead of the terminal, spread over reports.jitter_minutes"},
    {NULL, 0, NULL, NULL},
};

const struct tool_command tool_report = {
    .name = "report",
    .run = report_start,
    .summary = "reports: build and send ours, look at ours and at those of others",
    .usage = usage,
    .about =
        "The aggregate reports to the owners of author domains (RFC 9990), and those that others "
        "sent about our domains, also while assayd runs.\n"
        "As root, list, show, sealers, failures and build read the store as the user who owns it, "
        "or a folder on the way to it, and build writes into FOLDER as root. A store is a regular "
        "file with the tables that assayd makes; of symbolic links those of root alone are "
        "followed. What a terminal would obey is printed as \\xNN, in JSON as \\uNNNN.",
    .verbs = verbs,
    .options = options,
    .statuses =
        "0 done, 64 usage, 65 a report cannot be read (all others are stored), 66 no usable store, "
        "or a file cannot be opened, 73 a file cannot be made, 74 the store failed, 75 "
        "something is left for the next run, another send is at work, or read cannot store, 78 "
        "settings",
};
