/*
 * failure_settings.h - the settings of failure reports, which are sent only where all three are
 * given: "send", "domains", and the address that reports come from (reports.email).
 */
#ifndef ASSAY_FAILURE_SETTINGS_H
#define ASSAY_FAILURE_SETTINGS_H

#include "recorder/recorder.h"

struct failure_settings {
	bool send;
	struct strings domains; /* policy domains; "*.DOMAIN" those below, "*" all */
	/* the most mails about a policy domain in an hour; to an address, and in all, in a day */
	long per_domain_hour, per_destination_day, per_day;
	long consolidate_minutes; /* for how long equal failures are added up */
};
extern const struct setting_group failure_settings_group; /* "failures" */

/* Are failure reports sent at all? */
bool failure_settings_send(const struct failure_settings *settings,
                           const struct report_settings *reports);

#endif
