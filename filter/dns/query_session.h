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

#include <stdarg.h>

#include "base/arena.h"
#include "dns/query_log.h"
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

/*
 * Has a line written for each question, and for whatever policies say through services_debug().
 * Before the first lookup; without it nothing is formatted. `line` is called on the message's own
 * thread and on the resolver's, also while the query session is locked: it must not ask anything.
 */
void query_session_debug(struct query_session *query_session,
                         void (*line)(void *context, const char *format, va_list arguments),
                         void *context);

/* Of lookups that somebody waited for. On the message's own thread. */
const struct query_failures *query_session_failures(const struct query_session *query_session);

#endif
