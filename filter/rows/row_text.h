/*
 * row_text.h - one row as one line of a journal.
 *
 * A record is LF, 16 hexadecimal digits of checksum, SP and the fields, TAB between them: when the
 * message was received (seconds since 1970), then the members of row_text_policy, those of
 * row_text_row, the number of DKIM results and four fields for each, and where there is a sealer of
 * ARC two fields for it. In a field every control byte is \xNN and a backslash is two. A record
 * begins with its LF, so that one which was written only in part (full disk) spoils none but
 * itself; it has no LF at its end, so that a record that lacks only its last byte is known to be
 * torn.
 *
 * Equal rows have equal bytes after the time: rows can be compared without being read.
 */
#ifndef ASSAY_ROW_TEXT_H
#define ASSAY_ROW_TEXT_H

#include "base/arena.h"
#include "rows/identity.h"
#include "rows/row.h"

enum {
	ROW_TEXT_MAX = 512 * 1024 /* octets of a record */
};

/* Members of struct report_row that are strings, in the order in which they are written and stored.
 */
extern const size_t row_text_policy[], row_text_row[]; /* offsets */
enum {
	ROW_TEXT_POLICY = 12,
	ROW_TEXT_ROW = 15
};

struct row_text {
	time_t received;
	const char *policy; /* the bytes of the policy members ... */
	size_t policy_length;
	const char *row; /* ... and of all others; pointers into the journal's bytes */
	size_t row_length;
};

/* The record in the arena; NULL where it would be over ROW_TEXT_MAX. */
const char *row_text_write(const struct report_row *row, struct arena *arena, size_t *length);

/* Splits a record (without its LF). False: torn or damaged. */
bool row_text_read(const char *bytes, size_t length, struct row_text *record);

/* The whole row, in the arena; NULL where fields are missing. */
const struct report_row *row_text_parse(const struct row_text *record, struct arena *arena);

/* The policy domain alone, in the arena. */
const char *row_text_domain(const struct row_text *record, struct arena *arena);

/* The identity that tally_add() gives to a record of this row. */
struct identity row_text_identity(const struct report_row *row, const struct identity *key,
                                  struct arena *arena);

/* The DKIM results as canonical JSON: [{"domain":..,"selector":..,"result":..,"reason":..},..]. */
const char *row_text_dkim_json(const struct report_row *row, struct arena *arena);

#endif
