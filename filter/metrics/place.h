/*
 * place.h - the setting "metrics.listen" taken apart: where the daemon serves and where `assay status` asks.
 */
#ifndef ASSAY_PLACE_H
#define ASSAY_PLACE_H

#include <stdbool.h>

#include "base/address.h"
#include "base/arena.h"

struct place {
	const char *path; /* of a UNIX socket; NULL for TCP */
	const char *host; /* address without brackets, or a name */
	const char *port;
	enum address_family family;
};

/* False: `listen` is no such text, or empty. The strings are in the arena. */
bool place_read(const char *listen, struct arena *arena, struct place *place);

/* Can only this host reach it? A name of a host counts as another's unless it is localhost. */
bool place_is_local(const struct place *place);

/* Is the address one that stands for all of this host? */
bool place_is_any(const struct place *place);

#endif
