/*
 * take_xml.h - the elements of an XML file, as libxml2 finds them: between take_xml.c, which reads,
 * and take_aggregate.c, which knows what they mean.
 */
#ifndef ASSAY_TAKE_XML_H
#define ASSAY_TAKE_XML_H

#include <stdbool.h>
#include <stddef.h>

#include "received/take.h"
#include "received/xml_octets.h"

/* What is wrong with the XML itself, as far as it was read. */
struct take_xml_state {
	bool damaged_octets, damaged_markup, damaged_controls, damaged_structure;
	unsigned long ended; /* end tags of `feedback` that really stand there */
};

struct take_aggregate;

struct take_aggregate *take_aggregate_new(struct take *take);
void take_aggregate_free(struct take_aggregate *aggregate);

/* Names are local ones. False: nothing more is wanted, and why was said. */
bool take_aggregate_open(struct take_aggregate *aggregate, const char *name);
void take_aggregate_text(struct take_aggregate *aggregate, const char *bytes, size_t length);
bool take_aggregate_close(struct take_aggregate *aggregate, const struct take_xml_state *state);

/* The file is over. Says why where there was no complete report in it. */
void take_aggregate_end(struct take_aggregate *aggregate);

#endif
