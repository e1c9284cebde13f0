/*
 * report_send.c - `assay report send`: one run of the sender, by hand, by a timer or started by
 * assayd.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/domain.h"
#include "base/log.h"
#include "base/text.h"
#include "report/failure_sender.h"
#include "report/sender.h"
#include "settings/settings.h"
#include "store/retention.h"
#include "store/store_clock.h"
#include "store/store_received_expire.h"
#include "tool/common/tool.h"
#include "tool/report/report_tool.h"
#include "tool/report/report_user.h"

enum {
	BAR = 40,
	DAY = 24 * 60 * 60,
	CLOCK_SET = 1577836800 /* 2020: a clock that says less was never set */
};

static volatile int stop_wanted;

static void want_stop(int number)
{
	(void)number;
	stop_wanted = 1;
}

/* The mail under way is finished; what is left is left to the next run. Not before the store is
 * open: until then a signal ends us at once, whatever we wait for. */
static void listen_to_stop(void)
{
	struct sigaction stop = {.sa_handler = want_stop};

	sigaction(SIGTERM, &stop, NULL);
	sigaction(SIGINT, &stop, NULL);
}

static void settle_signals(void)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	struct sigaction standard = {.sa_handler = SIG_DFL};

	sigaction(SIGPIPE, &ignore, NULL);
	sigaction(SIGXFSZ, &ignore, NULL);
	/* ignored by who started us, it would hide how the sendmail command ends */
	sigaction(SIGCHLD, &standard, NULL);
}

struct screen {
	bool bar; /* standard error is a terminal */
	bool scheduled, dry_run;
	time_t received_before; /* reports of others from before this go */
	const struct settings *settings;
	struct arena *arena;
};

static void clear_bar(const struct screen *screen)
{
	if (screen->bar)
		fputs("\r\033[K", stderr);
}

static void show_progress(size_t done, size_t all, void *context)
{
	const struct screen *screen = context;
	char bar[BAR + 1];
	size_t filled = all == 0 ? 0 : done * BAR / all;

	if (!screen->bar || all == 0)
		return;
	memset(bar, '.', BAR);
	memset(bar, '#', filled);
	bar[BAR] = '\0';
	fprintf(stderr, "\r\033[K[%s] %zu of %zu reports", bar, done, all);
	if (done == all)
		clear_bar(screen);
	fflush(stderr);
}

static const char *outcome_text(const struct sender_event *event, const struct screen *screen)
{
	if (event->delivery == NULL)
		return "not sent";
	switch (event->delivery->state) {
	case OUTBOX_SENT:
		return screen->dry_run ? "would be sent to " : "sent to ";
	case OUTBOX_WAITING:
		return "has to wait for ";
	case OUTBOX_GIVEN_UP:
		return "given up for ";
	default:
		return "not sent to ";
	}
}

static const char *period_text(const struct outbox_report *report, struct arena *arena)
{
	char day[32] = "?";
	struct tm utc;

	if (gmtime_r(&report->begin, &utc) != NULL)
		strftime(day, sizeof day, "%Y-%m-%dT%H:%MZ", &utc);
	return arena_format(arena, "%s +%ld h", day, (long)(report->end - report->begin) / 3600);
}

static const char *event_text(const struct sender_event *event, const struct screen *screen)
{
	const struct outbox_report *report = event->report;
	const struct outbox_delivery *delivery = event->delivery;
	struct text text;

	text_begin(&text, screen->arena, 4096);
	text_add_format(&text, "report %s on %s, %s: %s", report->report_id,
	                report->policy->policy_domain, period_text(report, screen->arena),
	                outcome_text(event, screen));
	if (delivery != NULL)
		text_add(&text,
		         delivery->addresses[0] != '\0' ? delivery->addresses : delivery->uri);
	if (event->messages > 0)
		text_add_format(&text, ", %s",
		                text_count(screen->arena, event->messages, "message", "messages"));
	if (event->text[0] != '\0')
		text_add_format(&text, ": %s", text_printable(screen->arena, event->text, 1000));
	return text.bytes;
}

static void print_event(const struct sender_event *event, void *context)
{
	const struct screen *screen = context;
	bool good = event->delivery == NULL || event->delivery->state == OUTBOX_REFUSED ||
	            (event->delivery->state == OUTBOX_SENT && event->text[0] == '\0');
	const char *text = event_text(event, screen);

	if (screen->scheduled && good)
		log_info("%s", text);
	else if (screen->scheduled)
		log_warning("%s", text);
	clear_bar(screen);
	if (!screen->scheduled) {
		tool_put_visible(stdout, text);
		putchar('\n');
	}
	arena_reset(screen->arena);
}

