/*
 * audience.h - who gets a report: the domains that the site reports to, how many addresses of one
 * rua have it already, and the operator's copy. Asked by sender.c. Nothing here waits or looks up.
 */
#ifndef ASSAY_AUDIENCE_H
#define ASSAY_AUDIENCE_H

#include "recorder/recorder.h"
#include "store/store_outbox.h"

/* Why no report is made for this domain (internal form): the setting in words; NULL where one is.
 */
const char *audience_excluded(const struct report_settings *settings, const char *domain,
                              struct arena *arena);

/* The addresses, ", " between, of the deliveries but one that went out, or will as soon as the mail
 * server takes them: these are what reports.maximum_destinations counts (RFC 9990 3.4). */
const char *audience_taken(const struct outbox_report *report, const struct outbox_delivery *but,
                           struct arena *arena);

/* How many addresses the report went to. */
size_t audience_reached(const struct outbox_report *report);

/* Where the operator's copy goes once this delivery has gone out: "" where there is none, where
 * another delivery of the report went out before, and where the address is one of the delivery's.
 */
const char *audience_copy(const struct report_settings *settings,
                          const struct outbox_report *report,
                          const struct outbox_delivery *delivery, struct arena *arena);

#endif
