/*
 * received_view.h - what the commands about reports of others share: the store, the resolver, and
 * the sources of a domain, examined in rounds. For report_received.c, report_sources.c and
 * report_digest.c; `assay dns` asks it whether a domain is ready for p=reject.
 */
#ifndef ASSAY_RECEIVED_VIEW_H
#define ASSAY_RECEIVED_VIEW_H

#include "received/readiness.h"
#include "received/sources.h"
#include "store/store_received_query.h"

struct resolver;
struct settings;
struct received_view;

struct received_view_request {
	const struct settings *settings;
	const char *store; /* path */
	time_t now;
	struct store_query_range range;
	bool no_dns; /* nothing is looked up: names are those that the store has */
	/* for a process with many views, which keeps no names; NULL: each view has its own, and
	 * says when it waits */
	struct resolver *resolver;
	struct public_suffix_list *suffixes;
};

/* NULL and a problem. The request's pointers have to stay. */
struct received_view *received_view_open(const struct received_view_request *request,
                                         struct problem *problem);
void received_view_close(struct received_view *view); /* NULL is allowed */

/* The memory of everything that the view hands out. */
struct arena *received_view_arena(struct received_view *view);
struct store_query *received_view_query(struct received_view *view);

/* NULL: the store failed, and the problem says how. */
const struct sources *received_view_sources(struct received_view *view, const char *domain,
                                            struct problem *problem);

/* The totals of the domains, the one with most messages first; of one where `domain` is given. */
struct received_days {
	size_t count, room;
	struct received_day *items;
};
bool received_view_domains(struct received_view *view, const char *domain,
                           struct received_days *domains, struct problem *problem);
bool received_view_days(struct received_view *view, const char *domain, struct received_days *days,
                        struct problem *problem);

struct received_tls {
	size_t count, room;
	struct received_tls_row *items;
};
bool received_view_tls(struct received_view *view, const char *domain, struct received_tls *tls,
                       struct problem *problem);

struct received_reporters {
	size_t count, room;
	struct received_reporter *items;
};
bool received_view_reporters(struct received_view *view, const char *domain,
                             struct received_reporters *reporters, struct problem *problem);

#endif
