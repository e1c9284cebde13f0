/*
 * milter_turns.c - counts the connections that wait for a thread of libmilter.
 */
#include "milter_turns.h"

#include <stdatomic.h>
#include <time.h>

#include "base/invariant.h"

enum {
	PICKED_US = 5000, /* in which one should have found its thread */
	WAIT_US = 1000,
	STEP_NS = 20000
};

static atomic_int milter_pending;
static atomic_llong milter_pending_since; /* us: since when there is one, or the last help */

static long long now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}

void milter_turns_ready(void)
{
	if (atomic_fetch_add(&milter_pending, 1) == 0)
		atomic_store(&milter_pending_since, now_us());
}

void milter_turns_picked(void)
{
	int before = atomic_fetch_sub(&milter_pending, 1);

	invariant(before > 0);
}

void milter_turns_wait(void)
{
	const struct timespec step = {.tv_nsec = STEP_NS};
	long long began = 0;

	while (atomic_load(&milter_pending) > 0) {
		if (began == 0)
			began = now_us();
		else if (now_us() - began >= WAIT_US)
			break;
		nanosleep(&step, NULL);
	}
}

bool milter_turns_help(void)
{
	long long pending = atomic_load(&milter_pending), since, now;

	if (pending <= 0)
		return false;
	since = atomic_load(&milter_pending_since);
	now = now_us();
	return now - since > PICKED_US / pending &&
	       atomic_compare_exchange_strong(&milter_pending_since, &since, now);
}
