/*
 * aggregate_test.c - reports as XML: valid by the schemas whatever the rows say, and readable by
 * nobody in another way than meant.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "base/arena.h"
#include "report/aggregate.h"
#include "report/gzip.h"
#include "report/xml_text.h"

/* Legal text */

static void illegal_characters_become_question_marks(void **state)
{
	static const struct {
		const char *given, *expected;
	} rows[] = {
	    {"plain", "plain"},
	    {"", ""},
	    {"tab\tand\nline", "tab\tand\nline"},
	    {"\x01\x02\x1b[31m", "???[31m"},
	    {"cr\r", "cr?"},
	    {"delete\x7f", "delete\x7f"},
	    {"n\xC3\xA4tt", "n\xC3\xA4tt"},
	    {"\xE2\x82\xAC \xF0\x9F\x92\xA9", "\xE2\x82\xAC \xF0\x9F\x92\xA9"},
	    {"\xC3", "?"},
	    {"\xC3(", "?("},
	    {"\x80\xBF", "??"},
	    {"\xC0\xAF", "??"},               /* overlong */
	    {"\xE0\x80\xAF", "???"},          /* overlong */
	    {"\xED\xA0\x80", "???"},          /* surrogate */
	    {"\xEF\xBF\xBE", "???"},          /* U+FFFE */
	    {"\xEF\xBF\xBF", "???"},          /* U+FFFF */
	    {"\xEF\xBF\xBD", "\xEF\xBF\xBD"}, /* U+FFFD */
	    {"\xF4\x90\x80\x80", "????"},     /* beyond U+10FFFF */
	    {"\xF0\x80\x80\xAF", "????"},     /* overlong */
	    {"\xF8\x88\x80\x80\x80", "?????"},
	    {"\xE2\x82", "??"},
	};
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_string_equal(xml_text_legal(arena, rows[i].given), rows[i].expected);
	arena_free(arena);
}

/* Reports */

struct page {
	char *bytes;
	size_t length;
};

static bool keep(const char *bytes, size_t length, void *with)
{
	struct page *page = with;

	page->bytes = realloc(page->bytes, page->length + length + 1);
	assert_non_null(page->bytes);
	memcpy(page->bytes + page->length, bytes, length);
	page->length += length;
	page->bytes[page->length] = '\0';
	return true;
}

static bool refuse(const char *bytes, size_t length, void *with)
{
	(void)bytes;
	(void)length;
	(void)with;
	return false;
}

static const char nasty[] = "]]><!-- & \"'\x01\r\xFF <x>&amp;\xEF\xBF\xBF";

static const struct report_row policy = {.policy_domain = "example.org",
                                         .p = "reject",
                                         .sp = "quarantine",
                                         .np = "none",
                                         .adkim = "s",
                                         .aspf = "r",
                                         .fo = "1:d:s",
                                         .testing = "y",
                                         .psd = "u",
                                         .discovery = "treewalk",
                                         .rua = "",
                                         .record_error = nasty};

static struct aggregate_head head_of(enum report_dialect dialect)
{
	return (struct aggregate_head){.dialect = dialect,
	                               .organization = "Example & Net <x>",
	                               .email = "reports@example.net",
	                               .contact = "https://example.net/?a=1&b=2",
	                               .report_id = "0123456789abcdef",
	                               .begin = 1800000000,
	                               .end = 1800086400,
	                               .policy = &policy,
	                               .error = nasty};
}

static const struct row_dkim signatures[] = {
    {"example.org", "s1", "pass", ""},  {"example.org", "s2", "fail", nasty},
    {"", "", "permerror", "no domain"}, {nasty, nasty, "temperror", ""},
    {"a.example", "x", "neutral", ""},  {"b.example", "x", "policy", "short key"},
    {"c.example", "x", "none", ""}};

