/*
 * destination_test.c - where reports may go, and which mail is about reports.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "fake_dns.h"
#include "recorder/report_loop.h"
#include "report/destination.h"

static const char zone[] =
    "_dmarc.example.org TXT v=DMARC1; p=reject\n"
    "_dmarc.other.example TXT v=DMARC1; p=none\n"
    "example.org._report._dmarc.other.example TXT v=DMARC1\n"
    "example.org._report._dmarc.semicolon.example TXT v=DMARC1;\n"
    "example.org._report._dmarc.two.example TXT v=spf1 -all\n"
    "example.org._report._dmarc.two.example TXT v=DMARC1;\n"
    "example.org._report._dmarc.wrong.example TXT v=DMARC2\n"
    "example.org._report._dmarc.late.example TXT p=none; v=DMARC1\n"
    "example.org._report._dmarc.moved.example TXT v=DMARC1; rua=mailto:new@moved.example\n"
    "example.org._report._dmarc.moved2.example TXT v=DMARC1; "
    "rua=mailto:a@moved2.example,mailto:b@moved2.example\n"
    "example.org._report._dmarc.away.example TXT v=DMARC1; rua=mailto:new@elsewhere.example\n"
    "example.org._report._dmarc.half.example TXT v=DMARC1; "
    "rua=mailto:a@half.example,mailto:b@x.half.example\n"
    "example.org._report._dmarc.broken.example TXT !fail timed out\n"
    "_dmarc.unknown.example TXT !fail timed out\n"
    "_dmarc.doubt.example.org TXT !fail timed out\n"
    "example.org._report._dmarc.unknown.example TXT v=DMARC1\n"
    "sub.example.org._report._dmarc.other.example EXISTS\n";

static const char *const skipped[] = {"skipped.example", "nobody@other.example"};

/* A question about a report on a domain, whose arena the caller frees. */
static struct destination_question ask(const char *policy_domain, const struct strings *skip,
                                       struct fake_dns **dns)
{
	struct arena *arena = arena_new();

	*dns = fake_dns_new(arena, zone);
	return (struct destination_question){.services = &(*dns)->services,
	                                     .walks = tree_walk_begin(&(*dns)->services, arena),
	                                     .arena = arena,
	                                     .policy_domain = policy_domain,
	                                     .skip = skip};
}

static const struct strings skip_two = {2, skipped}, skip_none = {0};

