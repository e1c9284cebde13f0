/*
 * warnings.h - what somebody should do something about, in sentences that say what: for `assay
 * status`. Pure.
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

void warnings_find(const struct facts *facts, struct warnings *warnings);

#endif
