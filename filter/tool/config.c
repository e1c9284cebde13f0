/*
 * config.c - `assay config`: checks the settings, prints those in effect, explains them, prints the sample.
 */
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <sysexits.h>

#include "settings.h"
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
	static const struct option longer[] = {
	    {"explain", no_argument, NULL, 'e'}, {"sample", no_argument, NULL, 's'}, {NULL, 0, NULL, 0}};
	int letter;

	*asked = (struct asked){.settings = NULL};
	opterr = 0;
	while ((letter = getopt_long(argc, argv, ":c:", longer, NULL)) != -1) {
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

int tool_config(int argc, char **argv)
{
	struct asked asked;

	if (!read_options(argc, argv, &asked))
		return tool_misuse("config", "\"%.60s\" is no option of config, or needs a value",
		                   argv[optind - 1]);
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
