/*
 * query_refusal.h - the answers to lookups that are not asked, or not waited for any longer.
 */
#ifndef ASSAY_QUERY_REFUSAL_H
#define ASSAY_QUERY_REFUSAL_H

#include "services.h"

/* By whose fault; each has a reason. LOOKUP_FAULT_RESOLVER is a lack of memory, and none is the
 * domain's. */
extern const struct answer query_refusal_by_fault[LOOKUP_FAULTS];

/* The lookup's own time is up. */
extern const struct answer query_refusal_late;

#endif
