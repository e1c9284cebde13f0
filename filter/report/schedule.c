/*
 * schedule.c - when the daemon starts the sender. Asked by filter/daemon/scheduler.c.
 */
#include "report/schedule.h"

enum {
	HOUR = 3600
};

bool schedule_due(struct schedule *schedule, time_t wall, time_t monotonic)
{
	long long hour = ((long long)wall - schedule->delay) / HOUR;
	bool due;

	if (!schedule->started) {
		if (monotonic < schedule->first)
			return false;
		schedule->started = true;
		schedule->hour = hour;
		return true;
	}
	due = hour > schedule->hour;
	schedule->hour = hour;
	return due;
}
