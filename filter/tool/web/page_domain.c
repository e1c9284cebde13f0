/*
 * page_domain.c - the page /domain: who sends as one domain, day by day, and what to do.
 */
#include "received/source_advice.h"
#include "store/store_received_browse.h"
#include "tool/web/web_layout.h"
#include "tool/web/web_reports.h"

enum {
	SOURCES_LISTED = 100,
	REPORTERS_LISTED = 50,
	POLICIES_LISTED = 50,
	REPORTS_LISTED = 20
};

static void put_verdict(struct html *html, const struct received_numbers *numbers,
                        const struct web_judged *judged)
{
	const struct readiness *readiness = &judged->readiness;

	html_add(html, "<p class=\"verdict %s\"><strong>%s.</strong></p>\n",
	         web_layout_state_class(readiness->state), readiness->text);
	if (readiness->publish != NULL)
		html_add(html, "<p>Publish: <code class=\"record\">%s</code></p>\n",
		         readiness->publish);
	html_add(html,
	         "<p>%s of %s messages passed; receivers quarantined %s and rejected %s.</p>\n",
	         web_layout_percent(html, received_numbers_passed(numbers), numbers->messages),
	         html_count(html, numbers->messages), html_count(html, numbers->quarantined),
	         html_count(html, numbers->rejected));
	if (judged->sources->unsure)
		html_add(html, "<p class=\"note\">The DNS did not answer all questions: names and "
		               "advice may lack something. Look again in a minute.</p>\n");
}

static void put_days(struct html *html, const struct received_days *days)
{
	static const char *const heads[] = {"Day",        "#Messages",  "~Pass",
	                                    "~Forwarded", "~Failing",   "#Quarantined",
	                                    "#Rejected",  "#Reporters", NULL};
	static const struct web_table table = {"days", "Messages by day", true};

	html_add(html, "<h2>Day by day</h2>\n");
	web_layout_table(html, &table);
	web_layout_heads(html, heads);
	for (size_t i = 0; i < days->count; i++) {
		const struct received_numbers *numbers = &days->items[i].numbers;

		html_add(html, "<tr><th scope=\"row\">%s</th>", html_day(html, days->items[i].day));
		web_layout_number(html, numbers->messages);
		web_layout_number(html, received_numbers_passed(numbers));
		web_layout_number(html, numbers->forwarded);
		web_layout_number(html, numbers->failing);
		web_layout_number(html, numbers->quarantined);
		web_layout_number(html, numbers->rejected);
		web_layout_number(html, (int64_t)days->items[i].reports);
		html_add(html, "</tr>\n");
	}
	web_layout_table_end(html);
}

static void put_source_name(struct html *html, const struct source *source, const char *domain)
{
	size_t more = source->address_count > source->shown_count
	                  ? source->address_count - source->shown_count
	                  : 0;

	html_add(html, "<th scope=\"row\">");
	if (source->address[0] == '\0')
		html_add(html, "all others");
	if (source->name[0] != '\0')
		html_add(html, "%s", source->name);
	for (size_t i = 0; i < source->shown_count && source->address[0] != '\0'; i++) {
		if (i == 3)
			html_add(html, "<details><summary>more addresses</summary>");
		html_add(
		    html, "<a class=\"address\" href=\"/source?domain=%s&amp;address=%s\">%s</a>",
		    html_url(html, domain), html_url(html, source->shown[i]), source->shown[i]);
	}
	if (source->shown_count > 3)
		html_add(html, "</details>");
	if (more > 0)
		html_add(html, "<span class=\"address\">and %zu more</span>", more);
	html_add(html, "</th>");
}

static void put_source(struct html *html, const struct source *source, const char *domain)
{
	html_add(html, "<tr>");
	put_source_name(html, source, domain);
	html_add(html, "<td><span class=\"state %s\">%s</span></td>",
	         source->weight == 0    ? "good"
	         : source->weight >= 80 ? "bad"
	                                : "wait",
	         source_advice_kind_names[source->kind]);
	html_add(html, "<td class=\"say\">%s", source->advice);
	for (size_t i = 0; i < source->publish_count; i++)
		html_add(html, "<code class=\"record\">%s</code>", source->publish[i]);
	html_add(html, "</td>");
	web_layout_numbers(html, &source->numbers);
	html_add(html, "</tr>\n");
}

static void put_sources(struct html *html, const struct sources *sources, const char *domain)
{
	static const char *const heads[] = {"Source", "Kind",       "What to do", "#Messages",
	                                    "#Pass",  "#Forwarded", "#Failing",   NULL};
	static const struct web_table table = {"sources", "Sources, what needs you first", false};

	html_add(html, "<h2>Who sends as it</h2>\n");
	web_layout_table(html, &table);
	web_layout_heads(html, heads);
	for (size_t i = 0; i < sources->count && i < SOURCES_LISTED; i++)
		put_source(html, &sources->items[i], domain);
	web_layout_table_end(html);
	web_layout_more(html, SOURCES_LISTED, sources->count);
}

