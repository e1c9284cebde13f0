/*
 * scheduler.h - starts `assay report send --scheduled` from time to time, and `assay report read
 * --captured` soon after a copy of mail was kept, as processes of their own: building, sending and
 * reading reports takes nothing from the mail but a little of the processor, at the lowest
 * priority.
 *
 * A process under way outlives a reload and a stop of the daemon; what is killed all the same goes
 * on with the next start.
 */
#ifndef ASSAY_SCHEDULER_H
#define ASSAY_SCHEDULER_H

#include <stdbool.h>

struct capture_folder;

/* Starts a thread. `settings` is the path that the processes read their settings from; it has to
 * stay, and so has `captures`, which is NULL where no copies are kept. False: no thread. */
bool scheduler_start(const char *settings, struct capture_folder *captures);
void scheduler_stop(void);

#endif
