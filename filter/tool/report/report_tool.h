/*
 * report_tool.h - the subcommands of `assay report` that have a file of their own: report_send.c,
 * report_build.c, report_received.c, report_sources.c, report_digest.c and report_read.c. report.c
 * reads the arguments and calls them.
 */
#ifndef ASSAY_REPORT_TOOL_H
#define ASSAY_REPORT_TOOL_H

#include "tool/report/report_arguments.h"

/* All return the exit status. */
int report_send(const struct report_arguments *arguments);
int report_build(const struct report_arguments *arguments);
int report_received(const struct report_arguments *arguments);
int report_sources(const struct report_arguments *arguments);
int report_digest(const struct report_arguments *arguments);
int report_read(const struct report_arguments *arguments);
int report_captured(const struct report_arguments *arguments); /* report read --captured */

#endif