static struct report_row plain_row(void)
{
	return (struct report_row){.source = "192.0.2.1",
	                           .disposition = "none",
	                           .dkim_aligned = "pass",
	                           .spf_aligned = "fail",
	                           .override_type = "",
	                           .override_comment = "",
	                           .header_from = "example.org",
	                           .envelope_from = "",
	                           .envelope_to = "",
	                           .dkim_count = 0,
	                           .dkim = signatures,
	                           .spf_domain = "mx.example.org",
	                           .spf_scope = "mfrom",
	                           .spf_result = "pass",
	                           .spf_reason = ""};
}

/* Every word that a row can have in every place. */
static void add_every_kind(struct aggregate *aggregate)
{
	static const char *const dispositions[] = {"none", "pass", "quarantine", "reject"};
	static const char *const overrides[] = {"",      "local_policy",     "mailing_list",
	                                        "other", "policy_test_mode", "trusted_forwarder"};
	static const char *const results[] = {"none",    "pass",   "fail",      "softfail",
	                                      "neutral", "policy", "temperror", "permerror"};
	struct report_row row = plain_row();

	for (size_t i = 0; i < sizeof dispositions / sizeof dispositions[0]; i++) {
		row.disposition = dispositions[i];
		for (size_t j = 0; j < sizeof overrides / sizeof overrides[0]; j++) {
			row.override_type = overrides[j];
			row.override_comment = j % 2 == 0 ? "" : nasty;
			assert_true(aggregate_add(aggregate, &row, 1));
		}
	}
	for (size_t i = 0; i < sizeof results / sizeof results[0]; i++) {
		row.spf_result = results[i];
		row.spf_reason = i % 2 == 0 ? "" : nasty;
		row.spf_domain = i % 3 == 0 ? "" : "mx.example.org";
		row.dkim_count = i < 8 ? i : 0;
		row.envelope_to = i % 2 == 0 ? "" : "example.com";
		row.envelope_from = i % 2 == 0 ? nasty : "";
		row.source = i % 2 == 0 ? "192.0.2.7" : "2001:db8:1:2:3:4:5:6";
		assert_true(aggregate_add(aggregate, &row, 4294967296UL));
	}
}

static struct page build(enum report_dialect dialect)
{
	struct aggregate_head head = head_of(dialect);
	struct page page = {NULL, 0};
	struct aggregate *aggregate = aggregate_begin(&head, keep, &page);

	assert_non_null(aggregate);
	add_every_kind(aggregate);
	assert_true(aggregate_end(aggregate));
	return page;
}

/* The schema of RFC 7489 is none before its target namespace is taken away. */
static void validate(const struct page *page, const char *schema)
{
	char folder[] = "/tmp/assay-aggregate-XXXXXX", command[2048];
	const char *source = getenv("srcdir");
	FILE *file;

	if (system("xmllint --version >/dev/null 2>&1") != 0)
		skip();
	assert_non_null(mkdtemp(folder));
	snprintf(command, sizeof command, "%s/report.xml", folder);
	file = fopen(command, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(page->bytes, 1, page->length, file), page->length);
	fclose(file);
	snprintf(command, sizeof command,
	         "sed 's|targetNamespace=\"http://dmarc.org/dmarc-xml/0.1\"||' %s/tests/schemas/%s "
	         ">%s/schema.xsd && xmllint --noout --schema %s/schema.xsd %s/report.xml >%s/words "
	         "2>&1 || { cat %s/words; exit 1; }",
	         source == NULL ? "." : source, schema, folder, folder, folder, folder, folder);
	assert_int_equal(system(command), 0);
	snprintf(command, sizeof command, "rm -r %s", folder);
	assert_int_equal(system(command), 0);
}

