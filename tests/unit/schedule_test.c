/*
 * schedule_test.c - when the sender is started, whatever the clock does.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "report/schedule.h"

enum {
	HOUR = 3600,
	DELAY = 600,
	T = 1800000000 /* a full hour */
};

/* Begun at T - 100, with its first start behind it. */
static struct schedule new_schedule(void)
{
	struct schedule schedule = {.delay = DELAY, .first = 50};

	assert_false(schedule_due(&schedule, T - 150, 0));
	assert_false(schedule_due(&schedule, T - 101, 49));
	assert_true(schedule_due(&schedule, T - 100, 50));
	assert_false(schedule_due(&schedule, T - 99, 51));
	return schedule;
}

static int count_starts(struct schedule *schedule, time_t from, time_t to)
{
	int count = 0;

	for (time_t wall = from; wall < to; wall += 7)
		count += schedule_due(schedule, wall, 100 + wall - from);
	return count;
}

static void once_an_hour(void **state)
{
	struct schedule schedule = new_schedule();

	(void)state;
	assert_false(schedule_due(&schedule, T, 200));
	assert_false(schedule_due(&schedule, T + DELAY - 1, 800));
	assert_true(schedule_due(&schedule, T + DELAY, 801));
	assert_false(schedule_due(&schedule, T + DELAY + 1, 802));
	assert_int_equal(count_starts(&schedule, T + DELAY + 2, T + DELAY + 24 * HOUR), 23);
}

static void a_clock_set_back_waits_for_its_next_hour(void **state)
{
	struct schedule schedule = new_schedule();

	(void)state;
	assert_int_equal(count_starts(&schedule, T, T + 3 * HOUR), 3);
	/* back by a day: no start for the step itself, one for each hour that passes */
	assert_false(schedule_due(&schedule, T - 24 * HOUR, 20000));
	assert_int_equal(count_starts(&schedule, T - 24 * HOUR, T - 22 * HOUR), 2);
	/* by a second, at the edge */
	assert_true(schedule_due(&schedule, T - 22 * HOUR + DELAY, 30000));
	assert_false(schedule_due(&schedule, T - 22 * HOUR + DELAY - 1, 30001));
	assert_true(schedule_due(&schedule, T - 22 * HOUR + DELAY, 30002));
	assert_false(schedule_due(&schedule, T - 22 * HOUR + DELAY + 1, 30003));
}

static void a_clock_set_forward_starts_once(void **state)
{
	struct schedule schedule = new_schedule();

	(void)state;
	assert_true(schedule_due(&schedule, T + 1000 * HOUR, 60));
	assert_false(schedule_due(&schedule, T + 1000 * HOUR + 1, 61));
	assert_int_equal(count_starts(&schedule, T + 1000 * HOUR + 1, T + 1002 * HOUR), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(once_an_hour),
	    cmocka_unit_test(a_clock_set_back_waits_for_its_next_hour),
	    cmocka_unit_test(a_clock_set_forward_starts_once),
	};

	return cmocka_run_group_tests_name("schedule", tests, NULL, NULL);
}
