/*
 * retention.h - how long rows are kept, and how much room they take.
 */
#ifndef ASSAY_RETENTION_H
#define ASSAY_RETENTION_H

#include <stdbool.h>
#include <time.h>

#include "store/store.h"

struct retention_size {
	unsigned long octets, unused; /* of the file; unused: what is deleted in it */
	unsigned long rows, reports;
	time_t oldest; /* beginning of the oldest period; 0 where there is none */
};

bool retention_measure(struct store *store, struct retention_size *size, struct problem *problem);

/*
 * Deletes the rows of periods that ended before, whatever became of their reports, in transactions
 * so short that the recorder hardly notices. `deleted` counts rows. Where much of the file is
 * unused then, it is made smaller: for that time the recorder's rows wait in the journal. Only for
 * a moment that a trusted clock gave (store_clock.h): what is deleted by a wrong one does not come
 * back.
 */
bool retention_expire(struct store *store, time_t before, unsigned long *deleted,
                      struct problem *problem);

#endif