static void destinations_are_verified(void **state)
{
	static const struct {
		const char *entry;
		enum destination_outcome outcome;
		const char *addresses;
	} rows[] = {
	    /* the same Organizational Domain */
	    {"mailto:a@example.org", DESTINATION_GOOD, "a@example.org"},
	    {"MAILTO:a@Reports.Example.ORG", DESTINATION_GOOD, "a@reports.example.org"},
	    {"mailto:a%2Cb@example.org", DESTINATION_GOOD, "\"a,b\"@example.org"},
	    {"mailto:a@example.org?subject=x", DESTINATION_GOOD, "a@example.org"},
	    /* another */
	    {"mailto:a@other.example", DESTINATION_GOOD, "a@other.example"},
	    {"mailto:a@semicolon.example", DESTINATION_GOOD, "a@semicolon.example"},
	    {"mailto:a@two.example", DESTINATION_GOOD, "a@two.example"},
	    {"mailto:a@nothing.example", DESTINATION_REFUSED, ""},
	    {"mailto:a@wrong.example", DESTINATION_REFUSED, ""},
	    {"mailto:a@late.example", DESTINATION_REFUSED, ""},
	    {"mailto:a@below.other.example", DESTINATION_REFUSED, ""},
	    /* redirected */
	    {"mailto:a@moved.example", DESTINATION_GOOD, "new@moved.example"},
	    {"mailto:a@moved2.example", DESTINATION_GOOD, "a@moved2.example, b@moved2.example"},
	    {"mailto:a@away.example", DESTINATION_REFUSED, ""},
	    {"mailto:a@half.example", DESTINATION_REFUSED, ""},
	    /* DNS in trouble */
	    {"mailto:a@broken.example", DESTINATION_LATER, ""},
	    {"mailto:a@unknown.example", DESTINATION_GOOD, "a@unknown.example"},
	    {"mailto:a@doubt.example.org", DESTINATION_LATER, ""},
	    /* the site's own wishes */
	    {"mailto:a@skipped.example", DESTINATION_REFUSED, ""},
	    {"mailto:a@below.skipped.example", DESTINATION_REFUSED, ""},
	    {"mailto:Nobody@other.example", DESTINATION_REFUSED, ""},
	    /* no address */
	    {"mailto:a%0Ab@example.org", DESTINATION_REFUSED, ""},
	    {"mailto:a%00@example.org", DESTINATION_REFUSED, ""},
	    {"mailto:%C3%A4@example.org", DESTINATION_REFUSED, ""},
	    {"mailto:@example.org", DESTINATION_REFUSED, ""},
	    {"https://example.org/", DESTINATION_REFUSED, ""},
	    {"mailto:example.org", DESTINATION_REFUSED, ""},
	    {"mailto", DESTINATION_REFUSED, ""},
	    {"", DESTINATION_REFUSED, ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct fake_dns *dns;
		const struct destination_question question = ask("example.org", &skip_two, &dns);
		struct destination found = destination_find(&question, rows[i].entry);

		if (found.outcome != rows[i].outcome)
			fail_msg("%s: outcome %d, %s", rows[i].entry, (int)found.outcome,
			         found.why);
		assert_string_equal(found.outcome == DESTINATION_GOOD ? found.addresses : "",
		                    rows[i].addresses);
		assert_true((found.why[0] == '\0') == (found.outcome == DESTINATION_GOOD));
		arena_free(question.arena);
	}
}

/* What was prefetched is all that is waited for. */
static void look_ups_are_prefetchn(void **state)
{
	static const char *const entries[] = {
	    "mailto:a@example.org", "mailto:a@x.y.other.example!10m", "mailto:a@semicolon.example",
	    "mailto:a@nothing.example"};

	(void)state;
	for (size_t i = 0; i < sizeof entries / sizeof entries[0]; i++) {
		struct fake_dns *dns;
		const struct destination_question question = ask("example.org", &skip_none, &dns);
		size_t prefetched;

		destination_prefetch(&question, entries[i]);
		prefetched = dns->query_count;
		assert_true(prefetched > 0);
		destination_find(&question, entries[i]);
		for (size_t late = prefetched; late < dns->query_count; late++) {
			bool known = false;

			for (size_t early = 0; early < prefetched; early++)
				known = known || strcmp(dns->queries[early].name,
				                        dns->queries[late].name) == 0;
			if (!known)
				fail_msg("%s: %s was not prefetched", entries[i],
				         dns->queries[late].name);
		}
		arena_free(question.arena);
	}
}

/* Nothing is asked about what gets no report anyway. */
static void nothing_is_prefetchn_in_vain(void **state)
{
	static const char *const entries[] = {"mailto:a@skipped.example", "https://other.example/",
	                                      ""};
	struct fake_dns *dns;
	const struct destination_question question = ask("example.org", &skip_two, &dns);

	(void)state;
	for (size_t i = 0; i < sizeof entries / sizeof entries[0]; i++)
		destination_prefetch(&question, entries[i]);
	assert_int_equal(dns->query_count, 0);
	arena_free(question.arena);
}

static void a_name_that_is_too_long_is_refused(void **state)
{
	struct destination_question question;
	struct fake_dns *dns;
	char domain[240];

	(void)state;
	for (size_t i = 0; i < sizeof domain - 1; i++)
		domain[i] = i % 60 == 59 ? '.' : 'x';
	domain[sizeof domain - 1] = '\0';
	domain[sizeof domain - 2] = 'x';
	question = ask(domain, &skip_none, &dns);
	assert_int_equal(destination_find(&question, "mailto:a@other.example").outcome,
	                 DESTINATION_REFUSED);
	arena_free(question.arena);
}

static void limits_are_read(void **state)
{
	static const struct {
		const char *entry;
		size_t limit;
	} rows[] = {{"mailto:a@example.org", 0},
	            {"mailto:a@example.org!5", 5},
	            {"mailto:a@example.org!10k", 10240},
	            {"mailto:a@example.org!10M", 10485760},
	            {"mailto:a@example.org!2g", (size_t)2 << 30},
	            {"mailto:a@example.org!1t", (size_t)1 << 40},
	            {"mailto:a@example.org!99999999999999999999999999t", SIZE_MAX}};
	struct fake_dns *dns;
	const struct destination_question question = ask("example.org", &skip_none, &dns);

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct destination found = destination_find(&question, rows[i].entry);

		assert_int_equal(found.outcome, DESTINATION_GOOD);
		assert_string_equal(found.addresses, "a@example.org");
		assert_true(found.limit == rows[i].limit ||
		            (rows[i].limit == SIZE_MAX && found.limit > (size_t)1 << 50));
	}
	assert_int_equal(destination_entries(question.arena, "mailto:a@b!1m,mailto:c@d").count, 2);
	assert_int_equal(destination_entries(question.arena, "").count, 0);
	assert_int_equal(destination_entries(question.arena, ",,").count, 0);
	arena_free(question.arena);
}

/* What goes into To and to the sendmail command. */
static void addresses_are_taken_one_by_one(void **state)
{
	static const char *const all[] = {"a@b", "\"a,b\"@c", "\"a\\\", \"@d", "\"a\\\\\"@e",
	                                  "f@g"};
	const char *at = "a@b, \"a,b\"@c, \"a\\\", \"@d, \"a\\\\\"@e, f@g";

	(void)state;
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++, at = destination_next(at)) {
		assert_int_equal(destination_first(at), strlen(all[i]));
		assert_memory_equal(at, all[i], strlen(all[i]));
	}
	assert_string_equal(at, "");
}

