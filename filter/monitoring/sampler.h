/*
 * sampler.h - the thread that looks, every few seconds, at what cannot be counted on a message's
 * path: how things went of late, what the store says about reports, which keys sign.
 */
#ifndef ASSAY_SAMPLER_H
#define ASSAY_SAMPLER_H

#include "base/shared.h"
#include "metrics/facts.h"

struct sampler;

/* NULL: no thread or no memory. `shared` has its resolver and metrics and outlives the watch. */
struct sampler *sampler_start(struct shared *shared);
void sampler_stop(struct sampler *watch); /* NULL is allowed */

/* Something has changed that is worth a look at once. */
void sampler_wake(struct sampler *watch);

/* Fills in `recent`, `reports` and the keys; `counts` and `dns` are there already. */
void sampler_report(struct sampler *watch, struct facts *facts);

#endif
