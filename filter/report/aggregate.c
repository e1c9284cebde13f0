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
	void *with;
	bool failed;
};

/* libxml2 wants unsigned characters. */
static const xmlChar *x(const char *string)
{
	return (const xmlChar *)string;
}

static int aggregate_give(void *with, const char *bytes, int length)
{
	const struct aggregate *aggregate = with;

	return aggregate->sink(bytes, (size_t)length, aggregate->with) ? length : -1;
}

static int nothing_to_close(void *with)
{
	(void)with;
	return 0;
}

/* libxml2 would write to standard error; what fails here is told by its result. */
static void __attribute__((format(printf, 2, 3))) be_silent(void *unused, const char *format, ...)
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
	aggregate_check(aggregate, xmlTextWriterStartElement(aggregate->writer, x(name)));
}

static void close_element(struct aggregate *aggregate)
{
	aggregate_check(aggregate, xmlTextWriterEndElement(aggregate->writer));
}

static void element(struct aggregate *aggregate, const char *name, const char *value)
{
	aggregate_check(aggregate,
	                xmlTextWriterWriteElement(aggregate->writer, x(name),
	                                          x(xml_text_legal(aggregate->arena, value))));
}

/* An element that only stands where there is something to say. */
static void optional(struct aggregate *aggregate, const char *name, const char *value)
{
	if (value[0] != '\0')
		element(aggregate, name, value);
}

static void aggregate_number(struct aggregate *aggregate, const char *name, long long value)
{
	char digits[32];

	snprintf(digits, sizeof digits, "%lld", value);
	element(aggregate, name, digits);
}

static bool older(const struct aggregate *aggregate)
{
	return aggregate->dialect == REPORT_RFC7489;
}

static void write_metadata(struct aggregate *aggregate, const struct aggregate_head *head)
{
	open_element(aggregate, "report_metadata");
	element(aggregate, "org_name", head->organization);
	element(aggregate, "email", head->email);
	optional(aggregate, "extra_contact_info", head->contact);
	element(aggregate, "report_id", head->report_id);
	open_element(aggregate, "date_range");
	aggregate_number(aggregate, "begin", (long long)head->begin);
	aggregate_number(aggregate, "end", (long long)head->end);
	close_element(aggregate);
	optional(aggregate, "error", head->error);
	if (!older(aggregate))
		element(aggregate, "generator", "Assay " VERSION);
	close_element(aggregate);
}

static void write_policy(struct aggregate *aggregate, const struct report_row *policy)
{
	open_element(aggregate, "policy_published");
	element(aggregate, "domain", policy->policy_domain);
	element(aggregate, "adkim", policy->adkim);
	element(aggregate, "aspf", policy->aspf);
	element(aggregate, "p", policy->p);
	element(aggregate, "sp", policy->sp);
	if (older(aggregate)) {
		element(aggregate, "pct", "100");
		element(aggregate, "fo", policy->fo);
	} else {
		element(aggregate, "np", policy->np);
		element(aggregate, "fo", policy->fo);
		element(aggregate, "testing", policy->testing);
		optional(aggregate, "discovery_method", policy->discovery);
	}
	close_element(aggregate);
}

static void write_document(struct aggregate *aggregate, const struct aggregate_head *head)
{
	aggregate_check(aggregate,
	                xmlTextWriterStartDocument(aggregate->writer, "1.0", "UTF-8", NULL));
	open_element(aggregate, "feedback");
	if (!older(aggregate))
		aggregate_check(aggregate,
		                xmlTextWriterWriteAttribute(aggregate->writer, x("xmlns"),
		                                            x("urn:ietf:params:xml:ns:dmarc-2.0")));
	element(aggregate, "version", "1.0");
	write_metadata(aggregate, head);
	write_policy(aggregate, head->policy);
}

struct aggregate *aggregate_begin(const struct aggregate_head *head, aggregate_sink *sink,
                                  void *with)
{
	struct aggregate *aggregate = calloc(1, sizeof *aggregate);
	xmlOutputBufferPtr output;

	if (aggregate == NULL)
		return NULL;
	xmlSetGenericErrorFunc(NULL, be_silent);
	*aggregate = (struct aggregate){
	    .dialect = head->dialect, .arena = arena_new(), .sink = sink, .with = with};
	output = xmlOutputBufferCreateIO(aggregate_give, nothing_to_close, aggregate, NULL);
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
	return older(aggregate) && strcmp(word, from) == 0 ? to : word;
}

/* The schema of RFC 7489 knows IPv6 addresses of eight groups alone, none of them left out. */
static const char *source_ip(const struct aggregate *aggregate, const char *source)
{
	char text[ADDRESS_TEXT];
	struct address address;
	struct text groups;

	if (!older(aggregate) || !address_parse(source, &address))
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
	element(aggregate, "source_ip", source_ip(aggregate, row->source));
	aggregate_number(aggregate, "count", (long long)count);
	open_element(aggregate, "policy_evaluated");
	element(aggregate, "disposition", translate(aggregate, row->disposition, "pass", "none"));
	element(aggregate, "dkim", row->dkim_aligned);
	element(aggregate, "spf", row->spf_aligned);
	if (row->override_type[0] != '\0') {
		open_element(aggregate, "reason");
		element(aggregate, "type",
		        translate(aggregate, row->override_type, "policy_test_mode", "other"));
		optional(aggregate, "comment", row->override_comment);
		close_element(aggregate);
	}
	close_element(aggregate);
	close_element(aggregate);
}

static void write_identifiers(struct aggregate *aggregate, const struct report_row *row)
{
	open_element(aggregate, "identifiers");
	optional(aggregate, "envelope_to", row->envelope_to);
	element(aggregate, "envelope_from", row->envelope_from);
	element(aggregate, "header_from", row->header_from);
	close_element(aggregate);
}

static void write_dkim(struct aggregate *aggregate, const struct row_dkim *dkim)
{
	open_element(aggregate, "dkim");
	element(aggregate, "domain", dkim->domain);
	element(aggregate, "selector", dkim->selector);
	element(aggregate, "result", dkim->result);
	optional(aggregate, "human_result", dkim->reason);
	close_element(aggregate);
}

/* RFC 9990 has no place for an SPF result of no domain, RFC 7489 wants one in any case. */
static void write_spf(struct aggregate *aggregate, const struct report_row *row)
{
	if (row->spf_domain[0] == '\0' && !older(aggregate))
		return;
	open_element(aggregate, "spf");
	element(aggregate, "domain", row->spf_domain);
	element(aggregate, "scope", row->spf_scope);
	element(aggregate, "result", translate(aggregate, row->spf_result, "policy", "neutral"));
	if (!older(aggregate))
		optional(aggregate, "human_result", row->spf_reason);
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
