/*
 * page_source.c - the page /source: one address as one domain, day by day, with its evidence.
 */
#include <string.h>

#include "received/source_advice.h"
#include "store/store_received_browse.h"
#include "tool/web/web_layout.h"

enum {
	LINES_SHOWN = 1000
};

struct source_lines {
	struct arena *arena;
	size_t count, room;
	struct received_source_row *items;
	struct received_numbers total;
};

static void source_take_line(const struct received_source_row *row, void *context)
{
	struct source_lines *lines = context;
	struct received_source_row *taken;

	lines->items = arena_grow(lines->arena, lines->items, lines->count, &lines->room, 64,
	                          sizeof *lines->items);
	taken = &lines->items[lines->count++];
	*taken = *row;
	taken->signer = arena_string(lines->arena, row->signer);
	taken->spf_domain = arena_string(lines->arena, row->spf_domain);
	taken->spf_result = arena_string(lines->arena, row->spf_result);
	received_numbers_add(&lines->total, &row->numbers);
}

static const struct source *source_with(const struct sources *sources, const char *address)
{
	for (size_t i = 0; i < sources->count; i++)
		for (size_t j = 0; j < sources->items[i].shown_count; j++)
			if (strcmp(sources->items[i].shown[j], address) == 0)
				return &sources->items[i];
	return NULL;
}

/* What it is part of, and what is to be done. */
static bool put_advice(struct web_page *page, const char *domain, const char *address,
                       struct problem *problem)
{
	struct received_days totals = {.count = 0};
	const struct source *source;
	struct web_judged judged;

	if (!received_view_domains(page->view, domain, &totals, problem))
		return false;
	if (totals.count == 0)
		return true;
	if (!web_page_judge(page, &totals.items[0], &judged, problem))
		return false;
	source = source_with(judged.sources, address);
	if (source == NULL)
		return true;
	html_add(&page->html, "<p class=\"verdict %s\"><strong>%s</strong> %s</p>\n",
	         source->weight == 0 ? "good" : "wait", source_advice_kind_names[source->kind],
	         source->advice);
	for (size_t i = 0; i < source->publish_count; i++)
		html_add(&page->html, "<code class=\"record\">%s</code>\n", source->publish[i]);
	return true;
}

static void put_lines(struct html *html, const struct source_lines *lines)
{
	static const char *const heads[] = {"Day",      "#Messages", "~Pass", "~Forwarded",
	                                    "~Failing", "Signed by", "SPF",   NULL};
	static const struct web_table table = {"days", "Messages by day and evidence", true};

	web_layout_table(html, &table);
	web_layout_heads(html, heads);
	for (size_t i = 0; i < lines->count; i++) {
		const struct received_source_row *row = &lines->items[i];

		html_add(html, "<tr><th scope=\"row\">%s</th>", html_day(html, row->first));
		web_layout_number(html, row->numbers.messages);
		web_layout_number(html, received_numbers_passed(&row->numbers));
		web_layout_number(html, row->numbers.forwarded);
		web_layout_number(html, row->numbers.failing);
		html_add(html, "<td>%s</td><td>%s %s</td></tr>\n", row->signer, row->spf_result,
		         row->spf_domain);
	}
	web_layout_table_end(html);
}

static bool put_source(struct web_page *page, const char *domain, const char *address,
                       struct problem *problem)
{
	const struct received_question question = {domain, page->asked.range};
	struct source_lines lines = {.arena = page->arena};
	struct html *html = &page->html;

	if (!store_received_browse_source(received_view_query(page->view), &question, address,
	                                  LINES_SHOWN, source_take_line, &lines, problem))
		return false;
	if (lines.count == 0) {
		html_add(html,
		         "<p>Nobody reported mail of %s from this address in these days. Look at "
		         "more days.</p>\n",
		         domain);
		return true;
	}
	html_add(
	    html, "<p>%s messages as <a href=\"/domain?name=%s\">%s</a>, of which %s passed.</p>\n",
	    html_count(html, lines.total.messages), html_url(html, domain), domain,
	    web_layout_percent(html, received_numbers_passed(&lines.total), lines.total.messages));
	if (!put_advice(page, domain, address, problem))
		return false;
	put_lines(html, &lines);
	return true;
}

bool page_source(struct web_page *page, struct problem *problem)
{
	const char *domain = page->domain, *text = page->address;

	if (domain == NULL || text[0] == '\0') {
		page_wrong(page, 404, "This is not a source",
		           "The address names no domain or no IP address; begin with the list of "
		           "domains.");
		return true;
	}
	web_layout_begin(page, arena_format(page->arena, "%s as %s", text, domain), "/");
	web_layout_periods(page, arena_format(page->arena, "/source?domain=%s&address=%s&",
	                                      html_url(&page->html, domain),
	                                      html_url(&page->html, text)));
	if (!put_source(page, domain, text, problem))
		return false;
	web_layout_end(page);
	return true;
}
