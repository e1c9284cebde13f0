/*
 * failure_fields.h - header fields that have a structure worth keeping, written anew for a failure
 * report. For failure_header.c alone.
 */
#ifndef ASSAY_FAILURE_FIELDS_H
#define ASSAY_FAILURE_FIELDS_H

#include "base/address.h"
#include "rows/failure_redact.h"

/* What the functions work with. */
struct failure_field {
	const struct failure_key *key;
	const struct networks *ours;
	struct arena *arena;
	size_t octets; /* of the value */
};

/* `value` is on one line. The new value in the arena, folded with LF and white space; NULL where
 * nothing of it may be said. */
typedef const char *failure_field_function(const struct failure_field *field, const char *value);

/* RFC 5321 4.4: names and addresses of hosts, the protocol and the date; no comment, no `for`. */
failure_field_function failure_fields_received;

/* RFC 6376 3.5: the tags that verifiers know, without z=, and i= without its local part. */
failure_field_function failure_fields_signature;

/* RFC 5322 3.3. */
failure_field_function failure_fields_date;

/* RFC 5322 3.6.4: its left side may name a mailbox and becomes a hash, as a local part does. */
failure_field_function failure_fields_message_id;

#endif
