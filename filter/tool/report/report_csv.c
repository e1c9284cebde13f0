/*
 * report_csv.c - the output of `assay report --csv`, line by line as the store hands the rows out.
 */
#include "tool/report/report_csv.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "tool/common/tool.h"
#include "tool/report/report_print.h"

/* Spreadsheets take such text for a formula, and forgers choose some of it: an apostrophe goes in
 * front. */
static const char *guard(const char *value)
{
	const char *first = value + strspn(value, " ");

	return *first != '\0' && strchr("=+-@\t\r\n", *first) != NULL ? "'" : "";
}

/* Quotes around what needs them (RFC 4180 2). What would move a terminal's cursor or turn the
 * direction of what follows is escaped, also into a pipe: who reads a file of it may well do so on
 * a terminal. */
static void report_csv_put(const char *value, char end)
{
	const char *quote = value[strcspn(value, ",\"")] == '\0' ? "" : "\"";

	printf("%s%s", quote, guard(value));
	while (*value != '\0') {
		if (*value == '"')
			putchar('"');
		value = tool_put_character(stdout, value);
	}
	printf("%s%c", quote, end);
}

static void put_time(time_t when, char end)
{
	char text[32] = "";
	struct tm utc;

	if (gmtime_r(&when, &utc) != NULL)
		strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
	report_csv_put(text, end);
}

void report_csv_period(const struct store_query_period *period, void *context)
{
	struct report_page *page = context;

	if (page->lines++ == 0)
		puts("begin,end,policy_domain,policy,messages,passed,sources,report,words");
	put_time(period->begin, ',');
	put_time(period->end, ',');
	report_csv_put(period->policy_domain, ',');
	report_csv_put(period->p, ',');
	printf("%lu,%lu,%lu,", period->messages, period->passed, period->sources);
	report_csv_put(period->report, ',');
	report_csv_put(period->text, '\n');
}

void report_csv_sender(const struct store_query_sender *sender, void *context)
{
	struct report_page *page = context;

	if (page->lines++ == 0)
		puts("source,messages,header_from,dmarc,disposition,dkim_aligned,spf_aligned,"
		     "override_type,"
		     "override_comment,spf_result,spf_domain,dkim,first_seen,last_seen");
	report_csv_put(sender->source, ',');
	printf("%lu,", sender->messages);
	report_csv_put(sender->header_from, ',');
	report_csv_put(sender->dmarc, ',');
	report_csv_put(sender->disposition, ',');
	report_csv_put(sender->dkim_aligned, ',');
	report_csv_put(sender->spf_aligned, ',');
	report_csv_put(sender->override_type, ',');
	report_csv_put(sender->override_comment, ',');
	report_csv_put(sender->spf_result, ',');
	report_csv_put(sender->spf_domain, ',');
	report_csv_put(sender->dkim_words == NULL ? "" : sender->dkim_words, ',');
	put_time(sender->first, ',');
	put_time(sender->last, '\n');
}
