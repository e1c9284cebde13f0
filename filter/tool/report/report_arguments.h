/*
 * report_arguments.h - the arguments of `assay report` and the settings that they name, for each of
 * its subcommands. report.c reads the arguments.
 */
#ifndef ASSAY_REPORT_ARGUMENTS_H
#define ASSAY_REPORT_ARGUMENTS_H

#include <stdbool.h>
#include <time.h>

#include "store/store_query.h"

struct report_arguments {
	const char *settings, *store, *day, *at; /* NULL: not given */
	const char *days, *to;                   /* likewise */
	bool no_dns;
	bool all, json, csv, dry_run, scheduled, captured, trust;
	const char *what;     /* the subcommand */
	const char *argument; /* the domain, the folder, or "list" or "show" of failures */
	const char *more;     /* the number of a failure report */
	char *const *files;   /* of `read`, ended by NULL */
	struct store_query_range range;
	time_t now;
};

/*
 * The settings that were asked for, or the standard ones, without the signing keys, which whoever
 * reads reports may not be allowed to read. NULL after a message; the caller releases them.
 */
struct settings *report_settings_of(const struct report_arguments *arguments);

/* The same with the keys, for signing the mails. */
struct settings *report_settings_with_keys(const struct report_arguments *arguments);

#endif
