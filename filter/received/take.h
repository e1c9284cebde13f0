/*
 * take.h - taking a file apart, in the confined process: what its parts share.
 *
 * take.c decides by the first octets what a part is and gives it to take_mail.c, take_archive.c,
 * take_xml.c (and from there to take_aggregate.c), take_tls.c or take_failure.c. They write what
 * they find to the wire.
 */
#ifndef ASSAY_TAKE_H
#define ASSAY_TAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "base/arena.h"
#include "received/reader.h"
#include "received/wire.h"
#include "received/xml_octets.h"

struct take {
	const struct reader_limits *limits;
	struct wire *wire;
	struct arena *arena; /* of the whole file */
	const struct xml_encodings *encodings;
	time_t now;
	time_t arrived; /* Date of the mail, else the time of the file */
	/* of the mail, cleaned; NULL where it has none */
	const char *subject, *message_id, *author; /* author: the address of From */
	const char *part;                          /* the file name of the part, cleaned; NULL */
	size_t inflated;                           /* octets so far */
	unsigned reports, reasons, containers;
	const char *nothing; /* why a part was passed over: said where there is nothing else */
};

/* Octets from somewhere, once. */
struct take_source {
	/* the octets read, at most `room`, less only at the end; -1 after take_refuse() */
	long (*read)(void *context, char *bytes, size_t room);
	void *context;
};

/* All that there is: a mail or a bare report. Writes the end. */
void take_file(struct take *take, const char *bytes, size_t length);

/* A part of a mail, or a member of an archive. What is no report, nor could be one, is passed over.
 */
void take_part(struct take *take, const char *bytes, size_t length);
void take_stream(struct take *take, const struct take_source *source);

/* Why a part cannot be read: a sentence about "it". */
void take_refuse(struct take *take, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* One more repair of the report under way. `repairs` counts them. */
void take_repair(struct take *take, unsigned *repairs, const char *text);

/* The report is complete. False: the file has too many, which is said. */
bool take_report(struct take *take, const struct received_report *report);

/* Would it be too many? Then that is said. */
bool take_has_room(struct take *take);

/* The libraries are made ready before the process is confined. */
void take_mail_prepare(void);
void take_xml_prepare(void);

/* What the parts are. */
void take_mail(struct take *take, const char *bytes, size_t length);
void take_archive(struct take *take, const char *bytes, size_t length);
void take_xml(struct take *take, const char *first, size_t length, const struct take_source *rest);
void take_tls(struct take *take, const char *json, size_t length);
/* The fields of a failure report (RFC 5965 3.1) and the fields of the mail that it is about, ""
 * where it has none. */
void take_failure(struct take *take, const char *fields, const char *original);

#endif