static int report_send_give_up(const struct screen *screen, int status, const char *text)
{
	clear_bar(screen);
	if (!screen->scheduled)
		return tool_complain(status, "%s", text);
	log_warning("sending reports: %s", text);
	return status;
}

static void print_totals(const struct screen *screen, const struct sender_totals *totals,
                         unsigned long deleted)
{
	const char *sent = screen->dry_run ? "would be sent" : "sent";

	if (!screen->scheduled)
		printf(
		    "%s: %s %s, %lu to be tried again, %lu refused, %lu given up; %s deleted%s\n",
		    text_count(screen->arena, totals->reports, "report", "reports"),
		    text_count(screen->arena, totals->sent, "mail", "mails"), sent, totals->waiting,
		    totals->refused, totals->given_up,
		    text_count(screen->arena, deleted, "old row", "old rows"),
		    totals->stopped ? "; stopped by a signal" : "");
	else if (totals->reports > 0 || deleted > 0)
		log_info("reports: %lu mails %s, %lu to be tried again, %lu refused, %lu given up; "
		         "%lu old rows deleted",
		         totals->sent, sent, totals->waiting, totals->refused, totals->given_up,
		         deleted);
}

static void print_line(const struct screen *screen, const char *text)
{
	if (screen->scheduled)
		log_warning("reports: %s", text);
	else
		puts(text);
}

/* Names are the sender's: a million of them is one line. */
static void print_surplus(const struct store_surplus *surplus, void *context)
{
	const struct screen *screen = context;

	print_line(screen,
	           arena_format(
	               screen->arena,
	               "%s on names below %s, such as %s, with %s, not sent: for a period an "
	               "organization gets %d, a registry %d, and %d go to the same addresses about "
	               "names that no message passed for",
	               text_count(screen->arena, surplus->reports, "report", "reports"),
	               text_printable(screen->arena, surplus->organization, DOMAIN_MAX),
	               text_printable(screen->arena, surplus->example, DOMAIN_MAX),
	               text_count(screen->arena, surplus->messages, "message", "messages"),
	               STORE_CEILING_ORGANIZATION, STORE_CEILING_REGISTRY, STORE_CEILING_ADDRESS));
	arena_reset(screen->arena);
}

/* Of each report once, since it is then marked. */
static void print_undated(const struct screen *screen, const struct report_settings *settings,
                          const struct outbox_undated *undated)
{
	if (undated->old > 0)
		print_line(screen,
		           arena_format(
		               screen->arena,
		               "%s too old to be sent: the period ended more than %ld hours ago "
		               "(reports.retry_hours)",
		               text_count(screen->arena, undated->old, "report is", "reports are"),
		               sender_age_hours(settings)));
	if (undated->ahead > 0)
		print_line(
		    screen,
		    arena_format(
		        screen->arena, "%s not sent: the rows were dated while the clock was ahead",
		        text_count(screen->arena, undated->ahead, "report is", "reports are")));
}

/* Before anything is done by the clock. */
static bool check_clock(struct sender *sender, const struct screen *screen, struct problem *problem)
{
	bool jumped = false;

	if (sender->dry_run)
		return true;
	if (!store_clock_note(sender->store, sender->now, &sender->clock_trusted, &jumped, problem))
		return false;
	if (jumped)
		print_line(
		    screen,
		    "the clock jumped since the last run: for a day no old rows are deleted, and "
		    "rows of the future are not set aside");
	return true;
}

static void print_failure(const char *text, bool good, void *context)
{
	const struct screen *screen = context;

	clear_bar(screen);
	if (!screen->scheduled) {
		tool_put_visible(stdout, text);
		putchar('\n');
	} else if (good) {
		log_info("%s", text);
	} else {
		log_warning("%s", text);
	}
}

static bool send_failures(const struct sender *sender, struct screen *screen,
                          struct problem *problem)
{
	const struct failure_sender failures = {.sender = sender,
	                                        .settings = &screen->settings->failures,
	                                        .reporter = screen->settings->authserv_id,
	                                        .event = print_failure,
	                                        .context = screen};

	return failure_sender_run(&failures, problem);
}

