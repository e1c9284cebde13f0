/*
 * pages.c - the pages that assayd serves. Called on the HTTP server's thread (http.h).
 *
 * Facts are gathered at most ten times a second, however many requests come: gathering takes locks
 * that the threads of messages take too.
 */
#include "monitoring/pages.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "metrics/health.h"
#include "metrics/metrics_text.h"
#include "metrics/status_text.h"

enum {
	FRESH_MS = 100
};

struct pages {
	struct facts_source source;
	struct facts facts;
	long long gathered;  /* milliseconds; 0: never */
	struct arena *arena; /* of the last page */
};

struct pages *pages_new(const struct facts_source *source)
{
	struct pages *pages = calloc(1, sizeof *pages);

	if (pages == NULL)
		return NULL;
	pages->source = *source;
	pages->arena = arena_new();
	return pages;
}

void pages_free(struct pages *pages)
{
	if (pages == NULL)
		return;
	arena_free(pages->arena);
	free(pages);
}

static void refresh(struct pages *pages)
{
	struct timespec clock;
	long long now;

	clock_gettime(CLOCK_MONOTONIC, &clock);
	now = (long long)clock.tv_sec * 1000 + clock.tv_nsec / 1000000;
	if (pages->gathered != 0 && now - pages->gathered < FRESH_MS)
		return;
	facts_gather(&pages->source, &pages->facts);
	pages->gathered = now;
}

static void write_metrics(struct pages *pages, struct http_page *page)
{
	page->type = "text/plain; version=0.0.4; charset=utf-8";
	page->body = metrics_text(&pages->facts, pages->arena);
}

static void write_status(struct pages *pages, struct http_page *page)
{
	page->type = "application/json";
	page->body = status_text(&pages->facts, pages->arena);
}

static void write_health(struct pages *pages, struct http_page *page)
{
	struct problem problem;

	page->body = "ok\n";
	if (health_is_good(&pages->facts, &problem))
		return;
	log_debug("health: %s", problem.message);
	page->status = 503;
	page->body = arena_format(pages->arena, "%s\n", problem.message);
}

static const struct {
	const char *path;
	void (*write)(struct pages *pages, struct http_page *page);
} all_pages[] = {{"/metrics", write_metrics}, {"/health", write_health}, {"/status", write_status}};

void pages_answer(void *context, const struct http_request *request, struct http_page *page)
{
	struct pages *pages = context;

	arena_reset(pages->arena);
	*page = (struct http_page){404, "text/plain; charset=utf-8",
	                           "there are /metrics, /health and /status\n", NULL};
	for (size_t i = 0; i < sizeof all_pages / sizeof all_pages[0]; i++) {
		if (strcmp(all_pages[i].path, request->path) != 0)
			continue;
		refresh(pages);
		page->status = 200;
		all_pages[i].write(pages, page);
	}
}
