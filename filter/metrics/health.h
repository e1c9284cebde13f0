/*
 * health.h - may a load balancer send mail here? A pure question to the facts.
 *
 * No: while the daemon stops, and where no name server has answered anything for a while (every
 * message would be judged as if it could not be authenticated; another host may do better). Yes in
 * all other trouble: a store that is locked or full delays no mail, and taking the host out would
 * not help the reports.
 */
#ifndef ASSAY_HEALTH_H
#define ASSAY_HEALTH_H

#include "metrics/facts.h"

enum {
	HEALTH_SILENT_S = 30 /* of lookups that failed, every one, until the host is taken out */
};

/* False: the problem says why in one sentence. */
bool health_is_good(const struct facts *facts, struct problem *problem);

#endif
