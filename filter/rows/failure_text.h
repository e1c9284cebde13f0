/*
 * failure_text.h - one failure as one line of a journal (record_text.h), and as the store keeps it.
 *
 * The record's kind is "F"; behind the time stand all members of struct failure in their order.
 */
#ifndef ASSAY_FAILURE_TEXT_H
#define ASSAY_FAILURE_TEXT_H

#include "base/arena.h"
#include "rows/failure.h"

enum {
	FAILURE_TEXT_MAX = 96 * 1024 /* octets of a record: line ends take four each */
};

/* The record in the arena; NULL where it would be over FAILURE_TEXT_MAX. */
const char *failure_text_write(const struct failure *failure, struct arena *arena, size_t *length);

/* Is this (without its LF) the whole record of a failure? */
bool failure_text_check(const char *bytes, size_t length);

/* The failure, in the arena; NULL where it is not one. */
const struct failure *failure_text_read(const char *bytes, size_t length, struct arena *arena);

#endif
