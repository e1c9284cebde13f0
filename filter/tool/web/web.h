/*
 * web.h - what the files of `assay web` share: web.c (arguments, life of the process),
 * web_answer.c (a request to a page), web_assets.c (what is not HTML), web_layout.c and web_page.c
 * (what pages have in common), page_*.c (a page each).
 *
 * Several servers run at once (monitoring/http.h), each with a struct web_server and a thread of
 * its own; the site is const for all of them.
 */
#ifndef ASSAY_WEB_H
#define ASSAY_WEB_H

#include "monitoring/http.h"
#include "tool/report/received_view.h"
#include "web/html.h"

struct web_cache;

enum {
	WEB_DAY = 24 * 60 * 60
};

/* A file of the page that is not HTML. `text` NULL: it is not there. */
struct web_asset {
	const char *path, *type, *text;
};
enum web_asset_name {
	WEB_STYLE,
	WEB_SCRIPT,
	WEB_CHARTS, /* Chart.js, where it is installed */
	WEB_ASSETS
};

struct web_site {
	const struct settings *settings;
	const char *store; /* path */
	struct resolver *resolver;
	struct public_suffix_list *suffixes; /* NULL: none */
	struct web_asset assets[WEB_ASSETS];
	struct web_cache *cache;
};

/* Fills in the assets; the texts are in the arena or constant. */
void web_assets_load(struct web_asset assets[WEB_ASSETS], struct arena *arena);

/* One thread's. */
struct web_server {
	const struct web_site *site;
	struct arena *arena; /* of one answer */
};

/* An http_answer_function; `context` is a struct web_server. */
void web_answer(void *context, const struct http_request *request, struct http_page *page);

/* Makes the page of a domain, of all where it is NULL, and keeps it, where it takes long and is not
 * kept already. */
void web_answer_ahead(struct web_server *server, const char *domain);

/* The names of the domains with most messages, at most `max`, in the arena; 0 where the store
 * cannot be read. */
size_t web_answer_domains(struct web_server *server, size_t max, struct arena *arena,
                          const char *const **domains);

/* A page while it is written. */
struct web_page {
	const struct web_site *site;
	const struct http_request *request; /* NULL: the page is made ahead */
	struct arena *arena;
	struct html html;
	unsigned status; /* 200 unless the page says otherwise */
	const char
	    *domain; /* that is asked for, in internal form; NULL: none, or it is not a domain */
	char address[ADDRESS_TEXT]; /* likewise; "" for none */
	bool unsure; /* the DNS did not answer: the page is worth making again soon */
	long days;   /* that it is about, the last one today */
	struct received_view_request asked;
	struct received_view *view; /* of the store over these days; NULL for /status */
};

/* Each writes a page; false and a problem where the store fails in the middle. */
bool page_domains(struct web_page *page, struct problem *problem);
bool page_domain(struct web_page *page, struct problem *problem);
bool page_source(struct web_page *page, struct problem *problem);
bool page_reports(struct web_page *page, struct problem *problem);
bool page_report(struct web_page *page, struct problem *problem);
bool page_tls(struct web_page *page, struct problem *problem);
bool page_sent(struct web_page *page, struct problem *problem);
bool page_status(struct web_page *page, struct problem *problem);

/* A page that says in two sentences what is wrong and what to do. */
void page_wrong(struct web_page *page, unsigned status, const char *title, const char *text);

/* The sources of a domain and whether it is ready for p=reject; the DNS is asked no more once the
 * page has taken long. False: the store failed. */
struct web_judged {
	const struct sources *sources;
	struct readiness readiness;
};
bool web_page_judge(struct web_page *page, const struct received_day *total,
                    struct web_judged *judged, struct problem *problem);

#endif
