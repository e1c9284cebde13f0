/*
 * page_reports.c - the page /reports: the newest reports of others, also those that do not count.
 */
#include <inttypes.h>

#include "store/store_received_browse.h"
#include "tool/web/web_layout.h"
#include "tool/web/web_reports.h"

enum {
	REPORTS_MAX = 200
};

struct listing {
	struct html *html;
	size_t count;
};

static void put_report(const struct received_listed *report, void *context)
{
	struct listing *listing = context;
	struct html *html = listing->html;

	listing->count++;
	html_add(html, "<tr><th scope=\"row\"><a href=\"/report?id=%s\">%s</a></th><td>%s</td>",
	         arena_format(html->arena, "%" PRId64, report->number),
	         report->organization[0] != '\0' ? report->organization
	         : report->reporter[0] != '\0'   ? report->reporter
	                                         : "(unnamed)",
	         report->kind);
	html_add(html, "<td>%s</td><td>%s</td><td>%s</td>", report->domain,
	         html_minute(html, report->begin), html_minute(html, report->end));
	web_layout_number(html, report->messages);
	html_add(html, "<td>%s</td></tr>\n",
	         report->trusted          ? "yes"
	         : report->why[0] != '\0' ? arena_format(html->arena, "no: %s", report->why)
	                                  : "no");
}

bool web_reports_put(struct web_page *page, const char *domain, long max, struct problem *problem)
{
	static const char *const heads[] = {"From", "Kind",      "Domain",  "Begins",
	                                    "Ends", "#Messages", "Counts?", NULL};
	static const struct web_table table = {"reports", "Reports, newest first", false};
	struct listing listing = {.html = &page->html};

	web_layout_table(&page->html, &table);
	web_layout_heads(&page->html, heads);
	if (!store_received_browse_newest(received_view_query(page->view), domain, max, put_report,
	                                  &listing, problem))
		return false;
	web_layout_table_end(&page->html);
	if (listing.count == 0)
		html_add(
		    &page->html,
		    "<p>There are none yet. <code>assay report read FILE...</code> takes mails, "
		    "mailboxes and bare reports; mail to received.addresses is read as it "
		    "arrives.</p>\n");
	return true;
}

bool page_reports(struct web_page *page, struct problem *problem)
{
	web_layout_begin(page, "Reports of others", "/reports");
	html_add(
	    &page->html,
	    "<p>The newest %d reports that came in. One whose sender is not certain is kept and "
	    "moves no number.</p>\n",
	    REPORTS_MAX);
	if (!web_reports_put(page, NULL, REPORTS_MAX, problem))
		return false;
	web_layout_end(page);
	return true;
}
