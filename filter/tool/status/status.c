/*
 * status.c - `assay status`: asks the running daemon for its status and prints it.
 */
#include "tool/status/status.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/invariant.h"
#include "settings/settings.h"
#include "tool/common/fields_json.h"
#include "tool/common/tool.h"

struct status_request {
	const char *settings; /* NULL: the default path */
	bool json;
};

static const struct tool_target targets[] = {TOOL_TARGET('c', struct status_request, settings),
                                             TOOL_TARGET('j', struct status_request, json),
                                             {.letter = '\0'}};

/* Without keys, because the user may not be allowed to read them. If the standard file has an
 * error, the daemon goes on with its former settings, so it is asked at the default address. */
static struct settings *read_settings(const struct status_request *request)
{
	struct problem problem;
	struct settings *settings =
	    settings_read_keyless(tool_settings_path(request->settings), &problem);

	if (settings != NULL)
		return settings;
	fprintf(stderr, "assay: %s\n", problem.message);
	if (request->settings != NULL)
		return NULL;
	settings = settings_read_keyless(NULL, &problem);
	if (settings != NULL)
		fprintf(stderr, "assay: asking at %s, the default\n", settings->metrics.listen);
	return settings;
}

static bool show_json(const char *json)
{
	char *ascii = fields_json_ascii(json);

	if (ascii != NULL)
		puts(ascii);
	free(ascii);
	return ascii != NULL;
}

static bool show_page(const char *json, struct arena *arena)
{
	struct status status;

	if (!status_read(json, arena, &status))
		return false;
	status_print(&status, arena);
	return true;
}

static int status_show(const char *json, const struct status_request *request, struct arena *arena)
{
	if (request->json ? show_json(json) : show_page(json, arena))
		return EX_OK;
	fprintf(stderr, "assay: the answer at metrics.listen is not one of assayd%s\n",
	        request->json ? "" : " of this version; --json shows it");
	return EX_UNAVAILABLE;
}

static int status_ask(const char *listen, const struct status_request *request, struct arena *arena)
{
	struct problem problem;
	struct listen_address place;
	char *json;
	int result;

	invariant(listen != NULL);
	if (!listen_address_read(listen, arena, &place)) {
		fputs("assay: metrics.listen is empty, so the daemon cannot be asked: set "
		      "metrics: { listen = \"inet:8892@127.0.0.1\"; }; and reload assayd\n",
		      stderr);
		return EX_UNAVAILABLE;
	}
	json = status_fetch(&place, arena, &problem);
	if (json == NULL) {
		fprintf(stderr,
		        "assay: assayd does not answer on %s (setting \"metrics.listen\"): %s; "
		        "does it run?\n",
		        listen, problem.message);
		return EX_UNAVAILABLE;
	}
	result = status_show(json, request, arena);
	free(json);
	return result;
}

static int status_run(int argc, char **argv)
{
	struct settings *settings;
	struct status_request request = {.settings = NULL};
	struct arena *arena;
	int result;

	if (tool_read_options(&tool_status, argc, argv, targets, &request) != -1)
		return EX_USAGE;
	if (optind < argc)
		return tool_misuse("status", "unexpected argument \"%.60s\"", argv[optind]);
	settings = read_settings(&request);
	if (settings == NULL)
		return EX_CONFIG;
	arena = arena_new();
	result = status_ask(settings->metrics.listen, &request, arena);
	arena_free(arena);
	settings_release(settings);
	return result;
}

static const char *const usage[] = {"status [-c FILE] [--json]", NULL};

static const struct tool_option options[] = {
    {"-c", 'c', "FILE",
     "read the daemon's address (metrics.listen) from FILE instead of the standard file; if the "
     "standard file has an error, the default address is asked"},
    {"--json", 'j', NULL, "print one JSON object, as the daemon sends it"},
    {.name = NULL},
};

const struct tool_command tool_status = {
    .name = "status",
    .run = status_run,
    .summary = "what the running daemon is doing",
    .usage = usage,
    .about = "Asks the daemon on this host, at the address of metrics.listen, and prints since "
             "when it runs, its settings, verdicts, DNS lookups, reports and keys, and what needs "
             "attention. Quantiles are of the last hour.",
    .options = options,
    .statuses = "0 it runs, 64 usage, 69 it does not answer, 78 errors in the settings of -c",
};
