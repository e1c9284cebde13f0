/*
 * process.h - what the process takes of the machine.
 */
#ifndef ASSAY_PROCESS_H
#define ASSAY_PROCESS_H

#include "metrics/facts.h"

/* When the process began, in seconds since 1970. To be asked once: the clock may be set later. */
double process_started(void);

/* All but `started`. */
void process_measure(struct facts_process *process);

#endif
