/*
 * page_status.c - the page /status: what the daemon on this host does, as it says itself at
 * metrics.listen.
 */
#include <stdlib.h>

#include "decision/decision.h"
#include "settings/settings.h"
#include "tool/status/status.h"
#include "tool/web/web_layout.h"

/* One line of the table of figures. */
static void put_figure(struct html *html, const char *name, const char *value)
{
	html_add(html, "<tr><th scope=\"row\">%s</th><td class=\"n\">%s</td></tr>\n", name, value);
}

static const char *milliseconds(const struct html *html, double seconds)
{
	return arena_format(html->arena, "%.1f ms", seconds * 1e3);
}

static void put_messages(struct html *html, const struct status *status)
{
	static const char *const heads[] = {"Verdict", "#Today", "#Since the start", NULL};
	static const struct web_table table = {"messages", "Messages by verdict", false};

	web_layout_table(html, &table);
	web_layout_heads(html, heads);
	for (size_t i = 0; i < STATUS_ACTIONS; i++) {
		html_add(html, "<tr><th scope=\"row\">%s</th>", action_names[i]);
		web_layout_number(html, status->today.of[i]);
		web_layout_number(html, status->since_start.of[i]);
		html_add(html, "</tr>\n");
	}
	web_layout_table_end(html);
}

static void put_figures(struct html *html, const struct status *status)
{
	static const char *const heads[] = {"Figure", "#Value", NULL};
	static const struct web_table table = {"figures", "Figures of the daemon", false};
	const struct {
		const char *name;
		long number;
	} counts[] = {{"Messages under way", status->under_way},
	              {"Connections", status->connections},
	              {"DNS lookups in the last hour", status->lookups},
	              {"of these failed", status->failed_lookups},
	              {"Report rows stored since the start", status->rows_written},
	              {"Report rows lost", status->rows_lost},
	              {"Reports waiting to be sent", status->waiting + status->due},
	              {"Mails with reports of others, waiting to be read", status->copies_waiting},
	              {"Signing keys", status->keys},
	              {"Files open", status->open_files}};

	web_layout_table(html, &table);
	web_layout_heads(html, heads);
	put_figure(html, "Version", status->version);
	put_figure(html, "Runs since", html_minute(html, status->started));
	put_figure(html, "Settings read", html_minute(html, status->loaded));
	for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
		put_figure(html, counts[i].name, html_count(html, counts[i].number));
	put_figure(html, "Half of the messages answered within",
	           milliseconds(html, status->message_p50));
	put_figure(html, "99 of 100 messages answered within",
	           milliseconds(html, status->message_p99));
	put_figure(html, "Memory",
	           arena_format(html->arena, "%.0f MB", (double)status->resident_bytes / 1e6));
	web_layout_table_end(html);
}

static void put_status(struct html *html, const struct status *status)
{
	if (status->problem != NULL)
		html_add(html, "<p class=\"verdict bad\"><strong>Not in order:</strong> %s.</p>\n",
		         status->problem);
	else
		html_add(html,
		         "<p class=\"verdict good\"><strong>In order.</strong> assayd runs and "
		         "judges mail.</p>\n");
	html_add(html, "<h2>Warnings</h2>\n");
	if (status->warning_count == 0)
		html_add(html, "<p>There are none.</p>\n");
	else
		html_add(html, "<ul class=\"warnings\">\n");
	for (size_t i = 0; i < status->warning_count; i++)
		html_add(html, "<li>%s</li>\n", status->warnings[i]);
	if (status->warning_count > 0)
		html_add(html, "</ul>\n");
	html_add(html, "<h2>Mail</h2>\n");
	put_messages(html, status);
	html_add(html, "<h2>The daemon</h2>\n");
	put_figures(html, status);
}

static void put_unreachable(struct html *html, const char *listen, const char *why)
{
	if (listen[0] == '\0')
		html_add(html,
		         "<p>metrics.listen is empty, so the daemon cannot be asked: set "
		         "<code>metrics: { listen = \"inet:8892@127.0.0.1\"; };</code> and reload "
		         "assayd.</p>\n");
	else
		html_add(
		    html,
		    "<p class=\"verdict bad\"><strong>assayd does not answer</strong> on %s: %s. "
		    "Look at <code>systemctl status assay</code> and its log.</p>\n",
		    listen, why);
}

bool page_status(struct web_page *page, struct problem *problem)
{
	const char *listen = page->site->settings->metrics.listen;
	struct html *html = &page->html;
	struct listen_address place;
	struct status status;
	char *json = NULL;

	web_layout_begin(page, "This server", "/status");
	*problem = (struct problem){.message = ""};
	if (listen_address_read(listen, page->arena, &place))
		json = status_fetch(&place, page->arena, problem);
	if (json == NULL)
		put_unreachable(html, listen, problem->message);
	else if (!status_read(json, page->arena, &status))
		put_unreachable(html, listen, "the answer is not one of assayd of this version");
	else
		put_status(html, &status);
	free(json);
	web_layout_end(page);
	return true;
}
