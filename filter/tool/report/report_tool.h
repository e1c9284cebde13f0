/*
 * report_tool.h - the subcommands of `assay report` that have a file of their own: report_send.c,
 * report_build.c, report_received.c, report_sources.c, report_digest.c, report_read.c and
 * report_failures.c. report.c reads the arguments and calls them.
 */
#ifndef ASSAY_REPORT_TOOL_H
#define ASSAY_REPORT_TOOL_H

#include "tool/report/report_arguments.h"
#include "tool/report/report_print.h"

/* The question that report.c asks for `assay report failures`. */
bool report_failures(struct store_query *query, const struct report_arguments *arguments,
                     struct report_page *page, struct problem *problem);

/* All return the exit status. */
int report_send(const struct report_arguments *arguments);
int report_build(const struct report_arguments *arguments);
int report_received(const struct report_arguments *arguments);
int report_sources(const struct report_arguments *arguments);
int report_digest(const struct report_arguments *arguments);
int report_read(const struct report_arguments *arguments);
int report_captured(const struct report_arguments *arguments); /* report read --captured */

#endif
