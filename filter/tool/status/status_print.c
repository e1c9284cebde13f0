/*
 * status_print.c - prints a status for people. Called by status.c.
 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "decision/decision.h"
#include "tool/check/check_page.h"
#include "tool/status/status.h"

enum {
	MINUTE = 60,
	HOUR = 60 * MINUTE,
	DAY = 24 * HOUR
};

static const char *moment(time_t when, struct arena *arena)
{
	char text[64];
	struct tm local;

	if (when <= 0 || localtime_r(&when, &local) == NULL ||
	    strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &local) == 0)
		return "never";
	return arena_string(arena, text);
}

static const char *span(time_t seconds, struct arena *arena)
{
	if (seconds >= 2 * DAY)
		return text_count(arena, (unsigned long)(seconds / DAY), "day", "days");
	if (seconds >= 2 * HOUR)
		return text_count(arena, (unsigned long)(seconds / HOUR), "hour", "hours");
	if (seconds >= 2 * MINUTE)
		return text_count(arena, (unsigned long)(seconds / MINUTE), "minute", "minutes");
	return text_count(arena, seconds < 0 ? 0 : (unsigned long)seconds, "second", "seconds");
}

static const char *milliseconds(double seconds, struct arena *arena)
{
	return arena_format(arena, seconds < 0.01 ? "%.1f ms" : "%.0f ms", seconds * 1e3);
}

/* 0 of nothing. */
static double percent(long part, long whole)
{
	return whole > 0 ? 100.0 * (double)part / (double)whole : 0;
}

static void print_daemon(struct check_page *page, const struct status *status)
{
	check_page_heading(page, "assayd", status->problem == NULL ? "ok" : "not ok",
	                   status->problem == NULL ? COLOUR_GOOD : COLOUR_BAD,
	                   check_page_safe(page, status->version));
	check_page_line(page, 2, "runs since %s (%s), process %ld, %.0f MB, %ld of %ld files open",
	                moment(status->started, page->arena),
	                span(status->now - status->started, page->arena), status->process,
	                (double)status->resident_bytes / 1e6, status->open_files,
	                status->max_files);
	check_page_line(page, 2, "settings of %s, read %s",
	                check_page_safe(page, status->settings_file),
	                moment(status->loaded, page->arena));
}

static void print_counts(struct check_page *page, const char *name,
                         const struct status_messages *messages)
{
	check_page_line(page, 2, "%-12s%10ld%12ld%10ld%10ld", name, messages->of[0],
	                messages->of[1], messages->of[2], messages->of[3]);
}

static void print_messages(struct check_page *page, const struct status *status)
{
	check_page_heading(page, "Messages", "", COLOUR_NONE, "");
	check_page_line(page, 2, "%-12s%10s%12s%10s%10s", "", action_names[0], action_names[1],
	                action_names[2], action_names[3]);
	print_counts(page, "today", &status->today);
	print_counts(page, "since start", &status->since_start);
	check_page_line(page, 2, "%.2f a second over the last minute, %.2f over the last hour",
	                status->minute, status->hour);
	check_page_line(page, 2, "%ld of %ld under way on %s", status->under_way,
	                status->under_way_limit,
	                text_count(page->arena, (unsigned long)status->connections, "connection",
	                           "connections"));
	check_page_line(page, 2, "from MAIL FROM to the answer: half within %s, 99 %% within %s",
	                milliseconds(status->message_p50, page->arena),
	                milliseconds(status->message_p99, page->arena));
}

static void print_dns(struct check_page *page, const struct status *status)
{
	long asked = status->hits + status->misses + status->joined;
	double failed = percent(status->failed_lookups, status->lookups);

	check_page_heading(page, "DNS", "", COLOUR_NONE, "");
	check_page_line(page, 2,
	                "%ld lookups in the last hour, %ld failed (%.1f %%), %ld under way",
	                status->lookups, status->failed_lookups, failed, status->in_flight);
	check_page_line(page, 2, "half within %s, 99 %% within %s",
	                milliseconds(status->dns_p50, page->arena),
	                milliseconds(status->dns_p99, page->arena));
	check_page_line(
	    page, 2, "cache: %ld answers, %.1f %% of the queries since the start answered from it",
	    status->entries, percent(status->hits, asked));
}

static void print_reports(struct check_page *page, const struct status *status)
{
	check_page_heading(page, "Reports", "", COLOUR_NONE, "");
	if (!status->keeps_rows) {
		check_page_line(page, 2, "none are kept: reports.store is empty");
		return;
	}
	check_page_line(page, 2, "rows since the start: %ld stored, %ld waiting, %ld lost",
	                status->rows_written, status->rows_waiting, status->rows_lost);
	if (!status->sends_reports) {
		check_page_line(page, 2, "none are sent: reports.email is empty");
		return;
	}
	check_page_line(page, 2, "mails since the start: %ld sent, %ld refused, %ld given up",
	                status->sent, status->refused, status->given_up);
	if (status->oldest_report > 0)
		check_page_line(
		    page, 2, "%s to begin, %s waiting; the oldest is of a period that ended %s ago",
		    text_count(page->arena, (unsigned long)status->due, "report", "reports"),
		    text_count(page->arena, (unsigned long)status->waiting, "mail", "mails"),
		    span(status->now - status->oldest_report, page->arena));
	else
		check_page_line(page, 2, "nothing waits");
}

static void print_keys(struct check_page *page, const struct status *status)
{
	check_page_heading(page, "Keys", "", COLOUR_NONE, "");
	if (status->keys == 0)
		check_page_line(page, 2, "none: nothing is signed");
	else if (status->oldest_key == 0)
		check_page_line(page, 2, "%ld", status->keys);
	else
		check_page_line(page, 2, "%ld, the oldest of %s (%s)", status->keys,
		                moment(status->oldest_key, page->arena),
		                span(status->now - status->oldest_key, page->arena));
}

void status_print(const struct status *status, struct arena *arena)
{
	struct check_page page;

	check_page_begin(&page, stdout, arena);
	print_daemon(&page, status);
	print_messages(&page, status);
	print_dns(&page, status);
	print_reports(&page, status);
	print_keys(&page, status);
	if (status->warning_count > 0)
		check_page_heading(&page, "To do",
		                   arena_format(arena, "%zu", status->warning_count), COLOUR_DOUBT,
		                   "");
	for (size_t i = 0; i < status->warning_count; i++)
		check_page_line(&page, 2, "- %s", check_page_safe(&page, status->warnings[i]));
}
