/*
 * process.h - what the process uses: memory, files, processor time. Any thread may call.
 */
#ifndef ASSAY_PROCESS_H
#define ASSAY_PROCESS_H

#include "metrics/facts.h"

/* When the process began, in seconds since 1970; 0: unknown. To be called once, because the clock
 * may be set later. */
double process_started(void);

/* Fills in all members but `started`; 0 for what cannot be read. */
void process_measure(struct facts_process *process);

#endif
