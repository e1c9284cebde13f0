/*
 * warnings.h - what needs attention, in sentences that say what to do: for `assay status`. Pure.
 */
#ifndef ASSAY_WARNINGS_H
#define ASSAY_WARNINGS_H

#include "metrics/facts.h"

enum {
	WARNINGS_MAX = 16
};

struct warnings {
	size_t count;
	struct problem items[WARNINGS_MAX];
};

/* Fills in what needs attention, in the order of the table in warnings.c. */
void warnings_find(const struct facts *facts, struct warnings *warnings);

#endif
