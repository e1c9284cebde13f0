/*
 * xml_mend.h - XML mended where producers of reports are known to be careless, between
 * xml_octets.c and libxml2, for take_xml.c.
 *
 * Mended: "<" and "&" that begin no markup ("Foo <foo@example.com>", "AT&T"), control characters.
 * Left out: declarations, processing instructions and comments, wherever they stand, and the
 * prefixes and attributes of elements. Refused: DOCTYPE, for which a report has no use and an attacker many, and tags without
 * end. So no entity but the five of XML and numbers ever reaches libxml2.
 */
#ifndef ASSAY_XML_MEND_H
#define ASSAY_XML_MEND_H

#include <stdbool.h>
#include <stddef.h>

enum {
	XML_MEND_TAG = 65536, /* octets of a tag with its attributes */
	XML_MEND_OUT = 16384
};

enum xml_mend_state {
	XML_MEND_TEXT,
	XML_MEND_AMPERSAND,
	XML_MEND_OPENED, /* after "<" */
	XML_MEND_TAGGED,
	XML_MEND_BANG, /* after "<!" */
	XML_MEND_COMMENT,
	XML_MEND_INSTRUCTION,
	XML_MEND_CDATA
};

struct xml_mend {
	/* set by the caller; gets UTF-8 as long as it gets UTF-8 */
	void (*put)(void *context, const char *bytes, size_t length);
	void *context;

	/* to be read by the caller */
	unsigned long mended; /* how many < and & */
	bool controls_mended;
	const char *refused; /* a sentence; NULL */
	unsigned long ended; /* end tags of `feedback`, in any namespace */

	enum xml_mend_state state;
	char quote;   /* of the attribute that it is in; 0 */
	bool named;   /* the name of the tag is over */
	char last[2]; /* the octets before this one */
	size_t held, waiting;
	char tag[XML_MEND_TAG];
	char out[XML_MEND_OUT];
};

/* False: it has to be refused. */
bool xml_mend_add(struct xml_mend *mend, const char *bytes, size_t length);

/* What is left over comes out. */
void xml_mend_end(struct xml_mend *mend);

#endif
