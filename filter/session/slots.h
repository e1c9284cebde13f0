/*
 * slots.h - who may have a message under way: limits.messages in all, and a share of them for each
 * client.
 *
 * A client that is not trusted has half of all slots at most, and while three quarters are taken
 * only those that have none get one. So it takes many networks to use all slots up (52 of the
 * default 200). An IPv6 client is its /48: whoever has a tunnel has one of these, with 65,536
 * networks of /64. Trusted clients (networks.ours and networks.forwarders) have no share, since all
 * mail of a site may come from there. Any thread.
 */
#ifndef ASSAY_SLOTS_H
#define ASSAY_SLOTS_H

#include <stdatomic.h>
#include <stdbool.h>

#include "dns/resolver.h"

/* Zeros are all free. Clients are distinguished by the resolver's accounts (resolver_client()): 1
 * in 4095 shares one with another, which nobody can aim at. */
struct slots {
	atomic_long taken; /* between MAIL FROM and the answer to the end of the message */
	atomic_long of_client[RESOLVER_CLIENTS];
	atomic_long named[RESOLVER_CLIENTS]; /* slots_may_name() said yes, monotonic seconds */
};

enum slots_answer {
	SLOTS_TAKEN, /* slots_free() has to follow */
	SLOTS_FULL,
	SLOTS_CLIENT_HAS_ENOUGH
};

/* Whose slot a client's message takes: below RESOLVER_CLIENTS. */
unsigned slots_client(const struct resolver *resolver, const struct address *client);

/* `max` is limits.messages. RESOLVER_NO_CLIENT: a client that has no share. */
enum slots_answer slots_take(struct slots *slots, unsigned client, long max);
void slots_free(struct slots *slots, unsigned client);

/* How many messages are under way, of all and of a client. */
long slots_taken(const struct slots *slots);
long slots_of_client(const struct slots *slots, unsigned client);

/* May the log name the client now? Once a minute, so that it cannot fill the log. */
bool slots_may_name(struct slots *slots, unsigned client);

#endif
