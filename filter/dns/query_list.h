/*
 * query_list.h - pending queries in a list, linked through the queries themselves. Whoever uses a
 * list holds its lock, where it has one.
 */
#ifndef ASSAY_QUERY_LIST_H
#define ASSAY_QUERY_LIST_H

#include "dns/cache.h"

struct query_list {
	struct pending_query *first, *last;
};

void query_list_append(struct query_list *list, struct pending_query *query);

/* The query is in this list. */
void query_list_remove(struct query_list *list, struct pending_query *query);

#endif
