/*
 * web_answer.c - from a request to a page: who may ask, what there is. Called by the servers of
 * web.c.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/domain.h"
#include "base/invariant.h"
#include "base/log.h"
#include "settings/settings.h"
#include "tool/web/web.h"
#include "tool/web/web_layout.h"
#include "web/web_guard.h"

enum {
	DNS_S = 4 /* of a page; what is not found out by then is not asked for any more */
};

/* Nothing but what this program serves is loaded, run, framed, or told where people came from. */
static const struct http_field fields[] = {
    {"Content-Security-Policy",
     "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; "
     "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"},
    {"X-Content-Type-Options", "nosniff"},
    {"X-Frame-Options", "DENY"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {NULL, NULL}};

static const struct {
	const char *path;
	bool (*write)(struct web_page *page, struct problem *problem);
	bool store;
	long days; /* unless the request says otherwise */
} pages[] = {{"/", page_domains, true, 30},      {"/domain", page_domain, true, 30},
             {"/source", page_source, true, 30}, {"/reports", page_reports, true, 30},
             {"/report", page_report, true, 30}, {"/tls", page_tls, true, 30},
             {"/sent", page_sent, true, 7},      {"/status", page_status, false, 30}};

const char *web_page_domain(const struct web_page *page, const char *name)
{
	const char *given = http_argument(page->request, name);

	return given == NULL ? NULL : domain_normalize(page->arena, given, strlen(given));
}

static bool judge_sources(struct web_page *page, const struct received_day *total,
                          struct web_judged *judged, struct problem *problem)
{
	struct sources *copy = arena_allocate(page->arena, sizeof *copy);

	judged->sources = received_view_sources(page->view, total->domain, problem);
	if (judged->sources == NULL)
		return false;
	*copy = *judged->sources;
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

static long days_asked(const struct http_request *request, long standard)
{
	static const char *const known[] = {"7", "30", "90", "365", NULL};
	const char *given = http_argument(request, "days");

	return given != NULL && text_word(known, given) >= 0 ? strtol(given, NULL, 10) : standard;
}

static void page_begin(struct web_page *page, size_t which)
{
	time_t now = time(NULL);

	page->days = days_asked(page->request, pages[which].days);
	page->asked =
	    (struct received_view_request){.settings = page->site->settings,
	                                   .store = page->site->store,
	                                   .now = now,
	                                   .range = {.before = now - now % WEB_DAY + WEB_DAY},
	                                   .resolver = page->site->resolver,
	                                   .suffixes = page->site->suffixes};
	page->asked.range.since = page->asked.range.before - page->days * WEB_DAY;
}

static void page_make(struct web_page *page, size_t which)
{
	struct problem problem;
	bool good = true;

	page_begin(page, which);
	if (pages[which].store) {
		page->view = received_view_open(&page->asked, &problem);
		good = page->view != NULL;
	}
	good = good && pages[which].write(page, &problem);
	if (!good)
		page_wrong(page, 503, "The reports cannot be read", problem.message);
	else if (page->html.page.cut)
		page_wrong(page, 500, "Too much for one page", "Choose fewer days.");
	received_view_close(page->view);
}

static void answer_page(const struct web_server *server, const struct http_request *request,
                        struct http_page *answer)
{
	struct web_page page = {
	    .site = server->site, .request = request, .arena = server->arena, .status = 200};
	size_t which = 0, count = sizeof pages / sizeof pages[0];

	html_begin(&page.html, page.arena);
	while (which < count && strcmp(pages[which].path, request->path) != 0)
		which++;
	if (which < count)
		page_make(&page, which);
	else
		page_wrong(&page, 404, "There is no such page",
		           "Begin with the domains, or with another page of the list above.");
	invariant(page.html.page.bytes != NULL);
	answer->status = page.status;
	answer->type = "text/html; charset=utf-8";
	answer->body = page.html.page.bytes;
}

static bool answer_asset(const struct web_site *site, const char *path, struct http_page *answer)
{
	for (size_t i = 0; i < WEB_ASSETS; i++) {
		const struct web_asset *asset = &site->assets[i];

		if (asset->text == NULL || strcmp(asset->path, path) != 0)
			continue;
		answer->type = asset->type;
		answer->body = asset->text;
		return true;
	}
	return false;
}

void web_answer(void *context, const struct http_request *request, struct http_page *answer)
{
	struct web_server *server = context;
	const struct web_settings *settings = &server->site->settings->web;

	arena_reset(server->arena);
	*answer = (struct http_page){
	    .status = 200, .type = "text/plain; charset=utf-8", .fields = fields};
	if (!web_guard_client(&request->client, &settings->trusted_proxy)) {
		answer->status = 403;
		answer->body = "This address is not in web.trusted_proxy of assay.conf.\n";
	} else if (!web_guard_host(request->host, &settings->hosts)) {
		answer->status = 421;
		answer->body = "This name is not in web.hosts of assay.conf: add it there and "
		               "restart assay web, or ask for localhost.\n";
	} else if (!answer_asset(server->site, request->path, answer)) {
		answer_page(server, request, answer);
	}
}
