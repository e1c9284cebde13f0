/*
 * page_sent.c - the page /sent: what this server reports to the owners of other domains.
 */
#include "store/store_query.h"
#include "tool/web/web_layout.h"

enum {
	PERIODS_SHOWN = 1000
};

struct sent_writing {
	struct web_page *page;
	size_t count;
};

static void begin_table(struct html *html)
{
	static const char *const heads[] = {
	    "Day", "Domain", "Policy", "#Messages", "#Pass", "#Sources", "What became of it", NULL};
	static const struct web_table table = {"sent", "Reports by day and domain, newest first",
	                                       false};

	web_layout_table(html, &table);
	web_layout_heads(html, heads);
}

static void put_period(const struct store_query_period *period, void *context)
{
	struct sent_writing *writing = context;
	struct html *html = &writing->page->html;

	if (writing->count++ == 0)
		begin_table(html);
	if (writing->count > PERIODS_SHOWN)
		return;
	html_add(html, "<tr><th scope=\"row\">%s</th><td>%s</td><td>%s</td>",
	         html_day(html, period->begin),
	         period->policy_domain[0] == '\0' ? "(no policy)" : period->policy_domain,
	         period->p);
	web_layout_number(html, (int64_t)period->messages);
	html_add(html, "<td class=\"n\">%s</td>",
	         web_layout_percent(html, (int64_t)period->passed, (int64_t)period->messages));
	web_layout_number(html, (int64_t)period->sources);
	html_add(html, "<td class=\"say\">%s", period->report);
	if (period->text[0] != '\0')
		html_add(html, ": %s", period->text);
	html_add(html, "</td></tr>\n");
}

bool page_sent(struct web_page *page, struct problem *problem)
{
	struct sent_writing writing = {.page = page};
	struct html *html = &page->html;

	web_layout_begin(page, "What we report to others", "/sent");
	web_layout_periods(page, "/sent?");
	html_add(html, "<p>Who published a DMARC policy with an address for reports gets one a day "
	               "about mail that came in here.</p>\n");
	if (!store_query_periods(received_view_query(page->view), &page->asked.range, put_period,
	                         &writing, problem))
		return false;
	if (writing.count == 0) {
		html_add(html,
		         "<p>No mail was counted in these days. Mail is counted once the mail "
		         "server asks assayd; reports are sent once <code>reports.email</code> is "
		         "set.</p>\n");
	} else {
		web_layout_table_end(html);
		web_layout_more(html, PERIODS_SHOWN, writing.count);
	}
	web_layout_end(page);
	return true;
}
