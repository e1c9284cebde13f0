/*
 * clock.h - the clock that nobody sets (CLOCK_MONOTONIC): for deadlines, and for threads that wait
 * until then.
 */
#ifndef ASSAY_CLOCK_H
#define ASSAY_CLOCK_H

#include <pthread.h>
#include <time.h>

/* Seconds since some moment before this process began. */
time_t clock_monotonic_seconds(void);

/* That moment of the clock which is so far ahead. */
struct timespec clock_deadline_after(long milliseconds);

/* Seconds that have passed since a moment of that clock. */
double clock_monotonic_since(const struct timespec *then);

/* Initialises a condition on which pthread_cond_timedwait() goes by this clock. */
void clock_condition_init(pthread_cond_t *condition);

#endif
