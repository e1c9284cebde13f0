/*
 * config.c - `assay config`: checks the settings, prints those in effect, explains them, prints the sample.
 */
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <sysexits.h>

#include "settings/settings.h"
#include "tool/tool.h"

struct asked {
	const char *settings; /* NULL: the default path */
	bool explain;
	bool sample;
};

static int print_effective(const char *path)
{
	struct problem problem;
	struct settings *settings = settings_read(path, &problem);

	if (settings == NULL) {
		fprintf(stderr, "assay: %s\n", problem.words);
		return EX_CONFIG;
	}
	settings_print(settings, stdout);
	settings_release(settings);
	return EX_OK;
}

static int explain(const char *name)
{
	struct problem problem;

	if (settings_explain(name, stdout, &problem))
		return EX_OK;
	fprintf(stderr, "assay: %s\n", problem.words);
	return EX_USAGE;
}

static bool read_options(int argc, char **argv, struct asked *asked)
{
	int letter;

	*asked = (struct asked){.settings = NULL};
	while ((letter = tool_next_option(&tool_config, argc, argv)) != -1) {
		if (letter == 'c')
			asked->settings = optarg;
		else if (letter == 'e')
			asked->explain = true;
		else if (letter == 's')
			asked->sample = true;
		else
			return false;
	}
	return true;
}

static int run(int argc, char **argv)
{
	struct asked asked;

	if (!read_options(argc, argv, &asked))
		return EX_USAGE;
	if (optind + (asked.explain ? 1 : 0) < argc)
		return tool_misuse("config", "\"%.60s\" is one argument too many", argv[argc - 1]);
	if (asked.explain && asked.sample)
		return tool_misuse("config", "--explain and --sample do not go together");
	if (asked.sample) {
		settings_sample(stdout);
		return EX_OK;
	}
	if (asked.explain)
		return explain(argv[optind]);
	return print_effective(asked.settings == NULL ? settings_standard_path() : asked.settings);
}

static const char *const usage[] = {"config [-c FILE]", "config --explain [NAME]", "config --sample", NULL};

static const struct tool_option options[] = {
    {"-c", 'c', "FILE", "settings (default " ASSAY_SETTINGS ")"},
    {"--explain", 'e', NULL,
     "tells what a setting (dmarc.enforce), a group (dmarc) or every setting is for, what it takes and what "
     "it is "
     "by default"},
    {"--sample", 's', NULL,
     "prints a settings file in which every setting stands commented out at its default"},
    {NULL, 0, NULL, NULL},
};

const struct tool_command tool_config = {
    .name = "config",
    .run = run,
    .summary = "check the settings, print those in effect, explain them",
    .usage = usage,
    .about = "Checks the settings and prints those in effect, defaults included, as an assay.conf.",
    .options = options,
    .statuses = "0 sound, 64 usage, 78 settings",
};
