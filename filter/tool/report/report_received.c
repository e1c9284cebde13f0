/*
 * report_received.c - `assay report received`: what others saw of our domains.
 */
#include <stdio.h>
#include <sysexits.h>

#include "base/text.h"
#include "tool/common/tool.h"
#include "tool/report/received_open.h"
#include "tool/report/received_print.h"
#include "tool/report/received_rows.h"
#include "tool/report/report_tool.h"

enum {
	DOMAINS_JUDGED = 20 /* that readiness is found out for: each costs lookups */
};

/* Everything that is shown. */
struct found {
	struct received_days domains, days;
	struct received_reporters reporters;
	struct received_tls tls;
	struct received_rows_domain *judged;
};

static bool judge_domains(struct received_view *view, struct found *found, struct problem *problem)
{
	struct arena *arena = received_view_arena(view);

	found->judged = arena_allocate(arena, (found->domains.count + 1) * sizeof *found->judged);
	for (size_t i = 0; i < found->domains.count; i++) {
		const struct received_day *total = &found->domains.items[i];
		const struct sources *sources;

		found->judged[i] = (struct received_rows_domain){
		    .total = *total, .policy = "", .readiness = {.text = ""}};
		found->judged[i].readiness.state = READINESS_TOO_LITTLE;
		if (i >= DOMAINS_JUDGED)
			continue;
		sources = received_view_sources(view, total->domain, problem);
		if (sources == NULL)
			return false;
		found->judged[i].policy = sources->policy;
		found->judged[i].readiness =
		    readiness_judge(sources, total->days, total->reports, arena);
	}
	return true;
}

static bool find_all(struct received_view *view, const struct report_arguments *arguments,
                     struct found *found, struct problem *problem)
{
	const char *domain = arguments->argument;

	if ((domain != NULL || arguments->json || arguments->csv) &&
	    !received_view_days(view, domain, &found->days, problem))
		return false;
	if (arguments->csv)
		return true;
	return received_view_domains(view, domain, &found->domains, problem) &&
	       received_view_reporters(view, domain, &found->reporters, problem) &&
	       received_view_tls(view, domain, &found->tls, problem) &&
	       judge_domains(view, found, problem);
}

static void print_people(const struct report_arguments *arguments, const struct found *found)
{
	struct arena *arena = arena_new();
	struct check_page page;

	check_page_begin(&page, stdout, arena);
	if (found->domains.count == 0 && found->tls.count == 0)
		printf("No reports from others in these days%s%s.\n",
		       arguments->argument == NULL ? "" : " on ",
		       arguments->argument == NULL ? "" : arguments->argument);
	for (size_t i = 0; i < found->domains.count; i++)
		received_print_domain(&page, &found->domains.items[i],
		                      found->judged[i].readiness.text[0] == '\0'
		                          ? NULL
		                          : &found->judged[i].readiness);
	if (found->days.count > 0) {
		putchar('\n');
		received_print_days(&page, &found->days);
	}
	received_print_reporters(&page, &found->reporters);
	received_print_tls(&page, &found->tls);
	arena_free(arena);
}

static void received_show(const struct report_arguments *arguments, const struct found *found)
{
	const struct received_rows rows = {.since = arguments->range.since,
	                                   .before = arguments->range.before,
	                                   .domain_count = found->domains.count,
	                                   .domains = found->judged,
	                                   .days = &found->days,
	                                   .reporters = &found->reporters,
	                                   .tls = &found->tls};
	struct arena *arena = arena_new();

	if (arguments->csv)
		received_rows_csv(&found->days);
	else if (arguments->json)
		received_rows_json(&rows, arena);
	else
		print_people(arguments, found);
	arena_free(arena);
}

int report_received(const struct report_arguments *arguments)
{
	struct found found = {.judged = NULL};
	struct received_open opened;
	struct problem problem;
	int status = received_open_begin(&opened, arguments, false);

	if (status != EX_OK)
		return status;
	if (find_all(opened.view, arguments, &found, &problem))
		received_show(arguments, &found);
	else
		status = tool_complain(EX_IOERR, "%s", problem.message);
	received_open_end(&opened);
	return status;
}
