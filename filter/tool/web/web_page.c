/*
 * web_page.c - what several pages do: find out whether a domain is ready, say what is wrong.
 */
#include <time.h>

#include "base/log.h"
#include "tool/web/web.h"
#include "tool/web/web_layout.h"

enum {
	DNS_S = 4 /* of a page; what is not found out by then is not asked for any more */
};

static bool judge_sources(struct web_page *page, const struct received_day *total,
                          struct web_judged *judged, struct problem *problem)
{
	struct sources *copy = arena_allocate(page->arena, sizeof *copy);

	judged->sources = received_view_sources(page->view, total->domain, problem);
	if (judged->sources == NULL)
		return false;
	*copy = *judged->sources;
	page->unsure = page->unsure || copy->unsure;
	/* the DNS does not say: what others saw last */
	if (copy->unsure && copy->policy[0] == '\0' &&
	    !store_received_query_policy(received_view_query(page->view), total->domain,
	                                 page->arena, &copy->policy, problem))
		return false;
	judged->sources = copy;
	judged->readiness = readiness_judge(copy, total->days, total->reports, page->arena);
	return true;
}

bool web_page_judge(struct web_page *page, const struct received_day *total,
                    struct web_judged *judged, struct problem *problem)
{
	if (!page->asked.no_dns && time(NULL) - page->asked.now >= DNS_S) {
		log_debug("web: the DNS takes long, and is not asked any more for this page");
		page->asked.no_dns = true;
	}
	return judge_sources(page, total, judged, problem);
}

void page_wrong(struct web_page *page, unsigned status, const char *title, const char *text)
{
	page->status = status;
	html_begin(&page->html, page->arena);
	web_layout_begin(page, title, NULL);
	html_add(&page->html, "<p>%s</p>\n", text);
	web_layout_end(page);
}
