/*
 * report_print.c - the output of `assay report`, line by line as the store hands the rows out.
 */
#include "tool/report/report_print.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "rows/json_text.h"

enum {
	DAY_TEXT = 32,
	LINE_LENGTH_MAX = 1 << 22,
	JSON_GROWTH = 6 /* octets that one octet becomes at most: \u007f */
};

static const char *day_of(time_t when, char day[DAY_TEXT])
{
	struct tm utc;

	if (gmtime_r(&when, &utc) == NULL || strftime(day, DAY_TEXT, "%Y-%m-%d", &utc) == 0)
		snprintf(day, DAY_TEXT, "?");
	return day;
}

/* "2026-11-30", or "2026-11-30 06+6h" for a part of a day. */
static const char *period_of(const struct store_query_period *period, char text[DAY_TEXT])
{
	long hours = (long)((period->end - period->begin) / 3600);
	size_t length;

	day_of(period->begin, text);
	length = strlen(text);
	if (hours != 24)
		snprintf(text + length, DAY_TEXT - length, " %02ld+%ldh",
		         (long)(period->begin % 86400 / 3600), hours % 100);
	return text;
}

static double share(unsigned long part, unsigned long whole)
{
	return whole == 0 ? 0.0 : 100.0 * (double)part / (double)whole;
}

/* The store is a file that others can have written to. */
static const char *safe(struct report_page *page, const char *value, const char *otherwise)
{
	if (value[0] == '\0')
		return otherwise;
	for (const char *at = value; *at != '\0'; at++)
		if ((unsigned char)*at < 0x20 || (unsigned char)*at >= 0x7F)
			return text_printable(page->arena, value, strlen(value));
	return value;
}

static void report_print_begin_line(struct report_page *page, struct text *line)
{
	arena_reset(page->arena);
	text_begin(line, page->arena, LINE_LENGTH_MAX);
	text_add(line, page->lines++ > 0 ? ",\n  {" : "\n  {");
}

/* The last member of a line, which the store has as JSON, and may be long. */
static void end_line(struct report_page *page, const struct text *line, const char *name,
                     const char *json)
{
	struct text value;

	text_begin(&value, page->arena, strlen(json) * JSON_GROWTH + 1);
	json_text_add_json(&value, json);
	printf("%s,\"%s\":%s}", line->bytes, name, value.bytes);
}

static void add_number(struct text *line, const char *name, intmax_t value)
{
	text_add_format(line, ",\"%s\":%" PRIdMAX, name, value);
}

static void report_print_add_string(struct text *line, const char *name, const char *value)
{
	text_add(line, ",");
	json_text_add_member(line, name, value);
}

void report_print_list_begin(struct report_page *page)
{
	if (page->json)
		fputs("{\"periods\":[", stdout);
}

static void print_period_json(const struct store_query_period *period, struct report_page *page)
{
	char day[DAY_TEXT];
	struct text line;

	report_print_begin_line(page, &line);
	json_text_add_member(&line, "day", day_of(period->begin, day));
	add_number(&line, "begin", period->begin);
	add_number(&line, "end", period->end);
	report_print_add_string(&line, "policy_domain", period->policy_domain);
	report_print_add_string(&line, "policy", period->p);
	add_number(&line, "messages", (intmax_t)period->messages);
	add_number(&line, "passed", (intmax_t)period->passed);
	add_number(&line, "sources", (intmax_t)period->sources);
	report_print_add_string(&line, "report", period->report);
	report_print_add_string(&line, "words", period->text);
	end_line(page, &line, "reports", period->reports);
}

void report_print_period(const struct store_query_period *period, void *context)
{
	struct report_page *page = context;
	char day[DAY_TEXT];

	if (page->json) {
		print_period_json(period, page);
		return;
	}
	arena_reset(page->arena);
	if (page->lines++ == 0)
		printf("%-16s  %9s  %6s  %7s  %-10s  %-10s  %s\n", "period", "messages", "pass",
		       "sources", "policy", "report", "policy domain");
	printf("%-16s  %9lu  %5.1f%%  %7lu  %-10s  %-10s  %s\n", period_of(period, day),
	       period->messages, share(period->passed, period->messages), period->sources,
	       safe(page, period->p, "-"), period->report,
	       safe(page, period->policy_domain, "(no policy)"));
	if (period->text[0] != '\0')
		printf("%-16s  %s\n", "", safe(page, period->text, ""));
}

