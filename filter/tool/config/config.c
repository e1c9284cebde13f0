/*
 * config.c - `assay config`: checks the settings, prints those in effect, explains them, prints the
 * sample.
 */
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "review/review.h"
#include "settings/settings.h"
#include "tool/common/tool.h"
#include "tool/config/config_print.h"
#include "tool/config/config_set.h"

struct config_asked {
	const char *settings; /* NULL: the default path */
	bool explain;
	bool sample;
	bool strict; /* warnings count */
	bool json;
	bool changed; /* only what differs from the defaults */
};

static int status_of(const struct review *review, const struct config_asked *asked)
{
	if (review->errors > 0)
		return EX_CONFIG;
	return asked->strict && review->warnings > 0 ? 1 : EX_OK;
}

/* The defaults always read; without memory everything counts as changed. */
static void print_changed(const struct settings *settings)
{
	struct problem problem;
	struct settings *standard = settings_read_keyless(NULL, &problem);

	if (standard == NULL) {
		settings_print(settings, stdout);
		return;
	}
	settings_print_changed(settings, standard, stdout);
	settings_release(standard);
}

static int config_check(const char *path, const struct config_asked *asked)
{
	struct problem problem;
	struct settings *settings = tool_settings_read(path, &problem);
	struct arena *arena;
	struct review review;

	if (settings == NULL && asked->json)
		config_print_json_problem(path, &problem, stdout);
	else if (settings == NULL)
		fprintf(stderr, "assay: %s\n", problem.message);
	if (settings == NULL)
		return EX_CONFIG;
	arena = arena_new();
	review = review_settings(settings, &review_machine, arena);
	if (asked->json) {
		config_print_json(settings, &review, stdout);
	} else {
		if (asked->changed)
			print_changed(settings);
		else
			settings_print(settings, stdout);
		if (!asked->changed)
			config_print_keys(settings, stdout);
		review_print(&review, stderr);
	}
	arena_free(arena);
	settings_release(settings);
	return status_of(&review, asked);
}

static int explain(const char *name)
{
	struct problem problem;

	if (settings_explain(name, stdout, &problem))
		return EX_OK;
	fprintf(stderr, "assay: %s\n", problem.message);
	return EX_USAGE;
}

static const struct tool_target targets[] = {TOOL_TARGET('c', struct config_asked, settings),
                                             TOOL_TARGET('e', struct config_asked, explain),
                                             TOOL_TARGET('s', struct config_asked, sample),
                                             TOOL_TARGET('x', struct config_asked, strict),
                                             TOOL_TARGET('j', struct config_asked, json),
                                             TOOL_TARGET('n', struct config_asked, changed),
                                             {.letter = '\0'}};

/* The words behind the options are "set NAME VALUE". */
static bool is_set(int argc, char **argv)
{
	return optind < argc && strcmp(argv[optind], "set") == 0;
}

static int config_run(int argc, char **argv)
{
	struct config_asked asked = {.settings = NULL};

	if (tool_read_options(&tool_config, argc, argv, targets, &asked) != -1)
		return EX_USAGE;
	if (is_set(argc, argv) && !asked.explain) {
		if (argc - optind != 3)
			return tool_misuse("config", "config set takes a name and a value");
		return config_set(asked.settings == NULL ? settings_standard_path()
		                                         : asked.settings,
		                  argv[optind + 1], argv[optind + 2]);
	}
	if (optind + (asked.explain ? 1 : 0) < argc)
		return tool_misuse("config", "unexpected argument \"%.60s\"", argv[argc - 1]);
	if (asked.explain && asked.sample)
		return tool_misuse("config", "--explain and --sample do not go together");
	if (asked.sample) {
		settings_sample(stdout);
		return EX_OK;
	}
	if (asked.explain)
		return explain(argv[optind]);
	return config_check(asked.settings == NULL ? settings_standard_path() : asked.settings,
	                    &asked);
}

static const char *const usage[] = {"config [-c FILE] [--strict] [--changed | --json]",
                                    "config [-c FILE] set NAME VALUE", "config --explain [NAME]",
                                    "config --sample", NULL};

static const struct tool_option options[] = {
    {"-c", 'c', "FILE", "settings (default " ASSAY_SETTINGS ")"},
    {"--strict", 'x', NULL, "exit status 1 where there is a warning"},
    {"--json", 'j', NULL,
     "one JSON object with what was found and the signing keys, instead of the settings"},
    {"--changed", 'n', NULL, "only the settings that differ from their defaults"},
    {"--explain", 'e', NULL,
     "tells what a setting (dmarc.enforce), a group (dmarc) or every setting is for, what it takes "
     "and what it is by default"},
    {"--sample", 's', NULL,
     "prints a settings file in which every setting stands commented out at its default"},
    {NULL, 0, NULL, NULL},
};

const struct tool_command tool_config = {
    .name = "config",
    .run = config_run,
    .summary = "check the settings, print those in effect, explain them",
    .usage = usage,
    .about =
        "Checks the settings and prints those in effect, defaults included, as an assay.conf. "
        "Every signing key is read and makes a test signature. Values that contradict each "
        "other or do nothing, rules that never apply, and files that the daemon's user cannot "
        "use are warnings on standard error. config set changes one value in the file, comments "
        "stay as they are, and nothing changes unless the settings are valid with it.",
    .options = options,
    .statuses = "0 sound, also with warnings; 1 warnings with --strict; 64 usage; 78 errors in the "
                "settings",
};
