/*
 * row_test.c - what of a judged message gets into its report row, and rows as lines of text and
 * back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "dmarc/policy_record.h"
#include "rows/identity.h"
#include "rows/json_text.h"
#include "rows/row.h"
#include "rows/row_text.h"

struct fixture {
	struct arena *arena;
	struct message message;
	struct findings findings;
	struct policy_record record;
	struct verdict verdict;
};

static int set_up(void **state)
{
	static const char *const uris[] = {"mailto:a@example.org", "mailto:b%2Cc@example.net"};
	static const char *const recipients[] = {"one@example.com", "two@EXAMPLE.com"};
	static struct fixture fixture;
	static const unsigned char client[4] = {192, 0, 2, 1};

	fixture = (struct fixture){
	    .arena = arena_new(),
	    .message = {.client = address_ipv4(client),
	                .mail_from = "bounce@Mail.Example.ORG",
	                .received = 1800000000,
	                .recipient_count = 2,
	                .recipients = recipients},
	    .record = {.p = REQUEST_REJECT,
	               .sp = REQUEST_QUARANTINE,
	               .np = REQUEST_NONE,
	               .strict_dkim = true,
	               .psd = PSD_NO,
	               .test_mode = true,
	               .fo = "1:d",
	               .rua = {2, uris}},
	    .verdict = {.action = ACTION_QUARANTINE,
	                .disposition = "quarantine",
	                .override = OVERRIDE_MAILING_LIST,
	                .override_comment = "bears\ta List-Id"},
	    .findings = {.judged = true,
	                 .spf = {.result = RESULT_SOFTFAIL,
	                         .domain = "mail.example.org",
	                         .reason = "~all\r\n"},
	                 .dmarc = {.result = RESULT_FAIL,
	                           .author = {.state = AUTHOR_ONE, .domain = "sub.example.org"},
	                           .policy_domain = "example.org",
	                           .discovery = "treewalk"}},
	};
	fixture.findings.dmarc.record = &fixture.record;
	*state = &fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	arena_free(fixture->arena);
	return 0;
}

static struct report_row *make(struct fixture *fixture)
{
	return row_make(&fixture->message, &fixture->findings, &fixture->verdict, fixture->arena);
}

static void row_has_the_policy_as_published(void **state)
{
	struct report_row *row = make(*state);

	assert_string_equal(row->policy_domain, "example.org");
	assert_string_equal(row->p, "reject");
	assert_string_equal(row->sp, "quarantine");
	assert_string_equal(row->np, "none");
	assert_string_equal(row->adkim, "s");
	assert_string_equal(row->aspf, "r");
	assert_string_equal(row->fo, "1:d");
	assert_string_equal(row->testing, "y");
	assert_string_equal(row->psd, "n");
	assert_string_equal(row->discovery, "treewalk");
	assert_string_equal(row->rua, "mailto:a@example.org,mailto:b%2Cc@example.net");
	assert_string_equal(row->record_error, "");
}

static void row_without_policy_is_still_a_row(void **state)
{
	struct fixture *fixture = *state;
	struct report_row *row;

	fixture->findings.dmarc.record = NULL;
	fixture->findings.dmarc.result = RESULT_NONE;
	row = make(fixture);
	assert_string_equal(row->policy_domain, "");
	assert_string_equal(row->p, "");
	assert_string_equal(row->rua, "");
	assert_string_equal(row->dmarc, "none");
	assert_string_equal(row->header_from, "sub.example.org");
	fixture->findings.judged = false;
	assert_null(make(fixture));
}

static void row_has_outcome_and_identifiers(void **state)
{
	struct report_row *row = make(*state);

	assert_int_equal(row->received, 1800000000);
	assert_string_equal(row->source, "192.0.2.1");
	assert_string_equal(row->disposition, "quarantine");
	assert_string_equal(row->dkim_aligned, "fail");
	assert_string_equal(row->spf_aligned, "fail");
	assert_string_equal(row->override_type, "mailing_list");
	assert_string_equal(row->override_comment, "bears\\x09a List-Id");
	assert_string_equal(row->action, "quarantine");
	assert_string_equal(row->dmarc, "fail");
	assert_string_equal(row->header_from, "sub.example.org");
	assert_string_equal(row->envelope_from, "mail.example.org");
	assert_string_equal(row->envelope_to, "example.com");
	assert_string_equal(row->spf_domain, "mail.example.org");
	assert_string_equal(row->spf_scope, "mfrom");
	assert_string_equal(row->spf_result, "softfail");
	assert_string_equal(row->spf_reason, "~all\\x0D\\x0A");
}

static void row_of_odd_envelopes(void **state)
{
	static const char *const several[] = {"a@example.com", "b@example.net"};
	static const char *const local[] = {"root"};
	static const struct {
		const char *mail_from;
		size_t recipient_count;
		const char *const *recipients;
		const char *envelope_from, *envelope_to;
	} rows[] = {
	    {"", 1, several, "", "example.com"},
	    {"user", 2, several, "", ""},
	    {"a@[192.0.2.1]", 1, local, "", ""},
	    {"a@b\x01.example", 0, NULL, "", ""},
	    {"a@gr\xC3\xBC.example", 0, NULL, "xn--gr-yka.example", ""},
	};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct report_row *row;

		fixture->message.mail_from = rows[i].mail_from;
		fixture->message.recipient_count = rows[i].recipient_count;
		fixture->message.recipients = rows[i].recipients;
		fixture->message.client.family = ADDRESS_UNKNOWN;
		row = make(fixture);
		assert_string_equal(row->envelope_from, rows[i].envelope_from);
		assert_string_equal(row->envelope_to, rows[i].envelope_to);
		assert_string_equal(row->source, "");
	}
}

static void row_of_several_authors_names_whose_policy_it_was(void **state)
{
	static const char *const domains[] = {"other.example", "sub.example.org"};
	struct fixture *fixture = *state;

	fixture->findings.dmarc.author =
	    (struct author){.state = AUTHOR_SEVERAL, .domain_count = 2, .domains = domains};
	assert_string_equal(make(fixture)->header_from, "sub.example.org");
	fixture->findings.dmarc.policy_domain = NULL;
	assert_string_equal(make(fixture)->header_from, "");
}

static void row_orders_dkim_results(void **state)
{
	static const struct dkim_signature signatures[] = {
	    {.result = RESULT_FAIL,
	     .domain = "sub.example.org",
	     .selector = "s",
	     .reason = "body changed"},
	    {.result = RESULT_PASS, .domain = "other.example", .selector = "s"},
	    {.result = RESULT_PASS, .domain = "example.org", .selector = "s"},
	    {.result = RESULT_PERMERROR, .reason = "no d="},
	    {.result = RESULT_PASS, .domain = "sub.example.org", .selector = "a\nb"},
	};
	static const struct alignment alignments[] = {
	    {.method = "spf", .domain = "other.example", .aligned = true},
	    {.method = "dkim", .domain = "example.org", .aligned = true},
	};
	static const char *const expected[] = {"sub.example.org", "example.org", "other.example",
	                                       "sub.example.org"};
	struct fixture *fixture = *state;
	struct report_row *row;

	fixture->findings.dkim = (struct dkim_finding){.count = 5, .signatures = signatures};
	fixture->findings.dmarc.alignments = alignments;
	fixture->findings.dmarc.alignment_count = 2;
	row = make(fixture);
	assert_int_equal(row->dkim_count, 4);
	for (size_t i = 0; i < 4; i++)
		assert_string_equal(row->dkim[i].domain, expected[i]);
	assert_string_equal(row->dkim[0].result, "pass");
	assert_string_equal(row->dkim[0].selector, "a\\x0Ab");
	assert_string_equal(row->dkim[3].reason, "body changed");
}

/* Whatever a stranger writes into DKIM-Signature fields that do not verify, the row stays the same.
 */
