/*
 * background.h - going into the background, the pid file, and telling systemd.
 */
#ifndef ASSAY_BACKGROUND_H
#define ASSAY_BACKGROUND_H

#include "problem.h"

/*
 * Forks, before any thread exists. The parent waits until the child calls background_ready() and exits with
 * 0, or with 1 where the child ended before. Returns in the child only.
 */
bool background_enter(struct problem *problem);

/* The daemon serves now: lets a waiting parent go and lets go of the terminal. Without background_enter():
 * nothing. */
void background_ready(void);

/* `path` "" is none. */
bool background_write_pid(const char *path, struct problem *problem);
void background_remove_pid(const char *path);

#endif
