/*
 * aggregate.c - aggregate reports as XML by libxml2's writer, which escapes what has to be.
 * report_file.c calls it with the rows of a report; what it writes goes to gzip.c.
 */
#include "report/aggregate.h"

#include <libxml/parser.h>
#include <libxml/xmlwriter.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "base/arena.h"
#include "base/text.h"
#include "report/xml_text.h"

struct aggregate {
	enum report_dialect dialect;
	xmlTextWriterPtr writer;
	struct arena *arena; /* reset with each record */
	aggregate_sink *sink;
	void *context;
	bool failed;
};

/* libxml2 wants unsigned characters. */
static const xmlChar *xml(const char *string)
{
	return (const xmlChar *)string;
}

static int aggregate_output(void *context, const char *bytes, int length)
{
	const struct aggregate *aggregate = context;

	return aggregate->sink(bytes, (size_t)length, aggregate->context) ? length : -1;
}

static int close_nothing(void *context)
{
	(void)context;
	return 0;
}

/* libxml2 would write to standard error; what fails here is told by its result. */
static void __attribute__((format(printf, 2, 3)))
ignore_error(void *unused, const char *format, ...)
{
	(void)unused;
	(void)format;
}

static void aggregate_check(struct aggregate *aggregate, int status)
{
	if (status < 0)
		aggregate->failed = true;
}

static void open_element(struct aggregate *aggregate, const char *name)
{
	aggregate_check(aggregate, xmlTextWriterStartElement(aggregate->writer, xml(name)));
}

static void close_element(struct aggregate *aggregate)
{
	aggregate_check(aggregate, xmlTextWriterEndElement(aggregate->writer));
}

static void write_element(struct aggregate *aggregate, const char *name, const char *value)
{
	aggregate_check(aggregate,
	                xmlTextWriterWriteElement(aggregate->writer, xml(name),
	                                          xml(xml_text_legal(aggregate->arena, value))));
}

/* An element that only stands where there is something to say. */
static void write_optional(struct aggregate *aggregate, const char *name, const char *value)
{
	if (value[0] != '\0')
		write_element(aggregate, name, value);
}

static void aggregate_number(struct aggregate *aggregate, const char *name, long long value)
{
	char digits[32];

	snprintf(digits, sizeof digits, "%lld", value);
	write_element(aggregate, name, digits);
}

static bool is_rfc7489(const struct aggregate *aggregate)
{
	return aggregate->dialect == REPORT_RFC7489;
}

static void write_metadata(struct aggregate *aggregate, const struct aggregate_head *head)
{
	open_element(aggregate, "report_metadata");
	write_element(aggregate, "org_name", head->organization);
	write_element(aggregate, "email", head->email);
	write_optional(aggregate, "extra_contact_info", head->contact);
	write_element(aggregate, "report_id", head->report_id);
	open_element(aggregate, "date_range");
	aggregate_number(aggregate, "begin", (long long)head->begin);
	aggregate_number(aggregate, "end", (long long)head->end);
	close_element(aggregate);
	write_optional(aggregate, "error", head->error);
	if (!is_rfc7489(aggregate))
		write_element(aggregate, "generator", "Assay " VERSION);
	close_element(aggregate);
}

static void write_policy(struct aggregate *aggregate, const struct report_row *policy)
{
	open_element(aggregate, "policy_published");
	write_element(aggregate, "domain", policy->policy_domain);
	write_element(aggregate, "adkim", policy->adkim);
	write_element(aggregate, "aspf", policy->aspf);
	write_element(aggregate, "p", policy->p);
	write_element(aggregate, "sp", policy->sp);
	if (is_rfc7489(aggregate)) {
		write_element(aggregate, "pct", "100");
		write_element(aggregate, "fo", policy->fo);
	} else {
		write_element(aggregate, "np", policy->np);
		write_element(aggregate, "fo", policy->fo);
		write_element(aggregate, "testing", policy->testing);
		write_optional(aggregate, "discovery_method", policy->discovery);
	}
	close_element(aggregate);
}

static void write_document(struct aggregate *aggregate, const struct aggregate_head *head)
{
	aggregate_check(aggregate,
	                xmlTextWriterStartDocument(aggregate->writer, "1.0", "UTF-8", NULL));
	open_element(aggregate, "feedback");
	if (!is_rfc7489(aggregate))
		aggregate_check(aggregate, xmlTextWriterWriteAttribute(
		                               aggregate->writer, xml("xmlns"),
		                               xml("urn:ietf:params:xml:ns:dmarc-2.0")));
	write_element(aggregate, "version", "1.0");
	write_metadata(aggregate, head);
	write_policy(aggregate, head->policy);
}

struct aggregate *aggregate_begin(const struct aggregate_head *head, aggregate_sink *sink,
                                  void *context)
{
	struct aggregate *aggregate = calloc(1, sizeof *aggregate);
	xmlOutputBufferPtr output;

	if (aggregate == NULL)
		return NULL;
	xmlSetGenericErrorFunc(NULL, ignore_error);
	*aggregate = (struct aggregate){
	    .dialect = head->dialect, .arena = arena_new(), .sink = sink, .context = context};
	output = xmlOutputBufferCreateIO(aggregate_output, close_nothing, aggregate, NULL);
	aggregate->writer = output == NULL ? NULL : xmlNewTextWriter(output);
	if (aggregate->writer == NULL) {
		arena_free(aggregate->arena);
		free(aggregate);
		return NULL;
	}
	xmlTextWriterSetIndent(aggregate->writer, 1);
	write_document(aggregate, head);
	return aggregate;
}

