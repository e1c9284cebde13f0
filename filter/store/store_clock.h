/*
 * store_clock.h - whether the clock may be believed: the sender asks before it does what cannot be
 * undone, such as deleting old rows.
 */
#ifndef ASSAY_STORE_CLOCK_H
#define ASSAY_STORE_CLOCK_H

#include <stdbool.h>
#include <time.h>

#include "store/store.h"

/*
 * Notes the time of a run in the store. `clock_trusted` says whether it goes on from the runs
 * before. A clock that went back by more than an hour is doubted until a run at least a day later;
 * so is one that went ahead by more than two days, and one that is seen for the first time. A
 * sender that rarely runs looks like a clock that jumps ahead: each second of its runs is believed.
 * `jumped` says that the doubt begins with this run, though there were runs before. False: the
 * store failed.
 */
bool store_clock_note(struct store *store, time_t now, bool *clock_trusted, bool *jumped,
                      struct problem *problem);

#endif
