/*
 * schedule.h - when the daemon starts the sender: soon after its own start, and once in each hour
 * of the wall clock, some time after the full hour. Periods of reports end with full hours.
 *
 * Only the store says what is to be sent, so that one start too many does no harm. A clock that is
 * set back makes the next start wait for the next hour; one that is set forward brings it.
 */
#ifndef ASSAY_SCHEDULE_H
#define ASSAY_SCHEDULE_H

#include <stdbool.h>
#include <time.h>

struct schedule {
	long delay;   /* seconds after the full hour */
	time_t first; /* of the monotonic clock: the first start */
	bool started;
	long long hour; /* the last one that was served or passed over */
};

/* Is it time? Says so once. To be asked every few seconds, or minutes. */
bool schedule_due(struct schedule *timetable, time_t wall, time_t monotonic);

#endif
