/*
 * web_reports.h - a list of single reports, for the pages /reports and /domain.
 */
#ifndef ASSAY_WEB_REPORTS_H
#define ASSAY_WEB_REPORTS_H

#include "tool/web/web.h"

/* The newest, at most `max`; of all domains where `domain` is NULL. False: the store failed. */
bool web_reports_put(struct web_page *page, const char *domain, long max, struct problem *problem);

#endif
