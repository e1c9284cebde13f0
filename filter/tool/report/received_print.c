/*
 * received_print.c - see received_print.h.
 */
#include "tool/report/received_print.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "base/invariant.h"
#include "base/text.h"
#include "received/source_advice.h"

enum {
	REPORTERS_SHOWN = 10,
	TLS_SHOWN = 50
};

static const enum check_colour state_colours[] = {[READINESS_ALREADY] = COLOUR_GOOD,
                                                  [READINESS_READY] = COLOUR_GOOD,
                                                  [READINESS_NOT_YET] = COLOUR_BAD,
                                                  [READINESS_TOO_LITTLE] = COLOUR_DOUBT};

/* The octets of as many words as have room; at least one word, or a piece of a long one. */
static size_t line_length(const char *text, size_t room)
{
	size_t length = 0, columns = 0, last = 0;

	while (text[length] != '\0' && columns < room) {
		if (text[length] == ' ')
			last = length;
		length++;
		while (((unsigned char)text[length] & 0xC0) == 0x80)
			length++;
		columns++;
	}
	if (text[length] == '\0' || text[length] == ' ' || last == 0)
		return length;
	return last;
}

void received_print_wrapped(struct check_page *page, unsigned indent, const char *text)
{
	const char *rest = check_page_safe(page, text);

	invariant(indent < RECEIVED_PRINT_COLUMNS / 2);
	do {
		size_t length = line_length(rest, RECEIVED_PRINT_COLUMNS - indent);

		check_page_line(page, indent, "%.*s", (int)length, rest);
		rest += length;
		rest += strspn(rest, " ");
	} while (*rest != '\0');
}

const char *received_print_day(struct arena *arena, int64_t day)
{
	char text[32] = "?";
	time_t when = (time_t)day;
	struct tm utc;

	if (gmtime_r(&when, &utc) != NULL)
		strftime(text, sizeof text, "%Y-%m-%d", &utc);
	return arena_string(arena, text);
}

void received_print_domain(struct check_page *page, const struct received_day *domain,
                           const struct readiness *readiness)
{
	const struct received_numbers *numbers = &domain->numbers;
	int64_t passed = received_numbers_passed(numbers);

	check_page_heading(page, check_page_safe(page, domain->domain), "", COLOUR_NONE,
	                   arena_format(page->arena, "%s, %.1f%% pass, last reported on %s",
	                                text_count(page->arena, (unsigned long)numbers->messages,
	                                           "message", "messages"),
	                                received_numbers_percent(passed, numbers->messages),
	                                received_print_day(page->arena, domain->day)));
	check_page_line(page, 2,
	                "forwarded %" PRId64 ", failing %" PRId64 ", quarantined %" PRId64
	                ", rejected %" PRId64,
	                numbers->forwarded, numbers->failing, numbers->quarantined,
	                numbers->rejected);
	if (readiness == NULL)
		return;
	if (page->coloured)
		fputs(state_colours[readiness->state] == COLOUR_GOOD  ? "\033[32m"
		      : state_colours[readiness->state] == COLOUR_BAD ? "\033[31m"
		                                                      : "\033[33m",
		      page->to);
	received_print_wrapped(page, 2, readiness->text);
	if (page->coloured)
		fputs("\033[0m", page->to);
	if (readiness->publish != NULL)
		check_page_line(page, 4, "%s", check_page_safe(page, readiness->publish));
}

void received_print_days(struct check_page *page, const struct received_days *days)
{
	check_page_line(page, 2, "%-10s %10s %6s %10s %10s %11s %9s", "day", "messages", "pass",
	                "forwarded", "failing", "quarantined", "rejected");
	for (size_t i = 0; i < days->count; i++) {
		const struct received_numbers *numbers = &days->items[i].numbers;

		check_page_line(
		    page, 2,
		    "%-10s %10" PRId64 " %5.1f%% %10" PRId64 " %10" PRId64 " %11" PRId64
		    " %9" PRId64,
		    received_print_day(page->arena, days->items[i].day), numbers->messages,
		    received_numbers_percent(received_numbers_passed(numbers), numbers->messages),
		    numbers->forwarded, numbers->failing, numbers->quarantined, numbers->rejected);
	}
}

