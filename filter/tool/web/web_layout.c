/*
 * web_layout.c - see web_layout.h.
 */
#include "tool/web/web_layout.h"

#include <string.h>

#include "settings/settings.h"

static const struct {
	const char *path, *name;
} places[] = {{"/", "Domains"},
              {"/reports", "Reports"},
              {"/tls", "TLS"},
              {"/sent", "What we report"},
              {"/status", "This server"}};

static void put_navigation(struct html *html, const char *here)
{
	html_add(html, "<nav aria-label=\"Pages\"><ul>");
	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
		bool current = here != NULL && strcmp(here, places[i].path) == 0;

		html_add(html, "<li><a href=\"%s\"", places[i].path);
		if (current)
			html_add(html, " aria-current=\"page\"");
		html_add(html, ">%s</a></li>", places[i].name);
	}
	html_add(html, "</ul></nav>");
}

void web_layout_begin(struct web_page *page, const char *title, const char *here)
{
	const struct web_asset *assets = page->site->assets;
	struct html *html = &page->html;

	html_add(html, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	               "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	               "<meta name=\"color-scheme\" content=\"light dark\">\n");
	html_add(html, "<title>%s - Assay</title>\n<link rel=\"stylesheet\" href=\"%s\">\n", title,
	         assets[WEB_STYLE].path);
	if (assets[WEB_CHARTS].text != NULL)
		html_add(html,
		         "<script src=\"%s\" defer></script>\n<script src=\"%s\" defer></script>\n",
		         assets[WEB_CHARTS].path, assets[WEB_SCRIPT].path);
	html_add(html, "</head>\n<body>\n<a class=\"skip\" href=\"#main\">To the content</a>\n"
	               "<header><span class=\"brand\">Assay</span> ");
	html_add(html, "<span class=\"host\">%s</span>", page->site->settings->authserv_id);
	put_navigation(html, here);
	html_add(html, "</header>\n<main id=\"main\">\n<h1>%s</h1>\n", title);
}

void web_layout_end(struct web_page *page)
{
	html_add(&page->html,
	         "</main>\n<footer>Made at %s. Times are in UTC, and days are days in "
	         "UTC.</footer>\n</body>\n</html>\n",
	         html_minute(&page->html, page->asked.now));
}

void web_layout_table(struct html *html, const struct web_table *table)
{
	html_add(html,
	         "<div class=\"wide\" role=\"region\" tabindex=\"0\" aria-labelledby=\"%s-name\">"
	         "<table id=\"%s\"",
	         table->id, table->id);
	if (table->chart)
		html_add(html, " data-chart=\"bars\"");
	html_add(html, "><caption id=\"%s-name\">%s</caption>\n", table->id, table->caption);
}

void web_layout_table_end(struct html *html)
{
	html_add(html, "</tbody></table></div>\n");
}

void web_layout_heads(struct html *html, const char *const *heads)
{
	html_add(html, "<thead><tr>");
	for (; *heads != NULL; heads++) {
		if (**heads == '~')
			html_add(html, "<th scope=\"col\" class=\"n\" data-series>%s</th>",
			         *heads + 1);
		else if (**heads == '#')
			html_add(html, "<th scope=\"col\" class=\"n\">%s</th>", *heads + 1);
		else
			html_add(html, "<th scope=\"col\">%s</th>", *heads);
	}
	html_add(html, "</tr></thead>\n<tbody>\n");
}

void web_layout_number(struct html *html, int64_t number)
{
	html_add(html, "<td class=\"n\">%s</td>", html_count(html, number));
}

const char *web_layout_percent(const struct html *html, int64_t part, int64_t whole)
{
	return arena_format(html->arena, "%.1f%%", received_numbers_percent(part, whole));
}

void web_layout_numbers(struct html *html, const struct received_numbers *numbers)
{
	web_layout_number(html, numbers->messages);
	html_add(html, "<td class=\"n\">%s</td>",
	         web_layout_percent(html, received_numbers_passed(numbers), numbers->messages));
	web_layout_number(html, numbers->forwarded);
	web_layout_number(html, numbers->failing);
}

void web_layout_periods(struct web_page *page, const char *path)
{
	static const unsigned long periods[] = {7, 30, 90, 365};
	struct html *html = &page->html;

	html_add(html, "<p class=\"periods\">Days:");
	for (size_t i = 0; i < sizeof periods / sizeof periods[0]; i++)
		if ((long)periods[i] == page->days)
			html_add(html, " <strong>%lu</strong>", periods[i]);
		else
			html_add(html, " <a href=\"%sdays=%lu\">%lu</a>", path, periods[i],
			         periods[i]);
	html_add(html, "</p>\n");
}

void web_layout_more(struct html *html, size_t shown, size_t all)
{
	if (all > shown)
		html_add(html, "<p>And %zu more, which are not shown here.</p>\n", all - shown);
}

static const struct {
	const char *class, *word;
} states[] = {[READINESS_ALREADY] = {"good", "p=reject is published"},
              [READINESS_READY] = {"good", "ready"},
              [READINESS_NOT_YET] = {"bad", "not ready"},
              [READINESS_TOO_LITTLE] = {"wait", "too early to say"}};

const char *web_layout_state_class(enum readiness_state state)
{
	return states[state].class;
}

const char *web_layout_state_word(enum readiness_state state)
{
	return states[state].word;
}
