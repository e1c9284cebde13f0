/*
 * background.h - going into the background, what that allows, and the pid file.
 */
#ifndef ASSAY_BACKGROUND_H
#define ASSAY_BACKGROUND_H

#include "base/log.h"
#include "base/problem.h"

/*
 * Forks, before any thread exists. The parent waits until the child calls background_ready() and
 * exits with 0, or with 1 where the child ended before. Returns in the child only.
 */
bool background_enter(struct problem *problem);

/* The daemon serves now: lets a waiting parent go and lets go of the terminal. Without
 * background_enter(): nothing. */
void background_ready(void);

/* Would anybody read the log? In the background standard error leads nowhere. */
bool background_can_log(const struct log_settings *settings, bool foreground,
                        struct problem *problem);

/* `path` "" is none. What is removed is the file that was written, whatever the settings say by
 * then. */
bool background_write_pid(const char *path, struct problem *problem);
void background_remove_pid(void);

#endif
