/*
 * help.c - `assay help`: the list of subcommands, or what the table of one says (tool.h).
 */
#include "tool/help.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/invariant.h"
#include "tool/complete.h"
#include "tool/manual/manual.h"

enum {
	LINE = 100, /* columns */
	GAP = 2
};

/* Prints `text` in lines that begin at column `indent`, where the cursor is already. */
static void print_wrapped(const char *text, int indent)
{
	int column = indent;

	while (*text != '\0') {
		size_t length = strcspn(text, " \n");

		if (column > indent && column + 1 + (int)length > LINE) {
			printf("\n%*s", indent, "");
			column = indent;
		}
		column += printf("%s%.*s", column > indent ? " " : "", (int)length, text);
		text += length;
		if (*text == '\n') {
			printf("\n%*s", indent, "");
			column = indent;
		}
		text += *text != '\0';
	}
	putchar('\n');
}

static int option_width(const struct tool_option *option)
{
	return (int)(strlen(option->name) +
	             (option->value == NULL ? 0 : 1 + strlen(option->value)));
}

static void print_options(const struct tool_option *options)
{
	int width = 0;

	for (const struct tool_option *option = options; option->name != NULL; option++)
		if (option_width(option) > width)
			width = option_width(option);
	putchar('\n');
	for (const struct tool_option *option = options; option->name != NULL; option++) {
		printf("  %s%s%s%*s", option->name, option->value == NULL ? "" : " ",
		       option->value == NULL ? "" : option->value,
		       width - option_width(option) + GAP, "");
		print_wrapped(option->help, 2 + width + GAP);
	}
}

static void print_verbs(const struct tool_verb *verbs)
{
	int width = 0;

	for (const struct tool_verb *verb = verbs; verb->name != NULL; verb++)
		if ((int)strlen(verb->name) > width)
			width = (int)strlen(verb->name);
	putchar('\n');
	for (const struct tool_verb *verb = verbs; verb->name != NULL; verb++) {
		printf("  %-*s", width + GAP, verb->name);
		print_wrapped(verb->help, 2 + width + GAP);
	}
}

static void print_usage(const char *const *lines)
{
	for (const char *const *line = lines; *line != NULL; line++) {
		int indent = printf("%s assay ", line == lines ? "usage:" : "      ");

		print_wrapped(*line, indent);
	}
}

static void print_help(const struct tool_command *command)
{
	invariant(command->usage != NULL);
	print_usage(command->usage);
	if (command->about != NULL) {
		putchar('\n');
		print_wrapped(command->about, 0);
	}
	if (command->verbs != NULL)
		print_verbs(command->verbs);
	if (command->options != NULL)
		print_options(command->options);
	if (command->statuses != NULL) {
		fputs("\nExit status: ", stdout);
		print_wrapped(command->statuses, (int)strlen("Exit status: "));
	}
}

static int overview(const struct tool_command *const *commands)
{
	puts("usage: assay SUBCOMMAND [ARGUMENT]...\n       assay --version\n\nThe operator's side "
	     "of Assay, which authenticates mail by SPF, DKIM and DMARC.\n");
	for (; *commands != NULL; commands++)
		printf("  %-8s  %s\n", (*commands)->name, (*commands)->summary);
	puts("\n`assay help SUBCOMMAND` shows its arguments.");
	return EX_OK;
}

static const struct {
	const char *name;
	void (*print)(const struct tool_command *const *commands, FILE *to);
} parts[] = {{"synopsis", manual_commands_synopsis},
             {"subcommands", manual_commands},
             {"settings", manual_settings},
             {"checks", manual_settings_checks}};

static int print_part(const struct tool_command *const *commands, const char *name)
{
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
		if (strcmp(parts[i].name, name) != 0)
			continue;
		parts[i].print(commands, stdout);
		return EX_OK;
	}
	return tool_misuse(
	    "help",
	    "\"%.40s\" is not a part of the manual: synopsis, subcommands, settings or checks",
	    name);
}

int help_run(const struct tool_command *const *commands, int argc, char **argv)
{
	const struct tool_command *command;
	int letter = tool_next_option(tool_find_command(commands, "help"), argc, argv);

	if (letter == '?')
		return EX_USAGE;
	if (letter == 'm')
		return print_part(commands, optarg);
	if (letter == 'w' && optind < argc && strcmp(argv[optind], "--") == 0)
		optind++;
	if (letter == 'w')
		return complete_text(commands, argc - optind, argv + optind);
	if (optind == argc)
		return overview(commands);
	command = tool_find_command(commands, argv[optind]);
	if (command == NULL)
		return tool_misuse(NULL, "there is no subcommand \"%.40s\"", argv[optind]);
	if (optind + 1 < argc)
		return tool_misuse(NULL, "help takes one subcommand at a time");
	print_help(command);
	return EX_OK;
}

const char *const help_usage[] = {"help [SUBCOMMAND]", NULL};

const struct tool_option help_options[] = {
    {"--manual", 'm', "PART",
     "a part of the manual pages as mdoc(7): synopsis, subcommands, settings or checks; `make "
     "manual` uses it"},
    {"--words", 'w', NULL,
     "after --, the words of a command line: prints what the last of them can become, for the "
     "shell's completion"},
    {NULL, 0, NULL, NULL},
};
