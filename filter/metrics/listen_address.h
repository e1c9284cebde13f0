/*
 * listen_address.h - reads the setting "metrics.listen": the address on which the daemon serves,
 * and which `assay status` asks.
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

/* False: `listen` is empty or does not have that form. The strings are in the arena. */
bool listen_address_read(const char *listen, struct arena *arena, struct listen_address *place);

/* Can only this host reach it? A host name other than localhost counts as reachable by others. */
bool listen_address_is_local(const struct listen_address *place);

/* Is it an address that stands for all addresses of this host (0.0.0.0, ::)? */
bool listen_address_is_any(const struct listen_address *place);

#endif
