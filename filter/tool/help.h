/*
 * help.h - `assay help`: the overview of the subcommands, the help of one, the parts of the manual
 * pages, and the completion of a command line.
 */
#ifndef ASSAY_HELP_H
#define ASSAY_HELP_H

#include "tool/common/tool.h"

extern const char *const help_usage[];
extern const struct tool_option help_options[];

/* `commands` ends with NULL and holds the subcommand "help". Returns the exit status. */
int help_run(const struct tool_command *const *commands, int argc, char **argv);

#endif
