/*
 * complete.h - completes a command line of `assay`, for contrib/completion/assay. The shell asks
 * the installed program itself, so that both always agree.
 */
#ifndef ASSAY_COMPLETE_H
#define ASSAY_COMPLETE_H

#include "tool/common/tool.h"

/*
 * `text` has the words after `assay`; the last of them is to be completed. Prints each word that
 * fits, one a line, or ":files" or ":folders", which the shell completes. Prints nothing if the
 * line is wrong. Returns EX_OK.
 */
int complete_text(const struct tool_command *const *commands, int count, char **text);

#endif