static void row_leaves_out_what_a_stranger_invents(void **state)
{
	static const struct dkim_signature invented[] = {
	    {.result = RESULT_PERMERROR,
	     .domain = "q7x.example",
	     .selector = "a",
	     .reason = "no key"},
	    {.result = RESULT_FAIL, .domain = "other.example", .selector = "b", .reason = "broken"},
	    {.result = RESULT_TEMPERROR, .domain = "slow.example", .selector = "c"},
	    {.result = RESULT_NEUTRAL, .domain = "example.org.other.example", .selector = "d"},
	    {.result = RESULT_POLICY, .domain = "notexample.org", .selector = "e"},
	    {.result = RESULT_PERMERROR, .selector = "f"},
	    {.result = RESULT_FAIL, .domain = "org", .selector = "g"},
	};
	struct fixture *fixture = *state;

	fixture->findings.dkim = (struct dkim_finding){
	    .count = sizeof invented / sizeof invented[0], .signatures = invented};
	assert_int_equal(make(fixture)->dkim_count, 0);
}

static void row_tells_few_results_that_do_not_align(void **state)
{
	static struct dkim_signature signatures[60];
	struct fixture *fixture = *state;
	struct report_row *row;

	for (size_t i = 0; i < 60; i++)
		signatures[i] =
		    (struct dkim_signature){.result = i % 2 == 0 ? RESULT_PASS : RESULT_FAIL,
		                            .domain = i == 58      ? "sub.example.org"
		                                      : i % 2 == 0 ? "esp.example"
		                                                   : "example.org",
		                            .selector = "s"};
	fixture->findings.dkim = (struct dkim_finding){.count = 60, .signatures = signatures};
	row = make(fixture);
	assert_int_equal(row->dkim_count, 10);
	assert_string_equal(row->dkim[0].domain, "sub.example.org");
}

