/*
 * record_text.h - what all records of a journal have in common: the frame with its checksum, and
 * fields with TAB between, in which every control byte is \xNN and a backslash is two.
 *
 * A record begins with its LF, so that one which was written only in part (full disk) spoils none
 * but itself; it has no LF at its end, so that a record that lacks only its last byte is known to
 * be torn.
 */
#ifndef ASSAY_RECORD_TEXT_H
#define ASSAY_RECORD_TEXT_H

#include <stdbool.h>
#include <time.h>

#include "base/text.h"

/* LF, room for the checksum, SP, `kind` ("" for a row) and the time. */
void record_text_begin(struct text *text, struct arena *arena, size_t limit, const char *kind,
                       time_t received);

/* A TAB and the field for each member, given by its offset in `of`; members are strings. */
void record_text_add_members(struct text *text, const void *of, const size_t *offsets,
                             size_t count);

/* Fills in the checksum. The record, or NULL where it was over the limit. */
const char *record_text_end(struct text *text, size_t *length);

/* What stands behind the checksum of a record (without its LF); NULL where it is torn or damaged.
 */
const char *record_text_check(const char *bytes, size_t length);

/* The time that stands there. */
time_t record_text_time(const char *at);

/* Cuts the next field off, in place; NULL where there is none. */
const char *record_text_next(char **rest);

/* The same for each member; false where fields are missing. */
bool record_text_read_members(char **rest, void *to, const size_t *offsets, size_t count);

#endif
