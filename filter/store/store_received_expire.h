/*
 * store_received_expire.h - old reports of others go, with their sums (received.keep_days).
 */
#ifndef ASSAY_STORE_RECEIVED_EXPIRE_H
#define ASSAY_STORE_RECEIVED_EXPIRE_H

#include <stdbool.h>
#include <time.h>

#include "store/store.h"

/*
 * Deletes reports whose range ended before `before`, the sums of these days, and names that were
 * looked up before it; in short transactions, and no more than a share in one run: the next one
 * goes on. `deleted` counts reports. Only for a moment that a trusted clock gave (store_clock.h).
 */
bool store_received_expire(struct store *store, time_t before, unsigned long *deleted,
                           struct problem *problem);

#endif