static void put_reporters(struct html *html, const struct received_reporters *reporters)
{
	static const char *const heads[] = {"Reporter", "#Messages", "#Days",
	                                    "First",    "Last",      NULL};
	static const struct web_table table = {"reporters", "Reporters, most messages first",
	                                       false};

	html_add(html, "<h2>Who reports on it</h2>\n");
	web_layout_table(html, &table);
	web_layout_heads(html, heads);
	for (size_t i = 0; i < reporters->count && i < REPORTERS_LISTED; i++) {
		const struct received_reporter *reporter = &reporters->items[i];

		html_add(html, "<tr><th scope=\"row\">%s</th>", reporter->reporter);
		web_layout_number(html, reporter->messages);
		html_add(html, "<td class=\"n\">%lu</td><td>%s</td><td>%s</td></tr>\n",
		         reporter->days, html_day(html, reporter->first),
		         html_day(html, reporter->last));
	}
	web_layout_table_end(html);
	web_layout_more(html, REPORTERS_LISTED, reporters->count);
}

/* "; np=reject" of what is there. */
static void put_tag(struct html *html, const char *name, const char *value)
{
	if (value[0] != '\0')
		html_add(html, "; %s=%s", name, value);
}

static void put_policy(const struct received_policy_seen *policy, void *context)
{
	struct html *html = context;

	html_add(html, "<tr><th scope=\"row\">p=%s", policy->p[0] == '\0' ? "?" : policy->p);
	put_tag(html, "sp", policy->sp);
	put_tag(html, "np", policy->np);
	put_tag(html, "adkim", policy->adkim);
	put_tag(html, "aspf", policy->aspf);
	put_tag(html, "pct", policy->pct);
	put_tag(html, "t", policy->testing);
	html_add(html, "</th><td>%s</td><td>%s</td>", html_day(html, policy->first),
	         html_day(html, policy->last));
	web_layout_number(html, (int64_t)policy->reports);
	html_add(html, "</tr>\n");
}

static bool put_policies(struct web_page *page, const char *domain, struct problem *problem)
{
	static const char *const heads[] = {"Policy", "First", "Last", "#Reports", NULL};
	static const struct web_table table = {"policies", "Policies, newest first", false};
	const struct received_question question = {domain, page->asked.range};

	html_add(&page->html, "<h2>The policy as others saw it</h2>\n");
	web_layout_table(&page->html, &table);
	web_layout_heads(&page->html, heads);
	if (!store_received_browse_policies(received_view_query(page->view), &question,
	                                    POLICIES_LISTED, put_policy, &page->html, problem))
		return false;
	web_layout_table_end(&page->html);
	return true;
}

static bool put_all(struct web_page *page, const struct received_day *total,
                    struct problem *problem)
{
	struct received_reporters reporters = {.count = 0};
	struct received_days days = {.count = 0};
	struct html *html = &page->html;
	struct web_judged judged;

	if (!web_page_judge(page, total, &judged, problem) ||
	    !received_view_days(page->view, total->domain, &days, problem) ||
	    !received_view_reporters(page->view, total->domain, &reporters, problem))
		return false;
	put_verdict(html, &total->numbers, &judged);
	put_sources(html, judged.sources, total->domain);
	put_days(html, &days);
	put_reporters(html, &reporters);
	if (!put_policies(page, total->domain, problem))
		return false;
	html_add(html, "<h2>The newest reports</h2>\n");
	return web_reports_put(page, total->domain, REPORTS_LISTED, problem);
}

bool page_domain(struct web_page *page, struct problem *problem)
{
	const char *domain = page->domain;
	struct received_days totals = {.count = 0};
	struct html *html = &page->html;

	if (domain == NULL) {
		page_wrong(page, 404, "This is not a domain",
		           "The address names no domain; begin with the list of domains.");
		return true;
	}
	web_layout_begin(page, domain, "/");
	web_layout_periods(page,
	                   arena_format(page->arena, "/domain?name=%s&", html_url(html, domain)));
	if (!received_view_domains(page->view, domain, &totals, problem))
		return false;
	if (totals.count == 0)
		html_add(
		    html,
		    "<p>Others have reported nothing about %s in these days.</p>\n"
		    "<p>Look at more days, or run <code>assay dns %s</code>: it says whether its "
		    "DMARC record asks for reports.</p>\n",
		    domain, domain);
	else if (!put_all(page, &totals.items[0], problem))
		return false;
	web_layout_end(page);
	return true;
}
