/*
 * web_ahead.h - makes the pages that take long before somebody asks: that of the domains, and those
 * of the domains with most messages, over the days that they show unless asked for others.
 */
#ifndef ASSAY_WEB_AHEAD_H
#define ASSAY_WEB_AHEAD_H

#include "tool/web/web.h"

struct web_ahead;

/* Starts the thread, at the lowest priority. NULL: none can be started, and pages are made when
 * they are asked for. */
struct web_ahead *web_ahead_start(const struct web_site *site);
void web_ahead_stop(struct web_ahead *ahead); /* NULL is allowed */

#endif
