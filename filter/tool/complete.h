/*
 * complete.h - what a word of a command line of `assay` can become, for contrib/completion/assay.
 * It is asked of the program itself, so that the shell always knows what the installed one can do.
 */
#ifndef ASSAY_COMPLETE_H
#define ASSAY_COMPLETE_H

#include "tool/common/tool.h"

/*
 * `words` are those after `assay`, the last of them begun. Prints each word that it can become in a
 * line, or
 * ":files" or ":folders" where the shell knows better. What is wrong with the line prints nothing.
 * Returns EX_OK.
 */
int complete_text(const struct tool_command *const *commands, int count, char **text);

/* Prints the domains that have signing keys and begin so; the settings are those of this file, or
 * NULL for the standard one. Settings or folders that cannot be read have none. */
void complete_domains(const char *settings, const char *keys, const char *prefix);

#endif
