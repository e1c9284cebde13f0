/*
 * report_csv.h - `assay report --csv`: comma-separated values (RFC 4180) with a line of names.
 */
#ifndef ASSAY_REPORT_CSV_H
#define ASSAY_REPORT_CSV_H

#include "store/store_query.h"

/* For store_query.h; they take a struct report_page. */
void report_csv_period(const struct store_query_period *period, void *page);
void report_csv_sender(const struct store_query_sender *sender, void *page);

#endif
