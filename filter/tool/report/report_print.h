/*
 * report_print.h - how `assay report` writes its answers: tables for people, or one JSON object;
 * report_csv.h has the third way.
 */
#ifndef ASSAY_REPORT_PRINT_H
#define ASSAY_REPORT_PRINT_H

#include <stdbool.h>

#include "base/arena.h"
#include "store/retention.h"
#include "store/store_query.h"

struct report_page {
	bool json, csv;
	unsigned long lines; /* printed so far */
	struct arena *arena; /* reset with each line */
};

/* The callbacks take a struct report_page. */
void report_print_list_begin(struct report_page *page);
void report_print_period(const struct store_query_period *period, void *page);
void report_print_list_end(struct report_page *page, const struct retention_size *size);

void report_print_show_begin(struct report_page *page, const char *domain,
                             const struct store_query_total *total);
void report_print_sender(const struct store_query_sender *sender, void *page);
void report_print_show_end(struct report_page *page, const struct store_query_total *total);

#endif