/* What RFC 7489 has another word for. */
static const char *translate(const struct aggregate *aggregate, const char *word, const char *from,
                             const char *to)
{
	return is_rfc7489(aggregate) && strcmp(word, from) == 0 ? to : word;
}

/* The schema of RFC 7489 knows IPv6 addresses of eight groups alone, none of them left out. */
static const char *source_ip(const struct aggregate *aggregate, const char *source)
{
	char text[ADDRESS_TEXT];
	struct address address;
	struct text groups;

	if (!is_rfc7489(aggregate) || !address_parse(source, &address))
		return source;
	if (address.family == ADDRESS_IPV4) /* from ::ffff:192.0.2.1 too */
		return arena_string(aggregate->arena, address_print(&address, text));
	text_begin(&groups, aggregate->arena, ADDRESS_TEXT);
	for (size_t i = 0; i < sizeof address.bytes; i += 2)
		text_add_format(&groups, "%s%x", i == 0 ? "" : ":",
		                (unsigned)address.bytes[i] << 8 | address.bytes[i + 1]);
	return groups.bytes;
}

static void write_row(struct aggregate *aggregate, const struct report_row *row,
                      unsigned long count)
{
	open_element(aggregate, "row");
	write_element(aggregate, "source_ip", source_ip(aggregate, row->source));
	aggregate_number(aggregate, "count", (long long)count);
	open_element(aggregate, "policy_evaluated");
	write_element(aggregate, "disposition",
	              translate(aggregate, row->disposition, "pass", "none"));
	write_element(aggregate, "dkim", row->dkim_aligned);
	write_element(aggregate, "spf", row->spf_aligned);
	if (row->override_type[0] != '\0') {
		open_element(aggregate, "reason");
		write_element(
		    aggregate, "type",
		    translate(aggregate, row->override_type, "policy_test_mode", "other"));
		write_optional(aggregate, "comment", row->override_comment);
		close_element(aggregate);
	}
	close_element(aggregate);
	close_element(aggregate);
}

static void write_identifiers(struct aggregate *aggregate, const struct report_row *row)
{
	open_element(aggregate, "identifiers");
	write_optional(aggregate, "envelope_to", row->envelope_to);
	write_element(aggregate, "envelope_from", row->envelope_from);
	write_element(aggregate, "header_from", row->header_from);
	close_element(aggregate);
}

static void write_dkim(struct aggregate *aggregate, const struct row_dkim *dkim)
{
	open_element(aggregate, "dkim");
	write_element(aggregate, "domain", dkim->domain);
	write_element(aggregate, "selector", dkim->selector);
	write_element(aggregate, "result", dkim->result);
	write_optional(aggregate, "human_result", dkim->reason);
	close_element(aggregate);
}

/* RFC 9990 has no place for an SPF result of no domain, RFC 7489 wants one in any case. */
static void write_spf(struct aggregate *aggregate, const struct report_row *row)
{
	if (row->spf_domain[0] == '\0' && !is_rfc7489(aggregate))
		return;
	open_element(aggregate, "spf");
	write_element(aggregate, "domain", row->spf_domain);
	write_element(aggregate, "scope", row->spf_scope);
	write_element(aggregate, "result",
	              translate(aggregate, row->spf_result, "policy", "neutral"));
	if (!is_rfc7489(aggregate))
		write_optional(aggregate, "human_result", row->spf_reason);
	close_element(aggregate);
}

bool aggregate_add(struct aggregate *aggregate, const struct report_row *row, unsigned long count)
{
	arena_reset(aggregate->arena);
	open_element(aggregate, "record");
	write_row(aggregate, row, count);
	write_identifiers(aggregate, row);
	open_element(aggregate, "auth_results");
	for (size_t i = 0; i < row->dkim_count; i++)
		write_dkim(aggregate, &row->dkim[i]);
	write_spf(aggregate, row);
	close_element(aggregate);
	close_element(aggregate);
	return !aggregate->failed;
}

bool aggregate_end(struct aggregate *aggregate)
{
	bool good;

	aggregate_check(aggregate, xmlTextWriterEndDocument(aggregate->writer));
	aggregate_check(aggregate, xmlTextWriterFlush(aggregate->writer));
	good = !aggregate->failed;
	xmlFreeTextWriter(aggregate->writer);
	arena_free(aggregate->arena);
	free(aggregate);
	return good;
}

void aggregate_version(char *text, size_t room)
{
	/* "20914" is 2.9.14; the one that runs, not the one that it was built with */
	long version = strtol(xmlParserVersion, NULL, 10);

	snprintf(text, room, "%ld.%ld.%ld", version / 10000, version / 100 % 100, version % 100);
}
