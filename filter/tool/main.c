/*
 * main.c - `assay`, the operator's command: finds the subcommand and hands over.
 */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "tool/check/check.h"
#include "tool/tool.h"
#include "version.h"

static char help_word[] = "help"; /* an argv[0] may be written to */

/* `assay check --help` is `assay help check`. */
static int run(const struct tool_command *command, int argc, char **argv)
{
	char *words[] = {help_word, argv[0], NULL};

	if (argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0))
		return tool_help.run(2, words);
	return command->run(argc, argv);
}

/* Output that nobody got is no success: a full disk, a closed pipe. */
static int finish(int status)
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
		tool_help.run(1, help);
		return finish(EX_USAGE);
	}
	if (strcmp(argv[1], "--version") == 0) {
		version_print("assay", stdout);
		printf("  jansson %s\n", check_json_version());
		return finish(EX_OK);
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
		return finish(tool_help.run(1, help));
	command = tool_command(argv[1]);
	if (command == NULL)
		return tool_misuse(NULL, "there is no subcommand \"%.40s\"", argv[1]);
	return finish(run(command, argc - 1, argv + 1));
}
