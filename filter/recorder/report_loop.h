/*
 * report_loop.h - mail that is about reports, not for them: a report about a report would be
 * answered by another, day after day.
 */
#ifndef ASSAY_REPORT_LOOP_H
#define ASSAY_REPORT_LOOP_H

#include <stdbool.h>

#include "finding.h"
#include "message.h"
#include "recorder/recorder.h"

/*
 * Is this mail to the address that our reports come from and to nobody else; one of our own reports
 * that comes back; or the report of somebody else, recognized by its Subject (RFC 9990 3.5.2) and
 * by having passed DMARC, as every report must? No row is kept of it. Neither a Subject nor that
 * address as one recipient among others, which every receiver of a report knows, hides forged mail.
 */
bool report_loop_found(const struct message *message, const struct findings *findings,
                       const struct report_settings *settings, struct arena *arena);

#endif
