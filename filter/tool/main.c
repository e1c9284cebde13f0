/*
 * main.c - `assay`, the operator's command: finds the subcommand and hands over.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "daemon/version.h"
#include "tool/commands.h"
#include "tool/common/fields_json.h"
#include "tool/help.h"

static char help_word[] = "help"; /* main() may write to its argv[0] */

static bool is_help_option(const char *word)
{
	return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

/* `assay key new --help` is `assay help key`. What follows "--" is not an option. */
static int main_run(const struct tool_command *command, int argc, char **argv)
{
	char *names[] = {help_word, argv[0], NULL};

	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (is_help_option(argv[i]))
			return help_run(commands, 2, names);
	return command->run(argc, argv);
}

/* Fails if the output was lost: a full disk, a closed pipe. */
static int main_finish(int status)
{
	if (fflush(stdout) != 0 || ferror(stdout)) {
		fputs("assay: the output could not be written\n", stderr);
		return status == EX_OK ? EX_IOERR : status;
	}
	return status;
}

int main(int argc, char **argv)
{
	const struct tool_command *command;
	char *help[] = {help_word, NULL};

	if (argc < 2) {
		help_run(commands, 1, help);
		return main_finish(EX_USAGE);
	}
	if (strcmp(argv[1], "--version") == 0) {
		version_print("assay", stdout);
		printf("  jansson %s\n", fields_json_version());
		return main_finish(EX_OK);
	}
	if (is_help_option(argv[1]))
		return main_finish(help_run(commands, 1, help));
	command = tool_find_command(commands, argv[1]);
	if (command == NULL)
		return tool_misuse(NULL, "there is no subcommand \"%.40s\"", argv[1]);
	return main_finish(main_run(command, argc - 1, argv + 1));
}