static void row_is_bounded_and_fit_for_xml(void **state)
{
	enum {
		MANY = 300,
		LONG = 100000
	};
	static struct dkim_signature signatures[MANY];
	static char lengthy[LONG + 1];
	static const char *uris[MANY];
	struct fixture *fixture = *state;
	struct report_row *row;
	size_t length;

	memset(lengthy, 0x01, LONG);
	for (size_t i = 0; i < MANY; i++) {
		signatures[i] = (struct dkim_signature){.result = RESULT_PASS,
		                                        .domain = lengthy,
		                                        .selector = lengthy,
		                                        .reason = lengthy};
		uris[i] = "mailto:reports@example.org";
	}
	fixture->findings.dkim = (struct dkim_finding){.count = MANY, .signatures = signatures};
	fixture->findings.dmarc.alignment_count = 1;
	fixture->findings.dmarc.alignments =
	    &(struct alignment){.method = "dkim", .domain = lengthy, .aligned = true};
	fixture->findings.spf.reason = "\xEF\xBF\xBE and \xEF\xBF\xBD and \xEF\xBF\xBF";
	fixture->record.error = lengthy;
	fixture->record.rua = (struct strings){MANY, uris};
	row = make(fixture);
	assert_int_equal(row->dkim_count, 100);
	assert_string_equal(row->spf_reason, "??? and \xEF\xBF\xBD and ???");
	assert_true(strlen(row->rua) <= 4096);
	assert_string_equal(row->rua + strlen(row->rua) - 12, "@example.org");
	assert_non_null(row_text_write(row, fixture->arena, &length));
}

static void assert_same_row(const struct report_row *one, const struct report_row *other)
{
	assert_int_equal(one->received, other->received);
	for (size_t i = 0; i < ROW_TEXT_POLICY; i++)
		assert_string_equal(*(char *const *)((const char *)one + row_text_policy[i]),
		                    *(char *const *)((const char *)other + row_text_policy[i]));
	for (size_t i = 0; i < ROW_TEXT_ROW; i++)
		assert_string_equal(*(char *const *)((const char *)one + row_text_row[i]),
		                    *(char *const *)((const char *)other + row_text_row[i]));
	assert_string_equal(one->sealer, other->sealer);
	assert_string_equal(one->sealer_outcome, other->sealer_outcome);
	assert_int_equal(one->dkim_count, other->dkim_count);
	for (size_t i = 0; i < one->dkim_count; i++) {
		assert_string_equal(one->dkim[i].domain, other->dkim[i].domain);
		assert_string_equal(one->dkim[i].selector, other->dkim[i].selector);
		assert_string_equal(one->dkim[i].result, other->dkim[i].result);
		assert_string_equal(one->dkim[i].reason, other->dkim[i].reason);
	}
}

