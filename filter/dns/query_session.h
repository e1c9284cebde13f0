/*
 * query_session.h - one message's window to the resolver: implements services.h, keeps the deadline
 * and the list of queries.
 *
 * An query_session belongs to a message and ends with its arena: prefetched lookups that still wait
 * lose their continuation then (a continuation that is running is waited for), answers that were
 * handed out are given back to the cache.
 */
#ifndef ASSAY_QUERY_SESSION_H
#define ASSAY_QUERY_SESSION_H

#include "base/arena.h"
#include "dns/resolver.h"
#include "services.h"

/* One query for `assay check`, in the order asked. */
struct query_session_query {
	const char *name;
	enum record_type type;
	enum lookup_status status;
	double milliseconds; /* until the answer was there; 0 where cached */
	bool cached;
};

struct query_session;

/*
 * `client`: on whose behalf is asked. `budget_ms`: the most that all waiting of this message may
 * add up to; half of it is kept for services_author(), and three quarters are kept from
 * services_aside(). With `client` NULL the host itself asks, and nothing is shared out.
 */
struct query_session *query_session_open(struct resolver *resolver, const struct address *client,
                                         long budget_ms, struct arena *arena);
const struct services *query_session_services(struct query_session *query_session);

/* Asks that queries be remembered from now on (the daemon does not need them), and what was. */
void query_session_remember(struct query_session *query_session);
size_t query_session_queries(struct query_session *query_session,
                             const struct query_session_query **queries);

#endif
