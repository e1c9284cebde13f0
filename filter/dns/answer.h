/*
 * answer.h - DNS record data turned into a struct answer (services.h): the only place that reads
 * octets from the network.
 *
 * An answer is one block of memory and does not change once the cache has it. Malformed data
 * becomes LOOKUP_FAILED with a reason. No state: any thread may call.
 */
#ifndef ASSAY_ANSWER_H
#define ASSAY_ANSWER_H

#include "services.h"

enum {
	ANSWER_RECORDS_MAX = 256,
	ANSWER_OCTETS_MAX = 65536 /* of record data in total; a DNS message cannot have more */
};

/* The data of one record without owner, type and length; names in it are not compressed. */
struct record_data {
	const unsigned char *octets;
	size_t length;
};

/*
 * LOOKUP_FOUND with all records, or LOOKUP_FAILED where one of them is malformed or there are too
 * many. In names (MX, PTR) an octet that is not printable ASCII, and a dot or backslash inside a
 * label, become \DDD (RFC 1035 5.1), so that one label is never read as two. NULL without memory.
 * The caller frees the answer, or hands it over to the cache.
 */
struct answer *answer_found(enum record_type type, const struct record_data *data, size_t count,
                            bool secure);

/* An answer without records. `why` is copied; it is NULL unless `status` is LOOKUP_FAILED. NULL
 * without memory. Ownership as above. */
struct answer *answer_without(enum lookup_status status, const char *why, bool secure);

size_t answer_bytes(const struct answer *answer); /* of memory */
void answer_free(struct answer *answer);          /* NULL is allowed */

#endif