/* Who sealed a message that fails, and what his results do. */
static void row_has_the_sealer(void **state)
{
	static const struct arc_set sets[] = {{.instance = 1, .domain = "one.example"},
	                                      {.instance = 2, .domain = "two.example"}};
	static const struct {
		struct arc_finding arc;
		enum result dmarc;
		const char *sealer, *outcome;
	} rows[] = {
	    {{.result = RESULT_NONE}, RESULT_FAIL, "", ""},
	    {{.result = RESULT_FAIL, .count = 2, .sets = sets}, RESULT_FAIL, "", ""},
	    {{.result = RESULT_PASS, .count = 2, .sets = sets}, RESULT_PASS, "", ""},
	    {{.result = RESULT_PASS, .count = 2, .sets = sets},
	     RESULT_FAIL,
	     "two.example",
	     "nothing"},
	    {{.result = RESULT_PASS, .count = 2, .sets = sets, .would_restore = "one.example"},
	     RESULT_FAIL,
	     "one.example",
	     "would restore"},
	    {{RESULT_PASS, 2, sets, .restored = "dmarc", .trusted_by = "two.example"},
	     RESULT_FAIL,
	     "two.example",
	     "restored"},
	};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct report_row *row;

		fixture->findings.arc = rows[i].arc;
		fixture->findings.dmarc.result = rows[i].dmarc;
		row = make(fixture);
		assert_string_equal(row->sealer, rows[i].sealer);
		assert_string_equal(row->sealer_outcome, rows[i].outcome);
	}
}

static const struct row_dkim strange[] = {{"a.example", "s", "pass", ""},
                                          {"", "\t\n\\x41\\", "fail", "\"\x7F"}};

static void text_holds_any_row(void **state)
{
	struct fixture *fixture = *state;
	struct report_row *row = make(fixture);
	struct row_text text;
	const char *bytes;
	size_t length;

	row->override_comment = "tab\t, lines\r\n, \\x41, gr\xC3\xBC, \x01\x1F\x7F\\";
	row->dkim = strange;
	row->dkim_count = 2;
	row->sealer = "sealer.example";
	row->sealer_outcome = "would restore";
	bytes = row_text_write(row, fixture->arena, &length);
	assert_int_equal(bytes[0], '\n');
	assert_null(strchr(bytes + 1, '\n'));
	assert_true(row_text_read(bytes + 1, length - 1, &text));
	assert_same_row(row_text_parse(&text, fixture->arena), row);
	assert_string_equal(
	    row_text_dkim_json(row, fixture->arena),
	    "[{\"domain\":\"a.example\",\"selector\":\"s\",\"result\":\"pass\",\"reason\":\"\"},"
	    "{\"domain\":\"\",\"selector\":\"\\u0009\\u000a\\\\x41\\\\\",\"result\":\"fail\","
	    "\"reason\":\"\\\"\\u007f\"}]");
}

static void text_that_is_cut_or_changed_is_refused(void **state)
{
	struct fixture *fixture = *state;
	struct row_text text;
	size_t length;
	const char *bytes = row_text_write(make(fixture), fixture->arena, &length);
	char *changed = arena_copy(fixture->arena, bytes + 1, length - 1);

	length--;
	assert_true(row_text_read(changed, length, &text));
	for (size_t cut = 0; cut < length; cut++)
		assert_false(row_text_read(changed, cut, &text));
	for (size_t at = 0; at < length; at++) {
		changed[at] ^= 1;
		assert_false(row_text_read(changed, length, &text));
		changed[at] ^= 1;
	}
}

static void text_of_equal_rows_is_equal_but_for_the_time(void **state)
{
	struct fixture *fixture = *state;
	struct row_text one, other;
	size_t length;
	const char *bytes = row_text_write(make(fixture), fixture->arena, &length);

	assert_true(row_text_read(bytes + 1, length - 1, &one));
	fixture->message.received += 77;
	bytes = row_text_write(make(fixture), fixture->arena, &length);
	assert_true(row_text_read(bytes + 1, length - 1, &other));
	assert_int_equal(other.received, one.received + 77);
	assert_int_equal(one.policy_length, other.policy_length);
	assert_memory_equal(one.policy, other.policy, one.policy_length);
	assert_int_equal(one.row_length, other.row_length);
	assert_memory_equal(one.row, other.row, one.row_length);
}

