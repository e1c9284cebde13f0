/*
 * manual.h - the parts of the manual pages that are made of the tables: what each subcommand takes,
 * and every setting. `assay help --manual PART` prints one; `make manual` puts them into
 * filter/tool/assay.1 and filter/assay.conf.5, between what is written by hand, and a test
 * compares.
 */
#ifndef ASSAY_MANUAL_H
#define ASSAY_MANUAL_H

#include <stdio.h>

#include "tool/common/tool.h"

/* For SYNOPSIS: the usage of every subcommand. */
void manual_commands_synopsis(const struct tool_command *const *commands, FILE *to);

/* A subsection a subcommand: verbs, options, exit statuses. */
void manual_commands(const struct tool_command *const *commands, FILE *to);

/* A subsection a group of settings. */
void manual_settings(const struct tool_command *const *commands, FILE *to);

/* An item a check of `assay config`. */
void manual_settings_checks(const struct tool_command *const *commands, FILE *to);

/*
 * Prose as mdoc(7) text lines: wrapped, a new line after each sentence, nothing in it taken for a
 * macro. What is a path of this build becomes the usual one. Adds the last full stop.
 */
void manual_text(FILE *to, const char *text);

/* "key new DOMAIN [--bits N]" as the arguments of a macro line: `Cm key new Ar DOMAIN Oo Fl -bits
 * Ar N Oc`.
 */
void manual_text_usage(FILE *to, const char *text);

#endif
