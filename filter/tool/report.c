/*
 * report.c - `assay report list` and `assay report show DOMAIN`: what the report store holds.
 */
#include <getopt.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "domain.h"
#include "settings.h"
#include "tool/report_print.h"
#include "tool/tool.h"

enum {
	LINES_MOST = 100, /* of `show`, unless --all */
	DAY = 24 * 60 * 60
};

struct asked {
	const char *settings, *store, *day; /* NULL: not given */
	bool all, json;
	const char *what, *domain;
	struct store_query_range range;
};

static bool read_options(int argc, char **argv, struct asked *asked)
{
	static const struct option longer[] = {{"all", no_argument, NULL, 'a'},
	                                       {"day", required_argument, NULL, 'd'},
	                                       {"json", no_argument, NULL, 'j'},
	                                       {"store", required_argument, NULL, 's'},
	                                       {NULL, 0, NULL, 0}};
	int letter;

	*asked = (struct asked){.range = {0, (time_t)LONG_MAX}};
	opterr = 0;
	while ((letter = getopt_long(argc, argv, ":c:", longer, NULL)) != -1) {
		switch (letter) {
		case 'a':
			asked->all = true;
			break;
		case 'c':
			asked->settings = optarg;
			break;
		case 'd':
			asked->day = optarg;
			break;
		case 'j':
			asked->json = true;
			break;
		case 's':
			asked->store = optarg;
			break;
		default:
			return false;
		}
	}
	return true;
}

static bool read_day(const char *day, struct store_query_range *range)
{
	struct tm utc = {0};
	const char *end = strptime(day, "%Y-%m-%d", &utc);

	if (end == NULL || *end != '\0')
		return false;
	range->since = timegm(&utc);
	range->before = range->since + DAY;
	return true;
}

/* The path of the store in the arena, or NULL after a message. */
static const char *find_store(const struct asked *asked, struct arena *arena)
{
	const char *path = asked->settings == NULL ? settings_standard_path() : asked->settings;
	struct settings *settings;
	struct problem problem;
	const char *store;

	if (asked->store != NULL)
		return asked->store;
	/* without the standard file, the built-in settings count */
	settings = settings_read(asked->settings == NULL && access(path, F_OK) != 0 ? NULL : path, &problem);
	if (settings == NULL) {
		fprintf(stderr, "assay: %s\n", problem.words);
		return NULL;
	}
	store = arena_string(arena, settings->reports.store);
	settings_release(settings);
	if (store[0] != '\0')
		return store;
	fprintf(stderr, "assay: reports.store is empty in %s: no rows are kept\n", path);
	return NULL;
}

static bool list(struct store_query *query, const struct asked *asked, struct report_page *page,
                 struct problem *problem)
{
	report_print_list_begin(page);
	if (!store_query_periods(query, &asked->range, report_print_period, page, problem))
		return false;
	report_print_list_end(page);
	return true;
}

static bool show(struct store_query *query, const struct asked *asked, struct report_page *page,
                 struct problem *problem)
{
	struct store_query_total total = {0};

	if (!store_query_totals(query, asked->domain, &asked->range, &total, problem))
		return false;
	report_print_show_begin(page, asked->domain, &total);
	if (!store_query_senders(query, asked->domain, &asked->range,
	                         asked->all || page->json ? LONG_MAX : LINES_MOST, report_print_sender, page,
	                         problem))
		return false;
	report_print_show_end(page, &total);
	return true;
}

static int answer(const struct asked *asked, const char *store)
{
	struct report_page page = {.json = asked->json, .arena = arena_new()};
	struct problem problem;
	struct store_query *query = store_query_open(store, &problem);
	bool good = query != NULL && (asked->domain == NULL ? list : show)(query, asked, &page, &problem);

	store_query_close(query);
	arena_free(page.arena);
	if (good)
		return EX_OK;
	fprintf(stderr, "assay: %s\n", problem.words);
	return EX_NOINPUT;
}

/* EX_OK, or the status after a message. */
static int read_words(int argc, char **argv, struct asked *asked, struct arena *arena)
{
	if (!read_options(argc, argv, asked))
		return tool_misuse("report", "\"%.60s\" is no option of report, or needs a value",
		                   argv[optind - 1]);
	if (asked->day != NULL && !read_day(asked->day, &asked->range))
		return tool_misuse("report", "\"%.60s\" is no day, as 2026-11-30 is one", asked->day);
	asked->what = optind < argc ? argv[optind++] : "";
	if (strcmp(asked->what, "list") != 0 && strcmp(asked->what, "show") != 0)
		return tool_misuse("report", "report wants \"list\" or \"show DOMAIN\"");
	if (strcmp(asked->what, "show") == 0) {
		const char *name = optind < argc ? argv[optind++] : "";

		asked->domain = domain_normalize(arena, name, strlen(name));
		if (asked->domain == NULL)
			return tool_misuse("report", "\"%.60s\" is no domain", name);
	}
	if (optind < argc)
		return tool_misuse("report", "\"%.60s\" is one argument too many", argv[optind]);
	return EX_OK;
}

int tool_report(int argc, char **argv)
{
	struct arena *arena = arena_new();
	struct asked asked;
	int status = read_words(argc, argv, &asked, arena);

	if (status == EX_OK) {
		const char *store = find_store(&asked, arena);

		status = store == NULL ? EX_CONFIG : answer(&asked, store);
	}
	arena_free(arena);
	return status;
}
