/*
 * status.c - `assay status`: asks the running daemon how it is and what it does.
 */
#include "tool/status/status.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "settings/settings.h"
#include "tool/common/fields_json.h"
#include "tool/common/tool.h"

struct status_asked {
	const char *settings; /* NULL: the default path */
	bool json;
};

static bool status_read_options(int argc, char **argv, struct status_asked *asked)
{
	int letter;

	*asked = (struct status_asked){.settings = NULL};
	while ((letter = tool_next_option(&tool_status, argc, argv)) != -1) {
		if (letter == 'c')
			asked->settings = optarg;
		else if (letter == 'j')
			asked->json = true;
		else
			return false;
	}
	return true;
}

/* Who asks may not be allowed to read the keys. Where the standard file has an error, the daemon
 * goes on with the former settings, and somebody wants to know how it is. */
static struct settings *read_settings(const struct status_asked *asked)
{
	struct problem problem;
	struct settings *settings =
	    settings_read_keyless(tool_settings_path(asked->settings), &problem);

	if (settings != NULL)
		return settings;
	fprintf(stderr, "assay: %s\n", problem.message);
	if (asked->settings != NULL)
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

static int status_show(const char *json, const struct status_asked *asked, struct arena *arena)
{
	if (asked->json ? show_json(json) : show_page(json, arena))
		return EX_OK;
	fprintf(stderr, "assay: what answers at metrics.listen is not assayd%s\n",
	        asked->json ? "" : " of this version; --json shows what it says");
	return EX_UNAVAILABLE;
}

static int status_ask(const char *listen, const struct status_asked *asked, struct arena *arena)
{
	struct problem problem;
	struct listen_address place;
	char *json;
	int result;

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
	result = status_show(json, asked, arena);
	free(json);
	return result;
}

static int status_run(int argc, char **argv)
{
	struct settings *settings;
	struct status_asked asked;
	struct arena *arena;
	int result;

	if (!status_read_options(argc, argv, &asked))
		return EX_USAGE;
	if (optind < argc)
		return tool_misuse("status", "unexpected argument \"%.60s\"", argv[optind]);
	settings = read_settings(&asked);
	if (settings == NULL)
		return EX_CONFIG;
	arena = arena_new();
	result = status_ask(settings->metrics.listen, &asked, arena);
	arena_free(arena);
	settings_release(settings);
	return result;
}

static const char *const usage[] = {"status [-c FILE] [--json]", NULL};

static const struct tool_option options[] = {
    {"-c", 'c', "FILE",
     "settings instead of the standard file: where the daemon is asked. Where the standard file "
     "has an error, at the default address"},
    {"--json", 'j', NULL, "one JSON object, as the daemon gives it"},
    {.name = NULL},
};

const struct tool_command tool_status = {
    .name = "status",
    .run = status_run,
    .summary = "what the running daemon is doing",
    .usage = usage,
    .about = "Asks the daemon on this host, at the address of metrics.listen: since when it runs, "
             "with which settings, what became of the messages, how the DNS answers, how reports "
             "stand, and what somebody should do something about. Quantiles are of the last hour.",
    .options = options,
    .statuses = "0 it runs, 64 usage, 69 it does not answer, 78 errors in the settings of -c",
};