/* The store and the resolver are open. */
static int report_send_run(struct sender *sender, struct screen *screen)
{
	time_t before = sender->now - sender->settings->keep_days * DAY;
	struct sender_totals totals = {.reports = 0};
	unsigned long deleted = 0, received = 0;
	struct problem problem;
	bool good = check_clock(sender, screen, &problem);

	sender->event = print_event;
	sender->surplus = print_surplus;
	sender->progress = show_progress;
	sender->context = screen;
	sender->stop = &stop_wanted;
	/* without an address nobody gets reports, but rows grow old all the same */
	if (good && sender->settings->email[0] != '\0')
		good = sender_run(sender, &totals, &problem);
	if (good)
		good = send_failures(sender, screen, &problem);
	if (good && sender->clock_trusted && !totals.stopped)
		good = store_received_expire(sender->store, screen->received_before, &received,
		                             &problem) &&
		       retention_expire(sender->store, before, &deleted, &problem);
	clear_bar(screen);
	print_undated(screen, sender->settings, &totals.undated);
	print_totals(screen, &totals, deleted);
	if (!good)
		return report_send_give_up(screen, EX_IOERR, problem.message);
	return totals.stopped || totals.waiting > 0 ? EX_TEMPFAIL : EX_OK;
}

static int send_from_store(struct sender *sender, struct screen *screen, const char *path)
{
	struct problem problem;
	struct store_query *query = NULL;
	int status;

	if (sender->dry_run) {
		query = store_query_open(path, &problem);
		if (query == NULL)
			return report_send_give_up(screen, EX_NOINPUT, problem.message);
		sender->store = store_query_store(query);
	} else {
		enum store_outcome outcome = store_outbox_open(path, &sender->store, &problem);

		if (outcome != STORE_DONE)
			return report_send_give_up(
			    screen, outcome == STORE_LOCKED ? EX_TEMPFAIL : EX_NOINPUT,
			    problem.message);
	}
	listen_to_stop();
	status = report_send_run(sender, screen);
	if (query == NULL)
		store_close(sender->store);
	store_query_close(query);
	return status;
}

static int send_with_settings(const struct report_arguments *arguments,
                              const struct settings *settings, struct screen *screen)
{
	const char *store = arguments->store != NULL ? arguments->store : settings->reports.store;
	struct sender sender = {
	    .settings = &settings->reports,
	    .sign = &settings->sign,
	    .now = arguments->now,
	    .dry_run = arguments->dry_run,
	    .spread_ms = arguments->scheduled ? settings->reports.jitter_minutes * 60000 : 0};
	struct problem problem;
	int status;

	/* the package's timer runs from the first day on, whether there is anything to do or not */
	if (arguments->scheduled && store[0] == '\0')
		return EX_OK;
	if (!arguments->scheduled && settings->reports.email[0] == '\0')
		return report_send_give_up(
		    screen, EX_CONFIG,
		    "reports.email is empty: the settings do not say who sends the reports");
	if (store[0] == '\0')
		return report_send_give_up(screen, EX_CONFIG,
		                           "reports.store is empty: no rows are kept");
	if (arguments->now < CLOCK_SET)
		return report_send_give_up(
		    screen, EX_TEMPFAIL,
		    "the clock says that it is before 2020; nothing is sent until it is set");
	if (!report_user_become(settings->user, &problem))
		return report_send_give_up(screen, EX_NOUSER, problem.message);
	settle_signals();
	sender.resolver = resolver_open(&settings->resolver, &problem);
	if (sender.resolver == NULL)
		return report_send_give_up(screen, EX_UNAVAILABLE, problem.message);
	status = send_from_store(&sender, screen, store);
	resolver_close(sender.resolver);
	return status;
}

int report_send(const struct report_arguments *arguments)
{
	struct settings *settings = report_settings_with_keys(arguments);
	struct screen screen = {.bar = isatty(STDERR_FILENO) && !arguments->scheduled,
	                        .scheduled = arguments->scheduled,
	                        .dry_run = arguments->dry_run};
	int status;

	if (settings == NULL)
		return EX_CONFIG;
	screen.settings = settings;
	screen.arena = arena_new();
	screen.received_before = arguments->now - settings->received.keep_days * DAY;
	if (arguments->scheduled)
		log_open(&settings->log);
	status = send_with_settings(arguments, settings, &screen);
	arena_free(screen.arena);
	settings_release(settings);
	return status;
}
