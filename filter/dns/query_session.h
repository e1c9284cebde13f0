/*
 * query_session.h - the DNS lookups of one message: implements services.h, limits the time that the
 * message waits, and keeps a list of its queries.
 *
 * A query session belongs to a message and ends with its arena: then prefetched lookups without an
 * answer lose their continuation (one that is running is waited for), and answers that were handed
 * out are given back to the cache. Safe from any thread.
 */
#ifndef ASSAY_QUERY_SESSION_H
#define ASSAY_QUERY_SESSION_H

#include <stdarg.h>

#include "base/arena.h"
#include "dns/query_log.h"
#include "dns/resolver.h"
#include "services.h"

/* One query of a message, for `assay check`. */
struct query_session_query {
	const char *name;
	enum record_type type;
	enum lookup_status status;
	double milliseconds; /* until the answer came; 0 if cached */
	bool cached;
};

struct query_session;

/*
 * `client`: the client whose message it is. `budget_ms`: how long this message may wait for answers
 * in total; half of that is reserved for services_author(), and services_aside() may use a quarter.
 * With `client` NULL the host itself asks, and nothing is reserved. Never NULL; ends with `arena`.
 */
struct query_session *query_session_open(struct resolver *resolver, const struct address *client,
                                         long budget_ms, struct arena *arena);
/* The services that the policies of this message get. Valid until the arena is released. */
const struct services *query_session_services(struct query_session *query_session);

/* Times queries from now on; `assay check` alone needs that. */
void query_session_remember(struct query_session *query_session);
/* Returns how many queries were answered or given up, and a list of them, in the order asked, in
 * the arena. */
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
