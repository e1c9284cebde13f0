/*
 * slots.c - counts the messages under way. envelope.c takes a slot at MAIL FROM, session.c frees it
 * when the message ends.
 */
#include "session/slots.h"

#include <string.h>

#include "base/clock.h"
#include "base/invariant.h"

enum {
	IPV6_NETWORK = 6, /* octets of the /48 that shares what one client may have */
	NAME_EVERY_S = 60
};

/* `own` and `all` are under way already. */
static enum slots_answer slots_judge(long own, long all, long max)
{
	if (all >= max)
		return SLOTS_FULL;
	if (own >= (max + 1) / 2)
		return SLOTS_CLIENT_HAS_ENOUGH;
	if (own >= 1 && all >= max - max / 4)
		return SLOTS_CLIENT_HAS_ENOUGH;
	return SLOTS_TAKEN;
}

unsigned slots_client(const struct resolver *resolver, const struct address *client)
{
	struct address network = *client;

	if (network.family == ADDRESS_IPV6)
		memset(network.bytes + IPV6_NETWORK, 0, sizeof network.bytes - IPV6_NETWORK);
	return resolver_client(resolver, &network);
}

enum slots_answer slots_take(struct slots *slots, unsigned client, long max)
{
	enum slots_answer answer;
	long own, all;

	invariant(client < RESOLVER_CLIENTS && max > 0);
	own = atomic_fetch_add(&slots->of_client[client], 1);
	all = atomic_fetch_add(&slots->taken, 1);
	answer = slots_judge(client == RESOLVER_NO_CLIENT ? 0 : own, all, max);
	if (answer != SLOTS_TAKEN)
		slots_free(slots, client);
	return answer;
}

void slots_free(struct slots *slots, unsigned client)
{
	long all = atomic_fetch_sub(&slots->taken, 1);
	long own = atomic_fetch_sub(&slots->of_client[client], 1);

	invariant(own > 0 && all > 0);
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
