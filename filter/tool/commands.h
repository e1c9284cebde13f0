/*
 * commands.h - the table of subcommands. It stands beside main.c and above all that it names, so
 * that what the subcommands share (common/tool.h) needs none of them; whatever walks the table gets
 * it as an argument.
 */
#ifndef ASSAY_COMMANDS_H
#define ASSAY_COMMANDS_H

#include "tool/common/tool.h"

/* All of them, in the order of the overview, ended by NULL. */
extern const struct tool_command *const commands[];

#endif
