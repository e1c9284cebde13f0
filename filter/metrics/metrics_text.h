/*
 * metrics_text.h - the facts in the text format of Prometheus (exposition format 0.0.4), by the
 * table of metrics_table.h. Pure.
 */
#ifndef ASSAY_METRICS_TEXT_H
#define ASSAY_METRICS_TEXT_H

#include "base/arena.h"
#include "metrics/facts.h"

/* The whole page, in the arena. */
const char *metrics_text(const struct facts *facts, struct arena *arena);

#endif