void received_print_reporters(struct check_page *page, const struct received_reporters *reporters)
{
	size_t more = reporters->count > REPORTERS_SHOWN ? reporters->count - REPORTERS_SHOWN : 0;

	if (reporters->count == 0)
		return;
	check_page_heading(page, "Reporters", "", COLOUR_NONE, "");
	for (size_t i = 0; i < reporters->count - more; i++) {
		const struct received_reporter *reporter = &reporters->items[i];

		check_page_line(page, 2, "%-36.36s %10" PRId64 "  %4lu %-4s  last %s",
		                check_page_safe(page, reporter->reporter), reporter->messages,
		                reporter->days, reporter->days == 1 ? "day" : "days",
		                received_print_day(page->arena, reporter->last));
	}
	if (more > 0)
		check_page_line(page, 2, "and %zu more", more);
}

static void print_tls_row(struct check_page *page, const struct received_tls_row *row)
{
	const char *mx = row->mx[0] == '\0' ? "(no MX named)" : row->mx;

	if (row->reason[0] != '\0') {
		check_page_line(page, 6, "%-34.34s %8s %10" PRId64,
		                check_page_safe(page, row->reason), "", row->failures);
		return;
	}
	check_page_line(page, 2, "%-38.38s %8" PRId64 " %10" PRId64 "  %s",
	                check_page_safe(page, mx), row->successes, row->failures,
	                check_page_safe(page, row->type));
}

void received_print_tls(struct check_page *page, const struct received_tls *tls)
{
	const char *domain = NULL;

	for (size_t i = 0; i < tls->count && i < TLS_SHOWN; i++) {
		const struct received_tls_row *row = &tls->items[i];

		if (domain == NULL || strcmp(domain, row->domain) != 0) {
			check_page_heading(page, "TLS", "", COLOUR_NONE,
			                   arena_format(page->arena, "sessions to the MXs of %s",
			                                check_page_safe(page, row->domain)));
			check_page_line(page, 2, "%-38s %8s %10s  %s", "MX", "good", "failed",
			                "policy");
		}
		domain = row->domain;
		print_tls_row(page, row);
	}
	if (tls->count > TLS_SHOWN)
		check_page_line(page, 2, "and %zu lines more: --json has all",
		                tls->count - TLS_SHOWN);
}

static const char *source_title(struct check_page *page, const struct source *source)
{
	const char *name = check_page_safe(page, source->name);
	const char *address = check_page_safe(page, source->address);

	if (source->address[0] == '\0')
		return "all others";
	if (source->address_count > 1)
		return arena_format(page->arena, "%s%s%s and %zu more", name,
		                    name[0] == '\0' ? "" : ", ", address,
		                    source->address_count - 1);
	return name[0] == '\0' ? address : arena_format(page->arena, "%s, %s", name, address);
}

static void print_source(struct check_page *page, const struct source *source)
{
	const struct received_numbers *numbers = &source->numbers;

	check_page_heading(page, source_title(page, source), source_advice_kind_names[source->kind],
	                   source->weight == 0    ? COLOUR_GOOD
	                   : source->weight >= 80 ? COLOUR_BAD
	                                          : COLOUR_DOUBT,
	                   "");
	check_page_line(
	    page, 2, "%s, %.1f%% pass (DKIM %" PRId64 ", SPF %" PRId64 "), last on %s",
	    text_count(page->arena, (unsigned long)numbers->messages, "message", "messages"),
	    received_numbers_percent(received_numbers_passed(numbers), numbers->messages),
	    numbers->both_aligned + numbers->dkim_only, numbers->both_aligned + numbers->spf_only,
	    received_print_day(page->arena, source->last));
	received_print_wrapped(page, 2, source->advice);
	/* a record is copied as a whole: never broken, however long */
	for (size_t i = 0; i < source->publish_count; i++)
		check_page_line(page, 4, "%s", check_page_safe(page, source->publish[i]));
}

void received_print_sources(struct check_page *page, const struct sources *sources, size_t max,
                            const char *all)
{
	size_t shown = sources->count < max ? sources->count : max;

	for (size_t i = 0; i < shown; i++)
		print_source(page, &sources->items[i]);
	if (shown < sources->count)
		check_page_line(
		    page, 0, "\n... and %s%s%s",
		    text_count(page->arena, sources->count - shown, "more source", "more sources"),
		    all == NULL ? "" : "; ", all == NULL ? "" : all);
	if (sources->unsure)
		check_page_line(page, 0,
		                "\nSome names were not looked up or not found out: what is said "
		                "may lack something.");
}
