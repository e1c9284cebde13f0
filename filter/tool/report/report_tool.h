/*
 * report_tool.h - what the files of `assay report` share: report.c reads the arguments,
 * report_send.c and report_build.c do what it says.
 */
#ifndef ASSAY_REPORT_TOOL_H
#define ASSAY_REPORT_TOOL_H

#include <stdbool.h>
#include <time.h>

#include "store/store_query.h"

struct report_arguments {
	const char *settings, *store, *day, *at; /* NULL: not given */
	bool all, json, csv, dry_run, scheduled;
	const char *what;
	const char *argument; /* the domain, or the folder */
	struct store_query_range range;
	time_t now;
};

/* Both return the exit status. */
int report_send(const struct report_arguments *arguments);
int report_build(const struct report_arguments *arguments);

/* The settings that were asked for, or the standard ones, without the keys, which who looks may not
 * be allowed to read; NULL after a message. */
struct settings *report_settings_of(const struct report_arguments *arguments);

/* The same with the keys, for who signs. */
struct settings *report_settings_with_keys(const struct report_arguments *arguments);

#endif
