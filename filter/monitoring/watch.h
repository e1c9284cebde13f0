/*
 * watch.h - the thread that looks, every few seconds, at what cannot be counted on a message's path: how
 * things went of late, what the store says about reports, which keys sign.
 */
#ifndef ASSAY_WATCH_H
#define ASSAY_WATCH_H

#include "metrics/facts.h"
#include "session/session.h"

struct watch;

/* NULL: no thread or no memory. `shared` has its resolver and metrics and outlives the watch. */
struct watch *watch_start(struct shared *shared);
void watch_stop(struct watch *watch); /* NULL is allowed */

/* Something has changed that is worth a look at once. */
void watch_wake(struct watch *watch);

/* Fills in `recent`, `reports` and the keys; `counts` and `dns` are there already. */
void watch_tell(struct watch *watch, struct facts *facts);

#endif
