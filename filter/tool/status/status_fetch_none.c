/*
 * status_fetch_none.c - takes the place of status_fetch_curl.c where libcurl was missing at build
 * time.
 */
#include "tool/status/status.h"

char *status_fetch(const struct listen_address *place, struct arena *arena, struct problem *problem)
{
	(void)place;
	(void)arena;
	problem_say(problem, "this assay was built without libcurl");
	return NULL;
}
