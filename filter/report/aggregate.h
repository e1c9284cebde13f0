/*
 * aggregate.h - an aggregate report as XML, in the form of RFC 9990 or of RFC 7489 appendix C.
 *
 * Written as the rows come, so that a report of any size needs little memory. Elements stand in an
 * order that both schemas allow.
 */
#ifndef ASSAY_AGGREGATE_H
#define ASSAY_AGGREGATE_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "recorder/recorder.h"
#include "rows/row.h"

struct aggregate;

/* Takes the next bytes; false ends the report. */
typedef bool aggregate_sink(const char *bytes, size_t length, void *context);

struct aggregate_head {
	enum report_dialect dialect;
	const char *organization, *email;
	const char *contact; /* "" for none */
	const char *report_id;
	time_t begin, end;
	const struct report_row *policy; /* the members that are about the policy */
	const char *error; /* what is wrong with the record or the report; "" for nothing */
};

/* NULL: no memory, or the sink refused. */
struct aggregate *aggregate_begin(const struct aggregate_head *head, aggregate_sink *sink,
                                  void *context);

bool aggregate_add(struct aggregate *aggregate, const struct report_row *row, unsigned long count);

/* Ends the report and frees it. False: something went wrong on the way, what was written is no
 * report. */
bool aggregate_end(struct aggregate *aggregate);

/* The version of libxml2 that runs. */
void aggregate_version(char *text, size_t room);

#endif
