/*
 * tool.h - the subcommands of `assay`, the operator's command: a file each.
 *
 * Each gets its own name as argv[0] and returns the exit status. What a person should read goes to standard
 * output, problems go to standard error in one sentence that begins with "assay: ".
 */
#ifndef ASSAY_TOOL_H
#define ASSAY_TOOL_H

#include <stddef.h>

int tool_check(int argc, char **argv);
int tool_config(int argc, char **argv);
int tool_help(int argc, char **argv);
int tool_key(int argc, char **argv);
int tool_report(int argc, char **argv);

struct tool_command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *summary; /* one line */
	const char *help;    /* what `assay help NAME` prints */
};

/* NULL where there is no such subcommand. */
const struct tool_command *tool_command(const char *name);

/* One sentence and where to read on, to standard error. Returns EX_USAGE. */
int tool_misuse(const char *subcommand, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
