/*
 * geo.h - whose network an address is in, by a file that the operator has (received.geo).
 * geo_maxminddb.c reads it with libmaxminddb; geo_none.c is for a program built without.
 */
#ifndef ASSAY_GEO_H
#define ASSAY_GEO_H

#include "base/address.h"
#include "base/arena.h"
#include "base/problem.h"

struct geo;

/* NULL and a problem. */
struct geo *geo_open(const char *path, struct problem *problem);
void geo_close(struct geo *geo); /* NULL is allowed */

/* "AS64500 Example Hosting", or the code of a country; NULL where the file does not say. */
const char *geo_name(struct geo *geo, const struct address *address, struct arena *arena);

#endif
