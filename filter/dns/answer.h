/*
 * answer.h - DNS record data turned into a struct answer (services.h): the one place that reads the
 * octets of the network.
 *
 * An answer is one block of memory that never changes. Whatever is wrong with the data ends in
 * LOOKUP_FAILED and words.
 */
#ifndef ASSAY_ANSWER_H
#define ASSAY_ANSWER_H

#include "services.h"

enum {
	ANSWER_RECORDS_MAX = 256,
	ANSWER_OCTETS_MAX = 65536 /* of record data in all; a message of the DNS cannot hold more */
};

/* The data of one record without owner, type and length; names in it are not compressed. */
struct record_data {
	const unsigned char *octets;
	size_t length;
};

/*
 * LOOKUP_FOUND with all records, or LOOKUP_FAILED where one of them is malformed or there are too
 * many. In names (MX, PTR) an octet that is no printable ASCII, and a dot or backslash inside a
 * label, become \DDD (RFC 1035 5.1), so that no label passes for two. NULL without memory.
 */
struct answer *answer_found(enum record_type type, const struct record_data *data, size_t count,
                            bool secure);

/* An answer without records; `why` is copied, NULL unless LOOKUP_FAILED. NULL without memory. */
struct answer *answer_without(enum lookup_status status, const char *why, bool secure);

size_t answer_bytes(const struct answer *answer); /* of memory */
void answer_free(struct answer *answer);          /* NULL is allowed */

#endif
