/*
 * failure_test.c - failure reports: of which messages, and what of a message is in them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "failure_scene.h"
#include "rows/failure_redact.h"
#include "rows/failure_text.h"

static const char *unwanted(struct failure_scene *scene)
{
	return failure_unwanted(&scene->message, &scene->findings, &scene->verdict, &scene->domains,
	                        "reports@receiver.example", scene->arena);
}

static void a_report_as_a_whole(void **state)
{
	static const char expected[] =
	    "From: \"Receiver\" <reports@receiver.example>\n"
	    "To: failures@example.org\n"
	    "Subject: DMARC failure report on mail.example.org\n"
	    " from mx.receiver.example\n"
	    "Date: Fri, 15 Jan 2027 08:10:00 +0000\n"
	    "Message-ID: <0123456789abcdef@mx.receiver.example>\n"
	    "Auto-Submitted: auto-generated\n"
	    "MIME-Version: 1.0\n"
	    "Content-Type: multipart/report; report-type=feedback-report;\n"
	    " boundary=\"=_failure_0123456789abcdef\"\n"
	    "\n"
	    "--=_failure_0123456789abcdef\n"
	    "Content-Type: text/plain; charset=us-ascii\n"
	    "\n"
	    "This is a DMARC failure report (RFC 9991) on mail that claimed to come from\n"
	    "mail.example.org and failed. Addresses in it are redacted.\n"
	    "It is sent to you since the tag ruf of the DMARC record\n"
	    "at _dmarc.example.org asks for it. Without that tag none is sent.\n"
	    "Questions: reports@receiver.example\n"
	    "\n"
	    "--=_failure_0123456789abcdef\n"
	    "Content-Type: message/feedback-report\n"
	    "\n"
	    "Feedback-Type: auth-failure\n"
	    "Version: 1\n"
	    "User-Agent: Assay/" VERSION "\n"
	    "Auth-Failure: dmarc\n"
	    "Authentication-Results: mx.receiver.example; dmarc=fail "
	    "header.from=mail.example.org\n"
	    "Identity-Alignment: dkim, spf\n"
	    "Reported-Domain: mail.example.org\n"
	    "Original-Mail-From: <redacted+%s@bulk.example.net>\n"
	    "Source-IP: 192.0.2.77\n"
	    "Arrival-Date: Fri, 15 Jan 2027 08:00:00 +0000\n"
	    "Delivery-Result: reject\n"
	    "Reporting-MTA: dns; mx.receiver.example\n"
	    "\n"
	    "--=_failure_0123456789abcdef\n"
	    "Content-Type: text/rfc822-headers\n"
	    "\n"
	    "From: redacted+%s@mail.example.org\n"
	    "Subject: [redacted 12 octets]\n"
	    "\n"
	    "--=_failure_0123456789abcdef--\n";
	struct failure_scene *scene = *state;
	const char *sender =
	    failure_redact_local(&scene->key, "jane.doe", 8, "bulk.example.net", scene->arena);
	const char *author =
	    failure_redact_local(&scene->key, "JANE.DOE", 8, "mail.example.org", scene->arena);
	const char *hashes[2] = {strchr(sender, '+') + 1, strchr(author, '+') + 1};

	assert_int_equal(strlen(hashes[0]), 16);
	assert_string_not_equal(hashes[0], hashes[1]);
	assert_string_equal(failure_scene_mail(scene, 1),
	                    arena_format(scene->arena, expected, hashes[0], hashes[1]));
}

/* The hash is HMAC-SHA-256 of the address, by another program:
 * printf jane@example.org | openssl dgst -sha256 -mac HMAC -macopt hexkey:0102030000... */
