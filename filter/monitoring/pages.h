/*
 * pages.h - the pages that assayd serves: /metrics, /health and /status.
 */
#ifndef ASSAY_PAGES_H
#define ASSAY_PAGES_H

#include "metrics/facts.h"
#include "monitoring/http.h"

struct pages;

struct pages *pages_new(const struct facts_source *source); /* NULL: no memory */
void pages_free(struct pages *pages);

/* An http_answer_function; `context` is the struct pages. The page is valid until the next call. */
void pages_answer(void *context, const struct http_request *request, struct http_page *page);

#endif
