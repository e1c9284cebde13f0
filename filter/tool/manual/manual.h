/*
 * manual.h - the parts of the manual pages that are generated from tables: subcommands and
 * settings. `assay help --manual PART` prints one; `make manual` inserts them into
 * filter/tool/assay.1 and filter/assay.conf.5, and a test compares.
 */
#ifndef ASSAY_MANUAL_H
#define ASSAY_MANUAL_H

#include <stdio.h>

#include "tool/common/tool.h"

/* For SYNOPSIS: the usage of every subcommand. */
void manual_commands_synopsis(const struct tool_command *const *commands, FILE *to);

/* A subsection for each subcommand: verbs, options, exit statuses. */
void manual_commands(const struct tool_command *const *commands, FILE *to);

/* A subsection for each group of settings. */
void manual_settings(const struct tool_command *const *commands, FILE *to);

/* An item for each check of `assay config`. */
void manual_settings_checks(const struct tool_command *const *commands, FILE *to);

/*
 * Prints prose as mdoc(7): wrapped, a new line after each sentence, escaped so that nothing is a
 * macro. Paths of this build are replaced by the usual ones. Adds the last full stop.
 */
void manual_text(FILE *to, const char *text);

/* "key new DOMAIN [--bits N]" as the arguments of a macro line: `Cm key new Ar DOMAIN Oo Fl -bits
 * Ar N Oc`.
 */
void manual_text_usage(FILE *to, const char *text);

#endif
