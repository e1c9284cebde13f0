/*
 * report_csv.h - `assay report --csv`: comma-separated values (RFC 4180) with a line of names.
 */
#ifndef ASSAY_REPORT_CSV_H
#define ASSAY_REPORT_CSV_H

#include "store/store_query.h"

/* One value, and what stands behind it: a comma or a line feed. Quotes around what needs them (RFC
 * 4180 2), an apostrophe before what a spreadsheet would take for a formula. What would move a
 * terminal's cursor or turn the direction of what follows is escaped, also into a pipe: who reads a
 * file of it may well do so on a terminal. */
void report_csv_put(const char *value, char end);
void report_csv_time(time_t when, char end);

/* For store_query.h; they take a struct report_page. */
void report_csv_period(const struct store_query_period *period, void *page);
void report_csv_sender(const struct store_query_sender *sender, void *page);

#endif
