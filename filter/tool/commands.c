/*
 * commands.c - the table of subcommands, and `assay help`, which prints it. Called by main.c.
 */
#include "tool/commands.h"

#include "tool/help.h"

/* The only subcommand that needs the table it stands in. */
static int commands_run_help(int argc, char **argv)
{
	return help_run(commands, argc, argv);
}

static const struct tool_command help = {
    .name = "help",
    .run = commands_run_help,
    .summary = "this overview, or the help of a subcommand",
    .usage = help_usage,
    .about = "The subcommands, or the usage, the options and the exit statuses of one.",
    .options = help_options,
    .statuses = "0 done, 64 usage",
};

const struct tool_command *const commands[] = {&tool_check,  &tool_dns,  &tool_config, &tool_key,
                                               &tool_report, &tool_held, &tool_status, &tool_web,
                                               &tool_import, &help,      NULL};
