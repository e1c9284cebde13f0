/*
 * failure_header.h - what of a message's header may leave in a failure report (RFC 9991 7): an
 * allow-list of fields, each written anew from what was understood of it.
 *
 * Nothing is copied as it came. Display names, comments, subjects and recipients are gone; local
 * parts are hashed (failure_redact.h).
 */
#ifndef ASSAY_FAILURE_HEADER_H
#define ASSAY_FAILURE_HEADER_H

#include "base/address.h"
#include "message.h"
#include "rows/failure_redact.h"

enum {
	FAILURE_HEADER_MAX = 16 * 1024 /* octets of the redacted header */
};

/*
 * The header in the arena, from the top, line ends LF, printable ASCII, no line over 998 octets,
 * at most FAILURE_HEADER_MAX. Addresses in `ours` are left out of Received.
 */
const char *failure_header_write(const struct message *message, const struct networks *ours,
                                 const struct failure_key *key, struct arena *arena);

#endif
