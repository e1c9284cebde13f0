/*
 * take_parts.h - what the files take_*.c have of each other: reading a part, and saying what came
 * of it (take_say.c).
 */
#ifndef ASSAY_TAKE_PARTS_H
#define ASSAY_TAKE_PARTS_H

#include <stdbool.h>
#include <stddef.h>

#include "received/take.h"

/* Octets from somewhere, once. */
struct take_source {
	/* the octets read, at most `room`, less only at the end; -1 after take_refuse() */
	long (*read)(void *context, char *bytes, size_t room);
	void *context;
};

/* What is in a part of a mail, or comes out of an archive, goes to take.c through these members of
 * struct take: part_function and stream_function. What is no report, nor could be one, is passed
 * over. */

/* Why a part cannot be read: a sentence about "it". */
void take_say_reason(struct take *take, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* One more repair of the report under way. `repairs` counts them. */
void take_say_repair(struct take *take, unsigned *repairs, const char *text);

/* The report is complete. There has to be room. */
void take_say_report(struct take *take, const struct received_report *report);

/* Is there room for another report? Else that is said. */
bool take_say_room(struct take *take);

/* What the parts are. */
void take_mail(struct take *take, const char *bytes, size_t length);
void take_archive(struct take *take, const char *bytes, size_t length);
void take_xml(struct take *take, const char *first, size_t length, const struct take_source *rest);
void take_tls(struct take *take, const char *json, size_t length);

/* The fields of a failure report (RFC 5965 3.1), and those of the mail that it is about: "" where
 * it has none. */
void take_failure(struct take *take, const char *fields, const char *original);

#endif
