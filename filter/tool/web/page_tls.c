/*
 * page_tls.c - the page /tls: sessions to our MXs as TLS reports have them.
 */
#include "tool/web/web_layout.h"

enum {
	LINES_SHOWN = 1000
};

static void put_row(struct html *html, const struct received_tls_row *row)
{
	html_add(html, "<tr><th scope=\"row\">%s</th><td>%s</td>", row->domain,
	         row->mx[0] == '\0' ? "(no MX named)" : row->mx);
	if (row->reason[0] != '\0') {
		html_add(html, "<td>%s</td><td></td>", row->reason);
	} else {
		html_add(html, "<td>%s</td>", row->type);
		web_layout_number(html, row->successes);
	}
	web_layout_number(html, row->failures);
	html_add(html, "</tr>\n");
}

static void put_sum(struct html *html, const struct received_tls *tls)
{
	int64_t good = 0, failed = 0;

	for (size_t i = 0; i < tls->count; i++) {
		if (tls->items[i].reason[0] != '\0')
			continue;
		good += tls->items[i].successes;
		failed += tls->items[i].failures;
	}
	html_add(html,
	         "<p>Others opened %s sessions to your MXs in these days, and %s of them failed "
	         "(%s).</p>\n",
	         html_count(html, good + failed), html_count(html, failed),
	         web_layout_percent(html, failed, good + failed));
}

bool page_tls(struct web_page *page, struct problem *problem)
{
	static const char *const heads[] = {"Domain", "MX",      "Policy or reason",
	                                    "#Good",  "#Failed", NULL};
	static const struct web_table table = {"tls", "Sessions by MX, and why they failed", false};
	struct received_tls tls = {.count = 0};
	struct html *html = &page->html;

	web_layout_begin(page, "TLS to your MXs", "/tls");
	web_layout_periods(page, "/tls?");
	if (!received_view_tls(page->view, NULL, &tls, problem))
		return false;
	if (tls.count == 0) {
		html_add(html, "<p>Others have reported nothing about TLS in these days.</p>\n"
		               "<p>Ask for such reports: publish <code>_smtp._tls.DOMAIN TXT "
		               "\"v=TLSRPTv1; rua=mailto:ADDRESS\"</code> with an address of "
		               "received.addresses (RFC 8460).</p>\n");
	} else {
		put_sum(html, &tls);
		web_layout_table(html, &table);
		web_layout_heads(html, heads);
		for (size_t i = 0; i < tls.count && i < LINES_SHOWN; i++)
			put_row(html, &tls.items[i]);
		web_layout_table_end(html);
		web_layout_more(html, LINES_SHOWN, tls.count);
	}
	web_layout_end(page);
	return true;
}
