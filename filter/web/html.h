/*
 * html.h - writes HTML. Nothing reaches a page but through html_add(), whose format is markup of
 * ours, a constant, and whose %s are texts of others, escaped here. So no text can become markup,
 * in an element or in a quoted value of an attribute.
 *
 * A page belongs to one thread.
 */
#ifndef ASSAY_HTML_H
#define ASSAY_HTML_H

#include <stdint.h>

#include "base/text.h"

enum {
	HTML_PAGE_MAX = 16 * 1024 * 1024, /* octets of a page */
	HTML_TEXT_MAX = 8192              /* octets of one text that are shown */
};

struct html {
	struct arena *arena;
	struct text page; /* `cut` where it became too long */
};

void html_begin(struct html *html, struct arena *arena);

/*
 * Conversions of the format, all without flags or width: %s, a text that is escaped; NULL is "".
 * %zu, %lu and %d, numbers as they are; %% a percent sign. Invisible octets of a text (controls,
 * marks of direction, what is not UTF-8) become \xNN; beyond HTML_TEXT_MAX octets it ends in "...".
 */
void html_add(struct html *html, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* For %s: "1,234,567". In the html's arena. */
const char *html_count(const struct html *html, int64_t number);

/* For %s in an address: everything but letters, digits and -._~ becomes %XX (RFC 3986 2.1). */
const char *html_url(const struct html *html, const char *text);

/* For %s: the day in UTC, "2026-11-28"; with the minute, "2026-11-28 10:15". */
const char *html_day(const struct html *html, int64_t when);
const char *html_minute(const struct html *html, int64_t when);

#endif
