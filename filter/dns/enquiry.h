/*
 * enquiry.h - one message's window to the resolver: implements services.h, keeps the deadline and the list of
 * queries.
 *
 * An enquiry belongs to a message and ends with its arena: foreseen look-ups that still wait lose their
 * continuation then (a continuation that is running is waited for), answers that were handed out are given
 * back to the cache.
 */
#ifndef ASSAY_ENQUIRY_H
#define ASSAY_ENQUIRY_H

#include "base/arena.h"
#include "dns/resolver.h"
#include "services.h"

/* One query for `assay check`, in the order asked. */
struct enquiry_query {
	const char *name;
	enum record_type type;
	enum lookup_status status;
	double milliseconds; /* until the answer was there; 0 where cached */
	bool cached;
};

struct enquiry;

/*
 * `client`: on whose behalf is asked. `budget_ms`: the most that all waiting of this message may add up to;
 * half of it is kept for services_author(), and three quarters are kept from services_aside(). With `client`
 * NULL the host itself asks, and nothing is shared out.
 */
struct enquiry *enquiry_open(struct resolver *resolver, const struct address *client, long budget_ms,
                             struct arena *arena);
const struct services *enquiry_services(struct enquiry *enquiry);

/* Asks that queries be remembered from now on (the daemon does not need them), and what was. */
void enquiry_remember(struct enquiry *enquiry);
size_t enquiry_queries(struct enquiry *enquiry, const struct enquiry_query **queries);

#endif
