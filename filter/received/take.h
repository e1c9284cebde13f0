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

struct take_source;

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
	/* of take.c, for those that find parts in parts (take_parts.h) */
	void (*part_function)(struct take *take, const char *bytes, size_t length);
	void (*stream_function)(struct take *take, const struct take_source *source);
	const char *nothing; /* why a part was passed over: said where there is nothing else */
};

/* All that there is: a mail or a bare report. Writes the end. */
void take_file(struct take *take, const char *bytes, size_t length);

/* The libraries are made ready before the process is confined. */
void take_mail_prepare(void);
void take_xml_prepare(void);

#endif
