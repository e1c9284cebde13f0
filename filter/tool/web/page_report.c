/*
 * page_report.c - the page /report: one report of others, with its records.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "store/store_received_browse.h"
#include "tool/web/web_layout.h"

enum {
	RECORDS_SHOWN = 500,
	NUMBER_DIGITS = 18
};

struct report_writing {
	struct web_page *page;
	bool found, tls;
	int64_t records;
};

static void put_member(struct html *html, const char *name, const char *value)
{
	if (value[0] != '\0')
		html_add(html, "<tr><th scope=\"row\">%s</th><td>%s</td></tr>\n", name, value);
}

static void put_members(struct html *html, const struct received_listed *report)
{
	static const char *const heads[] = {"Member", "Value", NULL};
	static const struct web_table table = {"members", "The report", false};
	const struct {
		const char *name, *value;
	} members[] = {
	    {"Kind", report->kind},
	    {"Domain", report->domain},
	    {"Authenticated sender", report->reporter},
	    {"Organization, in its own words", report->organization},
	    {"Address for questions", report->email},
	    {"Report id", report->report_id},
	    {"Begins", html_minute(html, report->begin)},
	    {"Ends", html_minute(html, report->end)},
	    {"Came in", html_minute(html, report->got)},
	    {"From", report->place},
	    {"Messages", html_count(html, report->messages)},
	    {"Repeated", report->repeated == 0
	                     ? ""
	                     : text_count(html->arena, report->repeated, "time", "times")},
	    {"p", report->p},
	    {"sp", report->sp},
	    {"np", report->np},
	    {"adkim", report->adkim},
	    {"aspf", report->aspf},
	    {"pct", report->pct},
	    {"fo", report->fo},
	    {"Test mode", report->testing},
	    {"Discovery", report->discovery},
	    {"Software", report->generator},
	    {"Repairs", report->repairs}};

	web_layout_table(html, &table);
	web_layout_heads(html, heads);
	for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
		put_member(html, members[i].name, members[i].value);
	web_layout_table_end(html);
}

static void put_report(const struct received_listed *report, void *context)
{
	struct report_writing *writing = context;
	struct html *html = &writing->page->html;

	writing->found = true;
	writing->tls = strcmp(report->kind, "tls") == 0;
	writing->records = report->records;
	if (report->trusted)
		html_add(html, "<p>This report counts: its sender is certain.</p>\n");
	else
		html_add(html,
		         "<p class=\"verdict bad\"><strong>It moves no number:</strong> %s.</p>\n",
		         report->why[0] == '\0' ? "its sender is not certain" : report->why);
	put_members(html, report);
}

static const char *override_text(const struct html *html,
                                 const struct received_listed_record *record)
{
	if (record->override_comment[0] == '\0')
		return record->override_type;
	return arena_format(html->arena, "%s: %s", record->override_type, record->override_comment);
}

static void put_record(const struct received_listed_record *record, void *context)
{
	struct html *html = context;

	html_add(html, "<tr><th scope=\"row\">%s</th>", record->source);
	web_layout_number(html, record->count);
	html_add(html, "<td>%s</td><td>%s</td><td>%s</td><td>%s</td>", record->header_from,
	         record->dkim_aligned ? "pass" : "fail", record->spf_aligned ? "pass" : "fail",
	         record->disposition);
	html_add(html, "<td>%s</td><td>%s %s</td><td>%s</td></tr>\n", override_text(html, record),
	         record->spf_result, record->spf_domain, record->dkim);
}

static bool put_records(struct web_page *page, int64_t number, struct problem *problem)
{
	static const char *const heads[] = {
	    "Source",        "#Messages", "From", "DKIM aligned", "SPF aligned",
	    "What was done", "Reason",    "SPF",  "DKIM",         NULL};
	static const struct web_table table = {"records", "Records, most messages first", false};

	web_layout_table(&page->html, &table);
	web_layout_heads(&page->html, heads);
	if (!store_received_browse_records(received_view_query(page->view), number, RECORDS_SHOWN,
	                                   put_record, &page->html, problem))
		return false;
	web_layout_table_end(&page->html);
	return true;
}

static void put_tls(const struct received_listed_tls *row, void *context)
{
	struct html *html = context;

	if (row->reason[0] == '\0') {
		html_add(html, "<tr><th scope=\"row\">%s</th><td>%s</td><td>%s</td>",
		         row->mx[0] == '\0' ? "(no MX named)" : row->mx, row->type, row->domain);
		web_layout_number(html, row->successes);
	} else {
		html_add(html, "<tr><th scope=\"row\">%s</th><td>%s</td><td>from %s</td><td></td>",
		         row->receiving_host[0] == '\0' ? "(no host named)" : row->receiving_host,
		         row->reason, row->sending_address[0] == '\0' ? "?" : row->sending_address);
	}
	web_layout_number(html, row->failures);
	html_add(html, "</tr>\n");
}

static bool put_policies(struct web_page *page, int64_t number, struct problem *problem)
{
	static const char *const heads[] = {"MX",    "Policy or reason", "Domain or source",
	                                    "#Good", "#Failed",          NULL};
	static const struct web_table table = {"policies", "Sessions by policy", false};

	web_layout_table(&page->html, &table);
	web_layout_heads(&page->html, heads);
	if (!store_received_browse_tls(received_view_query(page->view), number, RECORDS_SHOWN,
	                               put_tls, &page->html, problem))
		return false;
	web_layout_table_end(&page->html);
	return true;
}

static int64_t number_asked(const struct web_page *page)
{
	const char *given = http_argument(page->request, "id");

	if (given == NULL || given[0] == '\0' || strlen(given) > NUMBER_DIGITS ||
	    given[strspn(given, "0123456789")] != '\0')
		return -1;
	return strtoll(given, NULL, 10);
}

bool page_report(struct web_page *page, struct problem *problem)
{
	struct report_writing writing = {.page = page};
	int64_t number = number_asked(page);
	bool good;

	web_layout_begin(page, "A report", "/reports");
	if (!store_received_browse_one(received_view_query(page->view), number, put_report,
	                               &writing, problem))
		return false;
	if (!writing.found) {
		page_wrong(
		    page, 404, "There is no such report",
		    "It was deleted when it grew old, or never was there; begin with the list "
		    "of reports.");
		return true;
	}
	good =
	    writing.tls ? put_policies(page, number, problem) : put_records(page, number, problem);
	if (!good)
		return false;
	if (writing.records > RECORDS_SHOWN)
		web_layout_more(&page->html, RECORDS_SHOWN, (size_t)writing.records);
	web_layout_end(page);
	return true;
}