static void every_row_is_valid_by_rfc9990(void **state)
{
	struct page page = build(REPORT_RFC9990);

	(void)state;
	validate(&page, "dmarc-2.0.xsd");
	assert_non_null(
	    strstr(page.bytes, "<feedback xmlns=\"urn:ietf:params:xml:ns:dmarc-2.0\">"));
	assert_non_null(strstr(page.bytes, "<disposition>pass</disposition>"));
	assert_non_null(strstr(page.bytes, "<discovery_method>treewalk</discovery_method>"));
	assert_non_null(strstr(page.bytes, "<count>4294967296</count>"));
	assert_non_null(strstr(page.bytes, "<org_name>Example &amp; Net &lt;x&gt;</org_name>"));
	assert_null(strstr(page.bytes, "pct"));
	assert_null(strstr(page.bytes, "<x>"));
	free(page.bytes);
}

static void every_row_is_valid_by_rfc7489(void **state)
{
	struct page page = build(REPORT_RFC7489);

	(void)state;
	validate(&page, "dmarc-7489.xsd");
	assert_non_null(strstr(page.bytes, "<feedback>"));
	assert_non_null(strstr(page.bytes, "<pct>100</pct>"));
	assert_null(strstr(page.bytes, "<disposition>pass</disposition>"));
	assert_null(strstr(page.bytes, "policy_test_mode"));
	assert_null(strstr(page.bytes, "generator"));
	assert_null(strstr(page.bytes, "testing"));
	free(page.bytes);
}

static void a_sink_that_refuses_makes_no_report(void **state)
{
	struct aggregate_head head = head_of(REPORT_RFC9990);
	struct aggregate *aggregate = aggregate_begin(&head, refuse, NULL);
	struct report_row row = plain_row();

	(void)state;
	assert_non_null(aggregate);
	for (int i = 0; i < 1000; i++)
		aggregate_add(aggregate, &row, 1);
	assert_false(aggregate_end(aggregate));
}

/* Compression */

static void inflate_and_compare(const unsigned char *bytes, size_t length, const char *expected,
                                size_t expected_length)
{
	z_stream stream = {.next_in = (unsigned char *)(uintptr_t)bytes,
	                   .avail_in = (unsigned)length};
	unsigned char *result = malloc(expected_length + 1);

	assert_non_null(result);
	assert_int_equal(inflateInit2(&stream, 15 + 16), Z_OK);
	stream.next_out = result;
	stream.avail_out = (unsigned)expected_length + 1;
	assert_int_equal(inflate(&stream, Z_FINISH), Z_STREAM_END);
	assert_int_equal(stream.total_out, expected_length);
	assert_memory_equal(result, expected, expected_length);
	inflateEnd(&stream);
	free(result);
}

static void what_is_compressed_comes_back(void **state)
{
	static const size_t lengths[] = {0, 1, 100, 70000, 5000000};

	(void)state;
	for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
		char *bytes = malloc(lengths[i] + 1);
		struct gzip *one = gzip_new(), *other = gzip_new();
		const unsigned char *result, *again;
		size_t length, other_length;

		for (size_t j = 0; j < lengths[i]; j++)
			bytes[j] = (char)(j * j * 31 >> 7);
		for (size_t j = 0; j < lengths[i]; j += 999)
			assert_true(
			    gzip_add(one, bytes + j, lengths[i] - j < 999 ? lengths[i] - j : 999));
		assert_true(gzip_finish(one, &result, &length));
		inflate_and_compare(result, length, bytes, lengths[i]);
		assert_true(gzip_add(other, bytes, lengths[i]));
		assert_true(gzip_finish(other, &again, &other_length));
		assert_int_equal(length, other_length);
		assert_memory_equal(result, again, length);
		gzip_free(one);
		gzip_free(other);
		free(bytes);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(illegal_characters_become_question_marks),
	    cmocka_unit_test(every_row_is_valid_by_rfc9990),
	    cmocka_unit_test(every_row_is_valid_by_rfc7489),
	    cmocka_unit_test(a_sink_that_refuses_makes_no_report),
	    cmocka_unit_test(what_is_compressed_comes_back),
	};

	return cmocka_run_group_tests_name("aggregate", tests, NULL, NULL);
}
