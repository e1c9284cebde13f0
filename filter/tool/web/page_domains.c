/*
 * page_domains.c - the page /: our domains at a glance, and what each needs.
 */
#include <string.h>

#include "settings/settings.h"
#include "tool/web/web_layout.h"

enum {
	DOMAINS_JUDGED = 20, /* each costs a look at all of its sources */
	DOMAINS_SHOWN = 500,
	SPARK_DAYS = 30,
	SPARK_HEIGHT = 24,
	SPARK_STEP = 4
};

/* Messages of a domain by day, oldest first. */
struct spark {
	struct received_numbers days[SPARK_DAYS];
	int64_t max;
};

static struct spark spark_of(const struct web_page *page, const struct received_days *days,
                             const char *domain)
{
	struct spark spark = {.max = 0};

	for (size_t i = 0; i < days->count; i++) {
		const struct received_day *day = &days->items[i];
		time_t age = (page->asked.range.before - 1 - day->day) / WEB_DAY;

		if (strcmp(day->domain, domain) != 0 || age < 0 || age >= SPARK_DAYS)
			continue;
		spark.days[SPARK_DAYS - 1 - age] = day->numbers;
		if (day->numbers.messages > spark.max)
			spark.max = day->numbers.messages;
	}
	return spark;
}

/* Of a bar, from the bottom; what there is shows. Returns where the next part ends. */
static int put_part(struct html *html, const char *class, int place, int bottom, int64_t part,
                    int64_t max)
{
	int height = part <= 0 || max <= 0 ? 0 : (int)(part * SPARK_HEIGHT / max);

	if (part > 0 && height == 0)
		height = 1;
	if (height > bottom)
		height = bottom;
	if (height > 0)
		html_add(html, "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/>",
		         class, place * SPARK_STEP, bottom - height, SPARK_STEP - 1, height);
	return bottom - height;
}

static void put_spark(struct html *html, const struct spark *spark, const char *domain)
{
	html_add(
	    html,
	    "<svg class=\"spark\" role=\"img\" viewBox=\"0 0 %d %d\" width=\"%d\" "
	    "height=\"%d\"><title>Messages of %s in the last %d days, at most %s a day</title>",
	    SPARK_DAYS * SPARK_STEP, SPARK_HEIGHT, SPARK_DAYS * SPARK_STEP, SPARK_HEIGHT, domain,
	    SPARK_DAYS, html_count(html, spark->max));
	for (int i = 0; i < SPARK_DAYS; i++) {
		const struct received_numbers *day = &spark->days[i];
		int bottom = put_part(html, "fail", i, SPARK_HEIGHT, day->failing, spark->max);

		bottom = put_part(html, "forward", i, bottom, day->forwarded, spark->max);
		put_part(html, "pass", i, bottom, received_numbers_passed(day), spark->max);
	}
	html_add(html, "</svg>");
}

static void put_advice(struct html *html, const char *domain, const struct readiness *readiness)
{
	html_add(html, "<li class=\"%s\"><a href=\"/domain?name=%s\">%s</a>: %s.",
	         web_layout_state_class(readiness->state), html_url(html, domain), domain,
	         readiness->text);
	if (readiness->publish != NULL)
		html_add(html, "<code class=\"record\">%s</code>", readiness->publish);
	html_add(html, "</li>\n");
}

/* Judges the first domains, and says what each needs. */
static bool put_advices(struct web_page *page, const struct received_days *domains,
                        struct web_judged *judged, struct problem *problem)
{
	html_add(&page->html, "<h2>What to do</h2>\n<ul class=\"todo\">\n");
	for (size_t i = 0; i < domains->count && i < DOMAINS_JUDGED; i++) {
		if (!web_page_judge(page, &domains->items[i], &judged[i], problem))
			return false;
		put_advice(&page->html, domains->items[i].domain, &judged[i].readiness);
	}
	html_add(&page->html, "</ul>\n");
	return true;
}

