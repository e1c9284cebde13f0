/*
 * trail_findings.h - what was found and considered, as lines of a message's trail.
 */
#ifndef ASSAY_TRAIL_FINDINGS_H
#define ASSAY_TRAIL_FINDINGS_H

#include "decision/decision.h"
#include "session/trail.h"

/* A line for each finding of each policy. */
void trail_findings(struct trail *trail, const struct findings *findings);

/* A line for each consideration up to the one that decided, and the verdict. */
void trail_findings_verdict(struct trail *trail, const struct verdict *verdict);

#endif
