/*
 * xml_octets.h - the octets of an XML file as well-formed UTF-8, whatever its encoding was. By
 * iconv(3). For take_xml.c.
 */
#ifndef ASSAY_XML_OCTETS_H
#define ASSAY_XML_OCTETS_H

#include <iconv.h>
#include <stdbool.h>
#include <stddef.h>

enum {
	XML_OCTETS_ENCODINGS = 12,
	XML_OCTETS_HELD = 16
};

/* The converters that a report may need. They are opened once, before the process is confined:
 * iconv loads files. */
struct xml_encodings {
	iconv_t converter[XML_OCTETS_ENCODINGS]; /* (iconv_t)-1: this machine has it not */
};
void xml_octets_prepare(struct xml_encodings *encodings);
void xml_octets_release(struct xml_encodings *encodings);

struct xml_octets {
	const struct xml_encodings *encodings;
	void (*put)(void *context, const char *bytes, size_t length);
	void *context;
	bool damaged; /* octets that are not of the encoding; U+FFFD is in their place */

	iconv_t converter;
	size_t held; /* of a character whose end is to come */
	char hold[XML_OCTETS_HELD];
};

/* Chooses the converter by the file's beginning: a byte order mark, the pattern of UTF-16, or the
 * XML declaration; UTF-8 where nothing tells. Returns the octets of the mark, which are to be left
 * out. */
size_t xml_octets_begin(struct xml_octets *octets, const char *bytes, size_t length);
void xml_octets_add(struct xml_octets *octets, const char *bytes, size_t length);
void xml_octets_end(struct xml_octets *octets);

#endif