static void local_parts_are_hashed_with_the_key(void **state)
{
	struct failure_scene *scene = *state;
	const struct failure_key other = {{1}};
	const char *mine =
	    failure_redact_local(&scene->key, "Jane", 4, "example.org", scene->arena);

	assert_string_equal(mine, "redacted+j_4F7h9hpCNwvKNR");
	assert_string_not_equal(
	    mine, failure_redact_local(&other, "Jane", 4, "example.org", scene->arena));
	assert_string_not_equal(
	    mine, failure_redact_local(&scene->key, "Jane", 4, "example.net", scene->arena));
	assert_string_equal(failure_redact_address(&scene->key, "nobody", scene->arena), "");
	assert_string_equal(failure_redact_address(&scene->key, "", scene->arena), "");
}

static void alignment_names_what_did_not_align(void **state)
{
	static const struct {
		bool dkim, spf;
		const char *expected;
	} rows[] = {{false, false, "dkim, spf"},
	            {false, true, "dkim"},
	            {true, false, "spf"},
	            {true, true, "none"}};
	struct failure_scene *scene = *state;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		scene->findings.dmarc.dkim_aligned = rows[i].dkim;
		scene->findings.dmarc.spf_aligned = rows[i].spf;
		assert_string_equal(failure_scene_make(scene)->alignment, rows[i].expected);
	}
}

static void aligned_signature_that_failed_is_named(void **state)
{
	struct failure_scene *scene = *state;
	const char *mail;
	const struct dkim_signature signatures[] = {
	    {.result = RESULT_FAIL, .domain = "esp.example", .selector = "other"},
	    {.result = RESULT_FAIL,
	     .domain = "example.org",
	     .selector = "key1",
	     .identity = "jane@example.org"}};

	scene->findings.dkim.count = 2;
	scene->findings.dkim.signatures = signatures;
	mail = failure_scene_mail(scene, 1);
	assert_non_null(strstr(mail, "\nDKIM-Domain: example.org\nDKIM-Identity: redacted+"));
	assert_non_null(strstr(mail, "@example.org\nDKIM-Selector: key1\n"));
	assert_null(strstr(mail, "jane@"));
	scene->record.strict_dkim = true;
	assert_null(strstr(failure_scene_mail(scene, 1), "DKIM-Domain"));
}

static void aligned_spf_that_failed_shows_the_record(void **state)
{
	struct failure_scene *scene = *state;

	scene->findings.spf.domain = "bounce.example.org";
	assert_non_null(strstr(failure_scene_mail(scene, 1),
	                       "\nSPF-DNS: txt : bounce.example.org : \"v=spf1 -all\"\n"));
	scene->findings.spf.record = "v=spf1 \"\r\nX: y";
	assert_non_null(strstr(failure_scene_mail(scene, 1), "\"v=spf1 \\x22\\x0D\\x0AX: y\"\n"));
	scene->findings.spf.result = RESULT_PASS;
	assert_null(strstr(failure_scene_mail(scene, 1), "SPF-DNS"));
}

static void delivery_and_incidents(void **state)
{
	static const struct {
		enum action action;
		const char *expected;
	} rows[] = {{ACTION_ACCEPT, "\nDelivery-Result: delivered\n"},
	            {ACTION_QUARANTINE, "\nDelivery-Result: spam\n"},
	            {ACTION_REJECT, "\nDelivery-Result: reject\n"}};
	struct failure_scene *scene = *state;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		scene->verdict.action = rows[i].action;
		assert_non_null(strstr(failure_scene_mail(scene, 1), rows[i].expected));
	}
	assert_non_null(strstr(failure_scene_mail(scene, 4711), "\nIncidents: 4711\n"));
	assert_null(strstr(failure_scene_mail(scene, 1), "Incidents"));
}

static const char *header_of(struct failure_scene *scene)
{
	return failure_header_write(&scene->message, &scene->ours, &scene->key, scene->arena);
}

