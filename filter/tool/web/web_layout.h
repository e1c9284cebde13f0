/*
 * web_layout.h - what pages have in common: head, way around, tables.
 */
#ifndef ASSAY_WEB_LAYOUT_H
#define ASSAY_WEB_LAYOUT_H

#include "tool/web/web.h"

/* Up to the heading; `here` is the path in the navigation, or NULL. */
void web_layout_begin(struct web_page *page, const char *title, const char *here);
void web_layout_end(struct web_page *page);

/* Begins a table that scrolls by itself where the window is narrow; `id` names it. With `chart`, a
 * script draws its columns that have data-series. Rows follow, then web_layout_table_end(). */
struct web_table {
	const char *id, *caption;
	bool chart;
};
void web_layout_table(struct html *html, const struct web_table *table);
void web_layout_table_end(struct html *html);

/* The heads of a table, ended by NULL; those that begin with # are of numbers, those with ~ of
 * numbers that a chart draws. */
void web_layout_heads(struct html *html, const char *const *heads);

/* A cell with a number. */
void web_layout_number(struct html *html, int64_t number);

/* Cells: messages, passed in percent, forwarded, failing. */
void web_layout_numbers(struct html *html, const struct received_numbers *numbers);

/* "97.3%" in the arena. */
const char *web_layout_percent(const struct html *html, int64_t part, int64_t whole);

/* Links to the same page over 7, 30, 90 and 365 days. `path` has the arguments, each followed by
 * an &; it is written as it is, so it comes from html_url(). */
void web_layout_periods(struct web_page *page, const char *path);

/* "and N more" behind a table that was cut. */
void web_layout_more(struct html *html, size_t shown, size_t all);

/* Class and word of a state. */
const char *web_layout_state_class(enum readiness_state state);
const char *web_layout_state_word(enum readiness_state state);

#endif
