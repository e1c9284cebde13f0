/*
 * sampler.h - a thread that samples, every few seconds, what cannot be counted as it happens: rates
 * of the last hour, what the store says about reports, which keys sign.
 *
 * Start and stop belong to one thread; wake and report are safe from any.
 */
#ifndef ASSAY_SAMPLER_H
#define ASSAY_SAMPLER_H

#include "base/shared.h"
#include "metrics/facts.h"

struct sampler;

/* NULL: no thread or no memory. `shared` has its resolver and metrics and outlives the sampler. */
struct sampler *sampler_start(struct shared *shared);
void sampler_stop(struct sampler *sampler); /* waits for the thread; NULL is allowed */

/* Samples now, because the settings have changed. NULL is allowed. */
void sampler_wake(struct sampler *sampler);

/* Fills in `recent`, `reports` and the keys; the caller has filled in `counts` and `dns`. With NULL
 * nothing is filled in. */
void sampler_report(struct sampler *sampler, struct facts *facts);

#endif