/* One field, alone: its lines, or "" where there are none. */
static void fields_are_written_anew(void **state)
{
	static const struct {
		const char *name, *value, *expected;
	} rows[] = {{"To", " us@receiver.example", ""},
	            {"Cc", " us@receiver.example", ""},
	            {"X-Originating-IP", " [192.0.2.9]", ""},
	            {"User-Agent", " Jane's", ""},
	            {"Subject", "", "Subject: [redacted 0 octets]\n"},
	            {"Return-Path", " <>", ""},
	            {"MIME-Version", " 1.0", "MIME-Version: 1.0\n"},
	            {"MIME-Version", " Jane", ""},
	            {"Content-Type", " text/plain; charset=utf-8; name=\"Jane.txt\"",
	             "Content-Type: text/plain\n"},
	            {"Content-Type", " text/jane", ""},
	            {"Date", " Fri, 15 Jan 2027 08:00:00 +0100 (Jane's clock)",
	             "Date: 15 Jan 2027 08:00:00 +0100\n"},
	            {"Date", " Jane", "Date: [redacted 4 octets]\n"},
	            {"Message-ID", " <jane>", "Message-ID: [redacted 6 octets]\n"},
	            {"List-Id", " Jane's friends <friends.example.org>",
	             "List-Id: <friends.example.org>\n"},
	            {"List-Id", " Jane's friends", "List-Id: [redacted 14 octets]\n"},
	            {"From", " jane", "From: [redacted 4 octets]\n"},
	            {"From", " a@one.example, b@two.example",
	             "From: redacted@one.example,\n redacted@two.example\n"},
	            {"DKIM-Signature",
	             " v=1; a=rsa-sha256; d=example.org; s=key1; i=@example.org; x_jane=1;\r\n"
	             " z=From:jane@example.org; h=From:To; bh=aGFz\r\n aA==; b=c2ln",
	             "DKIM-Signature: v=1;\n\ta=rsa-sha256;\n\td=example.org;\n\ts=key1;\n\t"
	             "i=@example.org;\n\th=From:To;\n\tbh=aGFzaA==;\n\tb=c2ln\n"},
	            {"DKIM-Signature", " jane", "DKIM-Signature: [redacted 4 octets]\n"},
	            {"Received",
	             " from janes-pc (janes-pc.dsl.example [192.0.2.9])\r\n"
	             "\t(Authenticated sender: jane@example.org)\r\n"
	             "\tby mx.example.org (Jane) with ESMTPSA id 4711JANE\r\n"
	             "\tfor <us@receiver.example>; Fri, 15 Jan 2027 08:00:00 +0100",
	             "Received: from unknown ([192.0.2.9])\n by mx.example.org\n with esmtpsa;\n"
	             " 15 Jan 2027 08:00:00 +0100\n"},
	            {"Received",
	             " from mx.example.org ([198.51.100.7]) by inner.example.net with SMTP",
	             "Received: from mx.example.org\n by inner.example.net\n with smtp\n"},
	            {"Received", " from [IPv6:2001:db8::1] by inner.example.net",
	             "Received: from unknown ([2001:db8::1])\n by inner.example.net\n"},
	            {"Received", " jane", "Received: [redacted 4 octets]\n"}};
	struct failure_scene *scene = *state;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		scene->message.header_count = 0;
		failure_scene_add(scene, rows[i].name, rows[i].value);
		assert_string_equal(header_of(scene), rows[i].expected);
	}
}

static void mail_that_is_not_reported(void **state)
{
	static const char *const none[] = {"example.net", "*.example.org"};
	struct failure_scene *scene = *state;
	const struct failure_scene wanted = *scene;

	assert_null(unwanted(scene));
	scene->findings.judged = false;
	assert_non_null(unwanted(scene));
	*scene = wanted;
	scene->findings.dmarc.result = RESULT_PASS;
	assert_string_equal(unwanted(scene), "DMARC did not fail");
	*scene = wanted;
	scene->findings.dmarc.result = RESULT_TEMPERROR;
	assert_non_null(unwanted(scene));
	*scene = wanted;
	scene->findings.dmarc.alignment_unknown = true;
	assert_non_null(unwanted(scene));
	*scene = wanted;
	scene->verdict.action = ACTION_TEMPFAIL;
	assert_string_equal(unwanted(scene), "the message will come again");
	*scene = wanted;
	scene->record.ruf.count = 0;
	assert_non_null(unwanted(scene));
	*scene = wanted;
	scene->domains = (struct strings){0, NULL};
	assert_string_equal(unwanted(scene), "failures.domains does not name the domain");
	scene->domains = (struct strings){2, none};
	assert_non_null(unwanted(scene));
	*scene = wanted;
	scene->record.psd = PSD_YES;
	assert_non_null(unwanted(scene));
	*scene = wanted;
	scene->message.mail_from = "";
	assert_string_equal(unwanted(scene), "the message was sent by a program");
	*scene = wanted;
	scene->findings.dmarc.author.domain = "reports.receiver.example";
	assert_string_equal(unwanted(scene), "the domain is that of our own reports");
}

