/*
 * slots.h - who may have a message under way: limits.messages in all, and of these a share for each
 * client.
 *
 * Nobody can take all slots: a client that is a stranger has half of them at most, and one that has
 * more than a few leaves the last quarter to those that have little under way. Who is trusted
 * (networks.ours and networks.forwarders) has no share, since all mail of a site may come from
 * there. Any thread.
 */
#ifndef ASSAY_SLOTS_H
#define ASSAY_SLOTS_H

#include <stdatomic.h>
#include <stdbool.h>

#include "dns/resolver.h"

/* Zeros are all free. Clients are told apart by the resolver's accounts (resolver_client()): 1 in
 * 4095 shares one with another, which nobody can aim at. */
struct slots {
	atomic_long taken; /* between MAIL FROM and the answer to the end of the message */
	atomic_long of_client[RESOLVER_CLIENTS];
	atomic_long
	    named[RESOLVER_CLIENTS]; /* when slots_may_name() last said yes, in steady seconds */
};

enum slots_answer {
	SLOTS_TAKEN, /* slots_free() has to follow */
	SLOTS_FULL,
	SLOTS_CLIENT_HAS_ENOUGH
};

/* `most` is limits.messages. RESOLVER_NO_CLIENT: a client that has no share. */
enum slots_answer slots_take(struct slots *slots, unsigned client, long most);
void slots_free(struct slots *slots, unsigned client);

/* How many messages are under way, of all and of a client. */
long slots_taken(const struct slots *slots);
long slots_of_client(const struct slots *slots, unsigned client);

/* May the log name the client now? Once a minute, so that it cannot fill the log. */
bool slots_may_name(struct slots *slots, unsigned client);

#endif
