/*
 * backlog.h - records that wait in memory because no journal can be written: a queue with a bound.
 */
#ifndef ASSAY_BACKLOG_H
#define ASSAY_BACKLOG_H

#include <stdbool.h>
#include <stddef.h>

struct backlog;

/* At most `most` records, and 1 KiB for each on average. NULL: no memory. */
struct backlog *backlog_new(size_t max);
void backlog_free(struct backlog *backlog);

/* From any thread. False: the queue is full, the record is not kept. */
bool backlog_put(struct backlog *backlog, const char *record, size_t length);

size_t backlog_count(struct backlog *backlog);

/* For one thread: the oldest record, which stays in place until backlog_remove(); NULL where there
 * is none.
 */
const char *backlog_oldest(struct backlog *backlog, size_t *length);
void backlog_remove(struct backlog *backlog);

#endif
