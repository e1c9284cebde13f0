/*
 * geo_none.c - geo.h in a program that was built without libmaxminddb.
 */
#include "received/geo.h"

#include <stddef.h>

struct geo *geo_open(const char *path, struct problem *problem)
{
	problem_say(problem,
	            "received.geo: %s is not read, since this program was built without "
	            "libmaxminddb",
	            path);
	return NULL;
}

void geo_close(struct geo *geo)
{
	(void)geo;
}

const char *geo_name(struct geo *geo, const struct address *address, struct arena *arena)
{
	(void)geo;
	(void)address;
	(void)arena;
	return NULL;
}
