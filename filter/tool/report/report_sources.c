/*
 * report_sources.c - `assay report sources DOMAIN`: who sends as the domain, and what to do.
 */
#include <stdint.h>
#include <stdio.h>
#include <sysexits.h>

#include "base/text.h"
#include "tool/common/tool.h"
#include "tool/report/received_open.h"
#include "tool/report/received_print.h"
#include "tool/report/received_rows.h"
#include "tool/report/report_tool.h"

enum {
	SOURCES_LISTED = 50 /* unless --all */
};

static void sources_for_people(const struct report_arguments *arguments,
                               const struct sources *sources, const struct received_days *totals)
{
	struct arena *arena = arena_new();
	struct readiness readiness;
	struct check_page page;

	check_page_begin(&page, stdout, arena);
	if (totals->count == 0) {
		printf("No reports from others on %s in these days.\n", arguments->argument);
	} else {
		readiness = readiness_judge(sources, totals->items[0].days,
		                            totals->items[0].reports, arena);
		received_print_domain(&page, &totals->items[0], &readiness);
		received_print_sources(&page, sources, arguments->all ? SIZE_MAX : SOURCES_LISTED,
		                       "--all prints all");
	}
	arena_free(arena);
}

static void sources_show(const struct report_arguments *arguments, const struct sources *sources,
                         const struct received_days *totals)
{
	struct arena *arena = arena_new();

	if (arguments->csv)
		received_rows_sources_csv(sources);
	else if (arguments->json)
		received_rows_sources_json(sources, arena);
	else
		sources_for_people(arguments, sources, totals);
	arena_free(arena);
}

int report_sources(const struct report_arguments *arguments)
{
	const struct sources *sources = NULL;
	struct received_days totals = {.count = 0};
	struct received_open opened;
	struct problem problem;
	int status = received_open_begin(&opened, arguments, false);

	if (status != EX_OK)
		return status;
	if (received_view_domains(opened.view, arguments->argument, &totals, &problem))
		sources = received_view_sources(opened.view, arguments->argument, &problem);
	if (sources != NULL)
		sources_show(arguments, sources, &totals);
	else
		status = tool_complain(EX_IOERR, "%s", problem.message);
	received_open_end(&opened);
	return status;
}
