/*
 * web_answer.c - from a request to a page: who may ask, what there is. Called by the servers of
 * web.c.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/domain.h"
#include "base/invariant.h"
#include "base/log.h"
#include "settings/settings.h"
#include "tool/web/web.h"
#include "tool/web/web_cache.h"
#include "tool/web/web_layout.h"
#include "web/web_guard.h"

enum {
	UNSURE_MS = 300 /* a page that lacks answers of the DNS is kept as one that took so long */
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

static const struct web_route {
	const char *path;
	bool (*write)(struct web_page *page, struct problem *problem);
	const char *domain; /* the argument with a domain; NULL: none */
	bool store, kept;   /* needs the store; worth keeping */
	long days;          /* unless the request says otherwise */
} routes[] = {{"/", page_domains, NULL, true, true, 30},
              {"/domain", page_domain, "name", true, true, 30},
              {"/source", page_source, "domain", true, true, 30},
              {"/reports", page_reports, NULL, true, false, 30},
              {"/report", page_report, NULL, true, false, 30},
              {"/tls", page_tls, NULL, true, true, 30},
              {"/sent", page_sent, NULL, true, true, 7},
              {"/status", page_status, NULL, false, false, 30}};

static long days_asked(const struct http_request *request, long standard)
{
	static const char *const known[] = {"7", "30", "90", "365", NULL};
	const char *given = http_argument(request, "days");

	return given != NULL && text_word(known, given) >= 0 ? strtol(given, NULL, 10) : standard;
}

static void take_address(struct web_page *page)
{
	const char *given = http_argument(page->request, "address");
	struct address address;

	if (given != NULL && address_parse(given, &address))
		address_print(&address, page->address);
}

static void page_begin(struct web_page *page, const struct web_route *route)
{
	const struct http_request *request = page->request;
	const char *domain =
	    request == NULL || route->domain == NULL ? NULL : http_argument(request, route->domain);
	time_t now = time(NULL);

	html_begin(&page->html, page->arena);
	page->status = 200;
	if (domain != NULL)
		page->domain = domain_normalize(page->arena, domain, strlen(domain));
	if (domain != NULL)
		take_address(page);
	page->days = request == NULL ? route->days : days_asked(request, route->days);
	page->asked =
	    (struct received_view_request){.settings = page->site->settings,
	                                   .store = page->site->store,
	                                   .now = now,
	                                   .range = {.before = now - now % WEB_DAY + WEB_DAY},
	                                   .resolver = page->site->resolver,
	                                   .suffixes = page->site->suffixes};
	page->asked.range.since = page->asked.range.before - page->days * WEB_DAY;
}

static void page_make(struct web_page *page, const struct web_route *route)
{
	struct problem problem;
	bool good = true;

	if (route->store) {
		page->view = received_view_open(&page->asked, &problem);
		good = page->view != NULL;
	}
	good = good && route->write(page, &problem);
	if (!good)
		page_wrong(page, 503, "The reports cannot be read", problem.message);
	else if (page->html.page.cut)
		page_wrong(page, 500, "Too much for one page", "Choose fewer days.");
	received_view_close(page->view);
	page->view = NULL;
}

/* What the page shows: a new day is another page. */
static const char *page_key(const struct web_page *page, const struct web_route *route)
{
	return arena_format(page->arena, "%s %ld %lld %s %s", route->path, page->days,
	                    (long long)page->asked.range.before,
	                    page->domain == NULL ? "" : page->domain, page->address);
}

static void page_make_and_keep(struct web_page *page, const struct web_route *route,
                               const char *key)
{
	struct timespec begun;
	long milliseconds;

	clock_gettime(CLOCK_MONOTONIC, &begun);
	page_make(page, route);
	milliseconds = (long)(clock_monotonic_since(&begun) * 1e3);
	if (page->unsure && milliseconds > UNSURE_MS)
		milliseconds = UNSURE_MS;
	if (page->status == 200)
		web_cache_put(page->site->cache, key, page->html.page.bytes, milliseconds);
}

/* The text of the page. */
static const char *page_text(struct web_page *page, const struct web_route *route)
{
	const char *kept, *key;

	page_begin(page, route);
	if (!route->kept) {
		page_make(page, route);
		return page->html.page.bytes;
	}
	key = page_key(page, route);
	kept = web_cache_get(page->site->cache, key, page->arena);
	if (kept != NULL)
		return kept;
	page_make_and_keep(page, route, key);
	return page->html.page.bytes;
}

void web_answer_ahead(struct web_server *server, const char *domain)
{
	const struct web_route *route = &routes[domain == NULL ? 0 : 1];
	struct web_page page = {.site = server->site, .arena = server->arena, .domain = domain};
	const char *key;

	arena_reset(server->arena);
	page_begin(&page, route);
	key = page_key(&page, route);
	if (web_cache_wants(server->site->cache, key)) {
		log_debug("web: the page %s of %s is made ahead", route->path,
		          domain == NULL ? "all domains" : domain);
		page_make_and_keep(&page, route, key);
	}
}

size_t web_answer_domains(struct web_server *server, size_t max, struct arena *arena,
                          const char *const **domains)
{
	struct web_page page = {.site = server->site, .arena = server->arena};
	struct received_days found = {.count = 0};
	const char **names = arena_allocate(arena, max * sizeof *names);
	struct problem problem;
	size_t count = 0;

	arena_reset(server->arena);
	page_begin(&page, &routes[0]);
	*domains = names;
	page.view = received_view_open(&page.asked, &problem);
	if (page.view != NULL && received_view_domains(page.view, NULL, &found, &problem))
		for (; count < found.count && count < max; count++)
			names[count] = arena_string(arena, found.items[count].domain);
	received_view_close(page.view);
	return count;
}

static void answer_page(const struct web_server *server, const struct http_request *request,
                        struct http_page *answer)
{
	struct web_page page = {.site = server->site, .request = request, .arena = server->arena};
	size_t which = 0, count = sizeof routes / sizeof routes[0];

	while (which < count && strcmp(routes[which].path, request->path) != 0)
		which++;
	if (which < count) {
		answer->body = page_text(&page, &routes[which]);
	} else {
		page_wrong(&page, 404, "There is no such page",
		           "Begin with the domains, or with another page of the list above.");
		answer->body = page.html.page.bytes;
	}
	invariant(answer->body != NULL);
	answer->status = page.status;
	answer->type = "text/html; charset=utf-8";
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