static void mail_of_programs_is_not_reported(void **state)
{
	struct failure_scene *scene = *state;

	failure_scene_add(scene, "Auto-Submitted", " no");
	assert_null(unwanted(scene));
	scene->headers[scene->message.header_count - 1].value = " auto-generated";
	assert_non_null(unwanted(scene));
	scene->message.header_count--;
	failure_scene_add(scene, "Content-Type", " Multipart/Report; report-type=feedback-report");
	assert_non_null(unwanted(scene));
}

static void fo_says_which_failures(void **state)
{
	static const struct {
		const char *fo;
		enum result spf, dkim;
		bool wanted;
	} rows[] = {{"0", RESULT_PASS, RESULT_PASS, true},  {"1", RESULT_PASS, RESULT_PASS, true},
	            {"d", RESULT_PASS, RESULT_PASS, false}, {"d", RESULT_FAIL, RESULT_PASS, false},
	            {"d", RESULT_PASS, RESULT_FAIL, true},  {"s", RESULT_PASS, RESULT_FAIL, false},
	            {"s", RESULT_FAIL, RESULT_PASS, true},  {"s", RESULT_NONE, RESULT_PASS, false},
	            {"d:s", RESULT_FAIL, RESULT_PASS, true}};
	struct failure_scene *scene = *state;

	scene->findings.dkim.count = 1;
	scene->findings.dkim.signatures = &scene->signature;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		scene->record.fo = rows[i].fo;
		scene->findings.spf.result = rows[i].spf;
		scene->signature.result = rows[i].dkim;
		assert_int_equal(unwanted(scene) == NULL, rows[i].wanted);
	}
}

static void records_are_read_back(void **state)
{
	struct failure_scene *scene = *state;
	const struct failure *failure = failure_scene_make(scene), *again;
	size_t length;
	const char *record = failure_text_write(failure, scene->arena, &length);

	assert_non_null(record);
	assert_int_equal(record[0], '\n');
	assert_null(memchr(record + 1, '\n', length - 1));
	assert_true(failure_text_check(record + 1, length - 1));
	again = failure_text_read(record + 1, length - 1, scene->arena);
	assert_non_null(again);
	assert_int_equal(again->received, failure->received);
	assert_string_equal(again->policy_domain, failure->policy_domain);
	assert_string_equal(again->group, failure->group);
	assert_string_equal(again->header, failure->header);
	for (size_t cut = 1; cut < length - 1; cut++)
		assert_false(failure_text_check(record + 1, cut));
}

#define TEST(function)                                                                             \
	cmocka_unit_test_setup_teardown(function, failure_scene_set_up, failure_scene_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {TEST(a_report_as_a_whole),
	                                   TEST(local_parts_are_hashed_with_the_key),
	                                   TEST(alignment_names_what_did_not_align),
	                                   TEST(aligned_signature_that_failed_is_named),
	                                   TEST(aligned_spf_that_failed_shows_the_record),
	                                   TEST(delivery_and_incidents),
	                                   TEST(fields_are_written_anew),
	                                   TEST(mail_that_is_not_reported),
	                                   TEST(mail_of_programs_is_not_reported),
	                                   TEST(fo_says_which_failures),
	                                   TEST(records_are_read_back)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
