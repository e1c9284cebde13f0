/*
 * scheduler.h - starts `assay report send --scheduled` from time to time, as a process of its own:
 * building and sending reports takes nothing from the mail but a little of the processor, at the
 * lowest priority.
 *
 * A sender under way outlives a reload and a stop of the daemon; what is killed all the same goes
 * on with the next start.
 */
#ifndef ASSAY_SCHEDULER_H
#define ASSAY_SCHEDULER_H

#include <stdbool.h>

/* Starts a thread. `settings` is the path that the sender reads its settings from; it has to stay.
 * False: no thread. */
bool scheduler_start(const char *settings);
void scheduler_stop(void);

#endif
