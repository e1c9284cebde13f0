/*
 * spf_prefetch.h - starts the lookups that an evaluation will need, a few at a time, and never more
 * void ones than RFC 7208 4.6.4 allows.
 *
 * A record with three includes then costs two round trips: its own, and one for the three.
 */
#ifndef ASSAY_SPF_PREFETCH_H
#define ASSAY_SPF_PREFETCH_H

#include "spf/spf_request.h"

/* Looks up the record of the request and, as records arrive, the names in them. The request must
 * not change until its arena is released. */
void spf_prefetch(const struct spf_request *request);

#endif
