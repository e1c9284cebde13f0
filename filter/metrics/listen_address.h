/*
 * listen_address.h - the setting "metrics.listen" taken apart: where the daemon serves and where
 * `assay status` asks.
 */
#ifndef ASSAY_LISTEN_ADDRESS_H
#define ASSAY_LISTEN_ADDRESS_H

#include <stdbool.h>

#include "base/address.h"
#include "base/arena.h"

struct listen_address {
	const char *path; /* of a UNIX socket; NULL for TCP */
	const char *host; /* address without brackets, or a name */
	const char *port;
	enum address_family family;
};

/* False: `listen` is no such text, or empty. The strings are in the arena. */
bool listen_address_read(const char *listen, struct arena *arena, struct listen_address *place);

/* Can only this host reach it? A name of a host counts as another's unless it is localhost. */
bool listen_address_is_local(const struct listen_address *place);

/* Is the address one that stands for all of this host? */
bool listen_address_is_any(const struct listen_address *place);

#endif
