/*
 * status_text.h - the facts as one JSON object, for `assay status` and scripts: every key is always
 * present, what does not exist is null. Times are seconds since 1970. Pure.
 */
#ifndef ASSAY_STATUS_TEXT_H
#define ASSAY_STATUS_TEXT_H

#include "base/arena.h"
#include "metrics/facts.h"

/* The whole page, in the arena. */
const char *status_text(const struct facts *facts, struct arena *arena);

#endif