/* Loops */

static void mail_about_reports_leaves_no_row(void **state)
{
	static const struct {
		const char *from, *subject, *recipient;
		enum result dmarc;
		bool expected;
	} rows[] = {
	    {" a@b.example", " Hello", "joe@example.net", RESULT_PASS, false},
	    {" a@b.example", " Hello", "dmarc@example.net", RESULT_FAIL, true},
	    {" a@b.example", " Hello", "DMARC@Example.Net", RESULT_FAIL, true},
	    {" a@b.example", " Report Domain: x.example Submitter: b.example Report-ID: <1>",
	     "joe@example.net", RESULT_PASS, true},
	    {" a@b.example",
	     " Report Domain: x.example\r\n Submitter: b.example\r\n Report-ID: <1>",
	     "joe@example.net", RESULT_PASS, true},
	    {" a@b.example", " Report Domain: x.example Submitter: b.example", "joe@example.net",
	     RESULT_PASS, true},
	    {" a@b.example", " Report Domain: x.example Submitter: b.example", "joe@example.net",
	     RESULT_FAIL, false},
	    {" a@b.example", " Re: Report Domain: x.example Submitter: b.example",
	     "joe@example.net", RESULT_PASS, false},
	    {" a@b.example", " Report Domain: x.example", "joe@example.net", RESULT_PASS, false},
	    {" a@b.example", " Report Domain:", "joe@example.net", RESULT_PASS, false},
	    {" a@b.example", "", "joe@example.net", RESULT_PASS, false},
	    {" \"Example\" <dmarc@example.net>", " x", "joe@example.net", RESULT_PASS, true},
	    {" DMARC@example.net", " x", "joe@example.net", RESULT_PASS, true},
	    {" xdmarc@example.net", " x", "joe@example.net", RESULT_PASS, false},
	    {" \"Example\" <dmarc@example.net>", " x", "joe@example.net", RESULT_FAIL, false},
	};
	const struct report_settings settings = {.email = "dmarc@example.net"};
	const struct report_settings none = {.email = ""};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct arena *arena = arena_new();
		const struct header headers[] = {{"From", rows[i].from},
		                                 {"Subject", rows[i].subject}};
		const struct message message = {.header_count = 2,
		                                .headers = headers,
		                                .recipient_count = 1,
		                                .recipients = &rows[i].recipient};
		const struct findings findings = {.judged = true,
		                                  .dmarc = {.result = rows[i].dmarc}};

		if (report_loop_found(&message, &findings, &settings, arena) != rows[i].expected)
			fail_msg("row %zu", i);
		if (strncmp(rows[i].subject, " Report", 7) != 0)
			assert_false(report_loop_found(&message, &findings, &none, arena));
		arena_free(arena);
	}
}

/* The address stands in every report that we send, so forgers know it. */
static void only_mail_to_nobody_else_is_about_reports(void **state)
{
	static const struct {
		const char *recipients[4];
		bool cut, expected;
	} rows[] = {
	    {{"dmarc@example.net"}, false, true},
	    {{"dmarc@example.net", "DMARC@EXAMPLE.NET", "dmarc@example.net"}, false, true},
	    {{NULL}, false, false},
	    {{NULL}, true, false},
	    {{"dmarc@example.net"}, true, false},
	    {{"joe@example.net", "dmarc@example.net"}, false, false},
	    {{"dmarc@example.net", "joe@example.net"}, false, false},
	    {{"dmarc@example.net", "joe@example.net", "dmarc@example.net"}, false, false},
	    {{"dmarc@example.net", "dmarc+x@example.net"}, false, false},
	    {{"dmarc@example.net", "dmarc@example.net.example"}, false, false},
	    {{"dmarc@example.net", ""}, false, false},
	};
	const struct report_settings settings = {.email = "dmarc@example.net"};
	const struct findings findings = {.judged = true, .dmarc = {.result = RESULT_FAIL}};
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct message message = {.recipients = rows[i].recipients,
		                          .recipients_cut = rows[i].cut};

		while (rows[i].recipients[message.recipient_count] != NULL)
			message.recipient_count++;
		if (report_loop_found(&message, &findings, &settings, arena) != rows[i].expected)
			fail_msg("row %zu", i);
	}
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(destinations_are_verified),
	    cmocka_unit_test(look_ups_are_prefetchn),
	    cmocka_unit_test(nothing_is_prefetchn_in_vain),
	    cmocka_unit_test(a_name_that_is_too_long_is_refused),
	    cmocka_unit_test(limits_are_read),
	    cmocka_unit_test(addresses_are_taken_one_by_one),
	    cmocka_unit_test(mail_about_reports_leaves_no_row),
	    cmocka_unit_test(only_mail_to_nobody_else_is_about_reports),
	};

	return cmocka_run_group_tests_name("destination", tests, NULL, NULL);
}