void report_print_list_end(struct report_page *page, const struct retention_size *size)
{
	if (page->csv)
		return;
	if (page->json) {
		printf("%s],\"store\":{\"bytes\":%lu,\"unused_bytes\":%lu,\"rows\":%lu,\"reports\":"
		       "%lu,"
		       "\"oldest\":%" PRIdMAX "}}\n",
		       page->lines > 0 ? "\n" : "", size->octets, size->unused, size->rows,
		       size->reports, (intmax_t)size->oldest);
		return;
	}
	if (page->lines == 0)
		puts("No messages.");
	printf("\nThe store has %s of %s in %.1f MB, %.1f MB of them unused.\n",
	       text_count(page->arena, size->rows, "row", "rows"),
	       text_count(page->arena, size->reports, "report", "reports"),
	       (double)size->octets / 1e6, (double)size->unused / 1e6);
}

void report_print_show_begin(struct report_page *page, const char *domain,
                             const struct store_query_total *total)
{
	if (page->csv)
		return;
	if (!page->json && total->messages == 0) {
		printf("%s: no messages\n", domain);
		return;
	}
	if (!page->json) {
		printf("%s: %s from %s, %.1f%% pass DMARC\n", domain,
		       text_count(page->arena, total->messages, "message", "messages"),
		       text_count(page->arena, total->sources, "source", "sources"),
		       share(total->passed, total->messages));
		return;
	}
	fputs("{\"domain\":", stdout);
	struct text name;

	text_begin(&name, page->arena, LINE_LENGTH_MAX);
	json_text_add(&name, domain);
	printf("%s,\"messages\":%lu,\"passed\":%lu,\"sources\":%lu,\"senders\":[", name.bytes,
	       total->messages, total->passed, total->sources);
}

static void print_sender_json(const struct store_query_sender *sender, struct report_page *page)
{
	struct text line;

	report_print_begin_line(page, &line);
	json_text_add_member(&line, "source", sender->source);
	add_number(&line, "messages", (intmax_t)sender->messages);
	report_print_add_string(&line, "header_from", sender->header_from);
	report_print_add_string(&line, "dmarc", sender->dmarc);
	report_print_add_string(&line, "disposition", sender->disposition);
	report_print_add_string(&line, "dkim_aligned", sender->dkim_aligned);
	report_print_add_string(&line, "spf_aligned", sender->spf_aligned);
	report_print_add_string(&line, "override_type", sender->override_type);
	report_print_add_string(&line, "override_comment", sender->override_comment);
	report_print_add_string(&line, "spf_result", sender->spf_result);
	report_print_add_string(&line, "spf_domain", sender->spf_domain);
	add_number(&line, "first_seen", sender->first);
	add_number(&line, "last_seen", sender->last);
	end_line(page, &line, "dkim", sender->dkim);
}

/* "pass (dkim, spf)": by what it passed. */
static const char *dmarc_text(const struct store_query_sender *sender, struct report_page *page)
{
	bool dkim = strcmp(sender->dkim_aligned, "pass") == 0,
	     spf = strcmp(sender->spf_aligned, "pass") == 0;

	if (!dkim && !spf)
		return safe(page, sender->dmarc, "-");
	return arena_format(page->arena, "%s (%s%s%s)", safe(page, sender->dmarc, "-"),
	                    dkim ? "dkim" : "", dkim && spf ? ", " : "", spf ? "spf" : "");
}

void report_print_sender(const struct store_query_sender *sender, void *context)
{
	struct report_page *page = context;

	if (page->json) {
		print_sender_json(sender, page);
		return;
	}
	arena_reset(page->arena);
	if (page->lines++ == 0)
		printf("\n%9s  %-39s  %-16s  %-11s  %s\n", "messages", "source", "dmarc",
		       "disposition", "from");
	printf("%9lu  %-39s  %-16s  %-11s  %s\n", sender->messages, safe(page, sender->source, "-"),
	       dmarc_text(sender, page), safe(page, sender->disposition, "-"),
	       safe(page, sender->header_from, "-"));
	printf("%9s  spf %s %s; dkim %s", "", safe(page, sender->spf_result, "none"),
	       safe(page, sender->spf_domain, "-"), safe(page, sender->dkim_words, "none"));
	if (sender->override_type[0] != '\0')
		printf("; %s: %s", safe(page, sender->override_type, ""),
		       safe(page, sender->override_comment, "-"));
	putchar('\n');
}

void report_print_show_end(struct report_page *page, const struct store_query_total *total)
{
	if (page->json)
		puts(page->lines > 0 ? "\n]}" : "]}");
	else if (!page->csv && total->rows > page->lines)
		printf(
		    "\n... and %s; --all prints all\n",
		    text_count(page->arena, total->rows - page->lines, "more line", "more lines"));
}
