/*
 * schedule.c - when the daemon starts the sender. Asked by filter/daemon/scheduler.c.
 */
#include "report/schedule.h"

enum {
	HOUR = 3600
};

bool schedule_due(struct schedule *timetable, time_t wall, time_t monotonic)
{
	long long hour = ((long long)wall - timetable->delay) / HOUR;
	bool due;

	if (!timetable->begun) {
		if (monotonic < timetable->first)
			return false;
		timetable->begun = true;
		timetable->hour = hour;
		return true;
	}
	due = hour > timetable->hour;
	timetable->hour = hour;
	return due;
}
