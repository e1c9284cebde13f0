/*
 * background.h - going into the background, what that allows, and the pid file.
 */
#ifndef ASSAY_BACKGROUND_H
#define ASSAY_BACKGROUND_H

#include "base/problem.h"

/*
 * Forks, before any thread exists. The parent waits until the child calls background_ready() and
 * exits with 0, or with 1 where the child ended before. Returns in the child only.
 */
bool background_enter(struct problem *problem);

/* The daemon serves now: lets a waiting parent go and lets go of the terminal. Without
 * background_enter(): nothing. */
void background_ready(void);

/* `path` "" is none. What is removed is the file that was written, whatever the settings say by
 * then. */
bool background_write_pid(const char *path, struct problem *problem);
void background_remove_pid(void);

#endif
