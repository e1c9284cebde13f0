/*
 * query_list.c - the queries of the recursor, in a list. Called by recursor.c.
 */
#include "dns/query_list.h"

void query_list_append(struct query_list *list, struct pending_query *query)
{
	query->next = NULL;
	query->previous = list->last;
	if (list->last != NULL)
		list->last->next = query;
	else
		list->first = query;
	list->last = query;
}

void query_list_remove(struct query_list *list, struct pending_query *query)
{
	if (query->previous != NULL)
		query->previous->next = query->next;
	else
		list->first = query->next;
	if (query->next != NULL)
		query->next->previous = query->previous;
	else
		list->last = query->previous;
}