/* Of the octets 00 01 02 .. with the key 00 01 .. 0f, as `openssl mac -macopt size:16 SIPHASH`
 * gives it; the seed is the first eight octets. */
static void identity_is_siphash(void **state)
{
	static const struct {
		size_t length;
		const char *digits;
	} rows[] = {
	    {8, "3b62a9ba6258f5610f83e264f31497b4"},  {15, "5493e99933b0a8117e08ec0f97cfc3d9"},
	    {16, "6ee2a4ca67b054bbfd3315bf85230577"}, {23, "c9d184ddd5a9f5e0cf8ce29a9abf691c"},
	    {63, "5150d1772f50834a503e069a973fbd7c"},
	};
	struct identity key;
	char input[64], digits[33];

	(void)state;
	for (size_t i = 0; i < 16; i++)
		key.bytes[i] = (unsigned char)i;
	for (size_t i = 0; i < sizeof input; i++)
		input[i] = (char)i;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct identity found =
		    identity_of(&key, 0x0706050403020100, input + 8, rows[i].length - 8);

		for (size_t at = 0; at < 16; at++)
			snprintf(digits + 2 * at, 3, "%02x", found.bytes[at]);
		assert_string_equal(digits, rows[i].digits);
	}
}

static void json_is_utf8_whatever_it_holds(void **state)
{
	static const struct {
		const char *from, *to;
	} rows[] = {
	    {"a\"\\\n\x7F", "\"a\\\"\\\\\\u000a\\u007f\""},
	    {"\xC2\x80\xC2\x9F\xC2\xA0", "\"\\u0080\\u009f\xC2\xA0\""},
	    {"\xE2\x80\xAE\xE2\x81\xA9\xE2\x82\xAC", "\"\\u202e\\u2069\xE2\x82\xAC\""},
	    {"\xC3\xBC\xF0\x9F\x93\xA7", "\"\xC3\xBC\xF0\x9F\x93\xA7\""},
	    {"\xFF|\x85|\xC3", "\"\uFFFD|\uFFFD|\uFFFD\""},
	    {"\xC3\"\xE2\x82", "\"\uFFFD\\\"\uFFFD\uFFFD\""},
	    {"\xED\xA0\x80", "\"\uFFFD\uFFFD\uFFFD\""},
	    {"\xC0\xAF", "\"\uFFFD\uFFFD\""},
	};
	struct arena *arena = arena_new();
	struct text text;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		text_begin(&text, arena, 1000);
		json_text_add(&text, rows[i].from);
		assert_string_equal(text.bytes, rows[i].to);
	}
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(row_has_the_policy_as_published, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(row_without_policy_is_still_a_row, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(row_has_outcome_and_identifiers, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(row_of_odd_envelopes, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(row_of_several_authors_names_whose_policy_it_was,
	                                    set_up, tear_down),
	    cmocka_unit_test_setup_teardown(row_orders_dkim_results, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(row_leaves_out_what_a_stranger_invents, set_up,
	                                    tear_down),
	    cmocka_unit_test_setup_teardown(row_tells_few_results_that_do_not_align, set_up,
	                                    tear_down),
	    cmocka_unit_test_setup_teardown(row_is_bounded_and_fit_for_xml, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(row_has_the_sealer, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(text_holds_any_row, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(text_that_is_cut_or_changed_is_refused, set_up,
	                                    tear_down),
	    cmocka_unit_test_setup_teardown(text_of_equal_rows_is_equal_but_for_the_time, set_up,
	                                    tear_down),
	    cmocka_unit_test(identity_is_siphash),
	    cmocka_unit_test(json_is_utf8_whatever_it_holds),
	};

	return cmocka_run_group_tests_name("row", tests, NULL, NULL);
}