/* `judged` NULL: nobody has found out. */
static void put_domain(struct web_page *page, const struct received_day *total,
                       const struct received_days *days, const struct web_judged *judged)
{
	struct html *html = &page->html;
	struct spark spark = spark_of(page, days, total->domain);

	html_add(html, "<tr><th scope=\"row\"><a href=\"/domain?name=%s\">%s</a></th>",
	         html_url(html, total->domain), total->domain);
	if (judged == NULL)
		html_add(html, "<td>see its page</td>");
	else
		html_add(html, "<td><strong class=\"state %s\">%s</strong></td>",
		         web_layout_state_class(judged->readiness.state),
		         web_layout_state_word(judged->readiness.state));
	web_layout_numbers(html, &total->numbers);
	html_add(html, "<td>");
	put_spark(html, &spark, total->domain);
	html_add(html, "</td></tr>\n");
}

static void put_nothing(struct web_page *page)
{
	const struct settings *settings = page->site->settings;
	struct html *html = &page->html;

	html_add(html,
	         "<p>Others have reported nothing about your domains in the last 30 days.</p>\n"
	         "<h2>What to do next</h2>\n<ol>\n");
	if (settings->received.addresses.count == 0)
		html_add(
		    html,
		    "<li>Choose an address for reports and put it into assay.conf: "
		    "<code>received: { addresses = [ \"dmarc@example.org\" ]; };</code></li>\n");
	else
		html_add(html,
		         "<li>Reports to <code>%s</code> are read as they arrive: nothing is to be "
		         "done here.</li>\n",
		         settings->received.addresses.items[0]);
	html_add(html,
	         "<li>Ask for reports: publish <code>rua=mailto:ADDRESS</code> in the DMARC record "
	         "of each domain. <code>assay dns DOMAIN</code> says what is missing.</li>\n"
	         "<li>Have reports already? <code>assay report read FILE...</code> takes mails, "
	         "mailboxes and bare reports.</li>\n"
	         "<li>Wait: most reporters send once a day.</li>\n</ol>\n");
}

static void put_summary(struct html *html, const struct received_days *domains)
{
	struct received_numbers all = {.messages = 0};

	for (size_t i = 0; i < domains->count; i++)
		received_numbers_add(&all, &domains->items[i].numbers);
	html_add(
	    html,
	    "<p>In the last 30 days others saw <strong>%s</strong> %s from %zu %s: "
	    "<strong>%s</strong> passed DMARC, %s were forwarded on the way, and %s failed.</p>\n",
	    html_count(html, all.messages), all.messages == 1 ? "message" : "messages",
	    domains->count, domains->count == 1 ? "domain" : "domains",
	    web_layout_percent(html, received_numbers_passed(&all), all.messages),
	    html_count(html, all.forwarded), html_count(html, all.failing));
}

static void put_table(struct web_page *page, const struct received_days *domains,
                      const struct received_days *days, const struct web_judged *judged)
{
	static const char *const heads[] = {"Domain",     "Ready for p=reject?",
	                                    "#Messages",  "#Pass",
	                                    "#Forwarded", "#Failing",
	                                    "30 days",    NULL};
	static const struct web_table table = {"domains", "Your domains, most messages first",
	                                       false};
	struct html *html = &page->html;

	html_add(html, "<h2>How your mail fares</h2>\n");
	web_layout_table(html, &table);
	web_layout_heads(html, heads);
	for (size_t i = 0; i < domains->count && i < DOMAINS_SHOWN; i++)
		put_domain(page, &domains->items[i], days, i < DOMAINS_JUDGED ? &judged[i] : NULL);
	web_layout_table_end(html);
	html_add(html, "<p class=\"legend\"><span class=\"key pass\"></span>pass "
	               "<span class=\"key forward\"></span>forwarded "
	               "<span class=\"key fail\"></span>failing</p>\n");
	web_layout_more(html, DOMAINS_SHOWN, domains->count);
}

bool page_domains(struct web_page *page, struct problem *problem)
{
	struct received_days domains = {.count = 0}, days = {.count = 0};
	struct web_judged judged[DOMAINS_JUDGED];

	web_layout_begin(page, "Your domains", "/");
	if (!received_view_domains(page->view, NULL, &domains, problem) ||
	    !received_view_days(page->view, NULL, &days, problem))
		return false;
	if (domains.count == 0) {
		put_nothing(page);
	} else {
		put_summary(&page->html, &domains);
		if (!put_advices(page, &domains, judged, problem))
			return false;
		put_table(page, &domains, &days, judged);
	}
	web_layout_end(page);
	return true;
}
