/*
 * health.h - should a load balancer send mail here? A pure function of the facts.
 *
 * No, while the daemon is stopping, and if no name server has answered anything for a while: every
 * message would be judged as if it could not be authenticated, and another host may do better. Yes
 * in all other trouble: a store that is locked or full does not delay mail, and taking the host out
 * would not help the reports.
 */
#ifndef ASSAY_HEALTH_H
#define ASSAY_HEALTH_H

#include "metrics/facts.h"

enum {
	HEALTH_SILENT_S = 30 /* if every lookup has failed for so long, the answer is no */
};

/* False: the problem says why in one sentence. */
bool health_is_good(const struct facts *facts, struct problem *problem);

#endif
