/*
 * journal.h - the folder of journal segments beside the store: rows on their way.
 *
 * A segment is a file NAME.rows that one daemon appends records to with one write(2) each; it holds
 * a lock (flock) on the file as long as it lives. What a killed daemon leaves can be locked by any
 * other and is adopted. A segment that is imported to its end and that nobody writes to any more is
 * deleted.
 *
 * Nothing here waits for a disk on purpose: no fsync. A record that was written is in the kernel's
 * hands and outlives the process, not the machine.
 */
#ifndef ASSAY_JOURNAL_H
#define ASSAY_JOURNAL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/problem.h"

struct journal;
struct segment;

enum {
	JOURNAL_NAME = 64 /* most octets of a segment's name with its NUL */
};

struct journal_limits {
	int64_t segment; /* octets after which a new segment is started */
	int64_t all;     /* the most octets in the folder that this daemon answers for */
};

/*
 * Makes the folder (mode 0750) and the first segment. NULL and a problem where the folder is
 * unusable; a full disk is not fatal: appending fails until journal_renew() has found room.
 */
struct journal *journal_open(const char *folder, const struct journal_limits *limits,
                             struct problem *problem);

/* Leaves the segments as they are, for the next start; the locks go. */
void journal_close(struct journal *journal);

/* From any thread: appends a record. 0, or an errno: nothing, or a torn record, was written
 * (EDQUOT: the limit `all`). */
int journal_append(struct journal *journal, const char *record, size_t length);

/* The rest is for one thread, the import's. */

/* Begins a new segment where there is none, the current one is full, was deleted or could not be
 * written to. 0, or the errno why it could not be made (EDQUOT: there are as many as there may be,
 * none of which the store has taken yet). */
int journal_renew(struct journal *journal);

/* Walks over the segments of this daemon, oldest first; NULL begins and ends. */
struct segment *journal_next(struct journal *journal, const struct segment *segment);

/* Locks one segment that a killed daemon left, or returns NULL. It belongs to the journal from then
 * on. */
struct segment *journal_adopt(struct journal *journal);

const char *journal_segment_name(const struct segment *segment);

/* Will nobody write to it any more? To be asked before reading: only then is the end read the end.
 */
bool journal_is_final(struct journal *journal, const struct segment *segment);

ssize_t journal_read(const struct segment *segment, int64_t position, char *bytes, size_t size);

/* How far it is imported; -1 as long as nobody has said so. */
int64_t journal_position(const struct segment *segment);

/* `rows` were imported to get there. */
void journal_set_position(struct journal *journal, struct segment *segment, int64_t position,
                          unsigned long rows);

/* Deletes the file and the segment. False: the file could not be deleted, the segment stays. */
bool journal_drop(struct journal *journal, struct segment *segment);

/* Nothing is appended from now on: the current segment becomes final. */
void journal_retire(struct journal *journal);

/* Rows that this daemon appended and that are not imported yet. From any thread. */
unsigned long journal_waiting(struct journal *journal);

#endif
