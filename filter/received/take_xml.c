/*
 * take_xml.c - XML read by libxml2 as it comes, without a tree: octets through xml_octets.c and
 * xml_mend.c, elements to take_aggregate.c.
 *
 * All of the file stands in an element of ours, so that several reports in one file, and what other
 * programs put around them, are read too. libxml2 recovers where elements are not closed: whether a
 * report ends is known from its end tag alone.
 */
#include "received/take_xml.h"

#include <libxml/parser.h>
#include <libxml/xmlerror.h>
#include <stdlib.h>
#include <string.h>

#include "base/invariant.h"
#include "received/xml_mend.h"

struct take_xml {
	struct take *take;
	xmlParserCtxtPtr parser;
	struct take_aggregate *aggregate;
	struct take_xml_state state;
	struct xml_octets octets;
	struct xml_mend mend;
	unsigned depth;
	bool stopped; /* and said why */
};

static void xml_stop(struct take_xml *xml)
{
	xml->stopped = true;
	xmlStopParser(xml->parser);
}

static void xml_open(void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
                     int namespaces, const xmlChar **namespace, int attributes, int defaulted,
                     const xmlChar **attribute)
{
	struct take_xml *xml = context;

	(void)prefix, (void)uri, (void)namespaces, (void)namespace;
	(void)attributes, (void)defaulted, (void)attribute;
	if (xml->stopped)
		return;
	/* the outermost one is ours */
	if (xml->depth++ == 0)
		return;
	if (xml->depth - 1 > xml->take->limits->depth) {
		take_refuse(xml->take, "its elements are nested more than %u deep",
		            xml->take->limits->depth);
		xml_stop(xml);
	} else if (!take_aggregate_open(xml->aggregate, (const char *)name)) {
		xml_stop(xml);
	}
}

static void xml_close(void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
	struct take_xml *xml = context;

	(void)name, (void)prefix, (void)uri;
	if (xml->stopped || --xml->depth == 0)
		return;
	xml->state.damaged_octets = xml->octets.damaged;
	xml->state.damaged_markup = xml->mend.mended > 0;
	xml->state.damaged_controls = xml->mend.controls_mended;
	xml->state.ended = xml->mend.ended;
	if (!take_aggregate_close(xml->aggregate, &xml->state))
		xml_stop(xml);
}

static void xml_text(void *context, const xmlChar *bytes, int length)
{
	struct take_xml *xml = context;

	invariant(length >= 0);
	if (!xml->stopped)
		take_aggregate_text(xml->aggregate, (const char *)bytes, (size_t)length);
}

static void xml_error(void *context, xmlErrorPtr error)
{
	struct take_xml *xml = context;

	if (error->level == XML_ERR_FATAL)
		xml->state.damaged_structure = true;
}

/* No handler for document types and entities: xml_mend.c lets none through. */
static const xmlSAXHandler xml_handlers = {.initialized = XML_SAX2_MAGIC,
                                           .startElementNs = xml_open,
                                           .endElementNs = xml_close,
                                           .characters = xml_text,
                                           .ignorableWhitespace = xml_text,
                                           .cdataBlock = xml_text,
                                           .serror = (xmlStructuredErrorFunc)xml_error};

static void xml_parse(void *context, const char *bytes, size_t length)
{
	struct take_xml *xml = context;

	if (!xml->stopped)
		xmlParseChunk(xml->parser, bytes, (int)length, 0);
}

static void xml_octets_put(void *context, const char *bytes, size_t length)
{
	struct take_xml *xml = context;

	if (!xml->stopped && !xml_mend_add(&xml->mend, bytes, length)) {
		take_refuse(xml->take, "%s", xml->mend.refused);
		xml_stop(xml);
	}
}

static void xml_read(struct take_xml *xml, const char *first, size_t length,
                     const struct take_source *rest)
{
	size_t mark = xml_octets_begin(&xml->octets, first, length);
	char *bytes = malloc(XML_MEND_TAG);
	long got = (long)length;

	if (bytes == NULL)
		abort();
	xml_octets_add(&xml->octets, first + mark, length - mark);
	while (got > 0 && !xml->stopped) {
		got = rest->read(rest->context, bytes, XML_MEND_TAG);
		if (got > 0)
			xml_octets_add(&xml->octets, bytes, (size_t)got);
		else if (got < 0)
			xml->stopped = true;
	}
	free(bytes);
}

static void xml_finish(struct take_xml *xml)
{
	static const char end[] = "</assay>";

	if (!xml->stopped)
		xml_octets_end(&xml->octets);
	if (!xml->stopped)
		xml_mend_end(&xml->mend);
	if (!xml->stopped)
		xmlParseChunk(xml->parser, end, sizeof end - 1, 1);
	if (!xml->stopped)
		take_aggregate_end(xml->aggregate);
	else
		wire_write(xml->take->wire, WIRE_DROP, NULL);
}

void take_xml_prepare(void)
{
	xmlInitParser();
}

void take_xml(struct take *take, const char *first, size_t length, const struct take_source *rest)
{
	static const char begin[] = "<assay>";
	struct take_xml *xml = calloc(1, sizeof *xml);
	xmlSAXHandler handlers = xml_handlers;

	if (xml == NULL)
		abort();
	xml->take = take;
	xml->octets = (struct xml_octets){
	    .encodings = take->encodings, .put = xml_octets_put, .context = xml};
	xml->mend.put = xml_parse;
	xml->mend.context = xml;
	xml->parser = xmlCreatePushParserCtxt(&handlers, xml, begin, sizeof begin - 1, NULL);
	xml->aggregate = take_aggregate_new(take);
	if (xml->parser == NULL)
		abort();
	xmlCtxtUseOptions(xml->parser, XML_PARSE_RECOVER | XML_PARSE_NONET);
	xml_read(xml, first, length, rest);
	xml_finish(xml);
	take_aggregate_free(xml->aggregate);
	xmlFreeDoc(xml->parser->myDoc);
	xmlFreeParserCtxt(xml->parser);
	free(xml);
}
