/*
 * take_period.h - the time that a report is about, as its sender wrote it. For take_aggregate.c and
 * take_tls.c.
 */
#ifndef ASSAY_TAKE_PERIOD_H
#define ASSAY_TAKE_PERIOD_H

#include "received/take.h"

/* Sets begin and end of the report; texts are seconds, milliseconds or a moment of RFC 3339, and may
 * be NULL. Returns why the period cannot be, or NULL; what was mended is a repair. */
const char *take_period_read(struct take *take, const char *begin, const char *end,
                             struct received_report *report, unsigned *repairs);

#endif
