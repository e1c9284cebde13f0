/*
 * waiting.h - records that wait in memory because no journal can be written: a queue with a bound.
 */
#ifndef ASSAY_WAITING_H
#define ASSAY_WAITING_H

#include <stdbool.h>
#include <stddef.h>

struct waiting;

/* At most `most` records, and 1 KiB for each on average. NULL: no memory. */
struct waiting *waiting_new(size_t most);
void waiting_free(struct waiting *waiting);

/* From any thread. False: the queue is full, the record is not kept. */
bool waiting_put(struct waiting *waiting, const char *record, size_t length);

size_t waiting_count(struct waiting *waiting);

/* For one thread: the oldest record, which stays in place until waiting_remove(); NULL where there is none.
 */
const char *waiting_oldest(struct waiting *waiting, size_t *length);
void waiting_remove(struct waiting *waiting);

#endif
