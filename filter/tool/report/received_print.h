/*
 * received_print.h - reports of others for people, in 80 columns: for `assay report received`,
 * `sources` and `digest`. Everything from outside is escaped (check_page_safe()).
 */
#ifndef ASSAY_RECEIVED_PRINT_H
#define ASSAY_RECEIVED_PRINT_H

#include "received/readiness.h"
#include "received/sources.h"
#include "tool/check/check_page.h"
#include "tool/report/received_view.h"

enum {
	RECEIVED_PRINT_COLUMNS = 80
};

/* The text, made safe, in lines of at most 80 columns; each begins with `indent` blanks. */
void received_print_wrapped(struct check_page *page, unsigned indent, const char *text);

/* "2026-11-30" */
const char *received_print_day(struct arena *arena, int64_t day);

/* A domain with its share, and whether it is ready for p=reject; `readiness` may be NULL. */
void received_print_domain(struct check_page *page, const struct received_day *domain,
                           const struct readiness *readiness);

void received_print_days(struct check_page *page, const struct received_days *days);
void received_print_reporters(struct check_page *page, const struct received_reporters *reporters);
void received_print_tls(struct check_page *page, const struct received_tls *tls);

/* At most `max` sources; `all` as the option that shows the others, NULL for none. */
void received_print_sources(struct check_page *page, const struct sources *sources, size_t max,
                            const char *all);

#endif
