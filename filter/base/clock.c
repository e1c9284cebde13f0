/*
 * clock.c - the clock that nobody sets (clock.h). Called by whatever waits, or ends what takes too
 * long.
 */
#include "base/clock.h"

time_t clock_monotonic_seconds(void)
{
	return clock_deadline_after(0).tv_sec;
}

struct timespec clock_deadline_after(long milliseconds)
{
	struct timespec then;

	clock_gettime(CLOCK_MONOTONIC, &then);
	then.tv_sec += milliseconds / 1000;
	then.tv_nsec += milliseconds % 1000 * 1000000;
	then.tv_sec += then.tv_nsec / 1000000000;
	then.tv_nsec %= 1000000000;
	return then;
}

double clock_monotonic_since(const struct timespec *then)
{
	struct timespec now = clock_deadline_after(0);

	return (double)(now.tv_sec - then->tv_sec) + (double)(now.tv_nsec - then->tv_nsec) / 1e9;
}

void clock_condition_init(pthread_cond_t *condition)
{
	pthread_condattr_t attributes;

	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(condition, &attributes);
	pthread_condattr_destroy(&attributes);
}
