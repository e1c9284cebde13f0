/*
 * slots.c - counts the messages under way. envelope.c takes a slot at MAIL FROM, session.c frees it
 * when the message ends.
 */
#include "session/slots.h"

#include "base/clock.h"

enum {
	FEW_PART = 32, /* who has less than this part of all has little under way */
	FEW_MIN = 2,
	NAME_EVERY_S = 60
};

static long at_least(long number, long least)
{
	return number < least ? least : number;
}

/* `own` and `all` are under way already. */
static enum slots_answer slots_judge(long own, long all, long most)
{
	if (all >= most)
		return SLOTS_FULL;
	if (own >= (most + 1) / 2)
		return SLOTS_CLIENT_HAS_ENOUGH;
	if (own >= at_least(most / FEW_PART, FEW_MIN) && all >= most - most / 4)
		return SLOTS_CLIENT_HAS_ENOUGH;
	return SLOTS_TAKEN;
}

enum slots_answer slots_take(struct slots *slots, unsigned client, long most)
{
	long own = atomic_fetch_add(&slots->of_client[client], 1);
	long all = atomic_fetch_add(&slots->taken, 1);
	enum slots_answer answer = slots_judge(client == RESOLVER_NO_CLIENT ? 0 : own, all, most);

	if (answer != SLOTS_TAKEN)
		slots_free(slots, client);
	return answer;
}

void slots_free(struct slots *slots, unsigned client)
{
	atomic_fetch_sub(&slots->taken, 1);
	atomic_fetch_sub(&slots->of_client[client], 1);
}

long slots_taken(const struct slots *slots)
{
	return atomic_load(&slots->taken);
}

long slots_of_client(const struct slots *slots, unsigned client)
{
	return atomic_load(&slots->of_client[client]);
}

bool slots_may_name(struct slots *slots, unsigned client)
{
	/* 0 is never */
	long now = (long)clock_monotonic_seconds() + 1, last = atomic_load(&slots->named[client]);

	return (last == 0 || now - last >= NAME_EVERY_S) &&
	       atomic_compare_exchange_strong(&slots->named[client], &last, now);
}
