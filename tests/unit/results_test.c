/*
 * results_test.c - Authentication-Results: forged fields in every spelling, and what is written.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <string.h>

#include "dmarc/policy_record.h"
#include "fields/results_reader.h"
#include "results/results.h"

static const char own_id[] = "mx.example.net";

static void forged_fields_are_recognized(void **state)
{
	static const char *const rows[] = {
	    " mx.example.net; spf=pass smtp.mailfrom=example.org",
	    "mx.example.net;none",
	    " mx.example.net",
	    " mx.example.net;",
	    " MX.Example.NET; none",
	    " mx.example.net.; none",
	    " mx.example.net..; none",
	    " MX.EXAMPLE.NET. ; none",
	    " mx.example.net 1; none",
	    " mx.example.net 01; none",
	    " mx.example.net 2; none",
	    " mx.example.net/1; none",
	    " mx.example.net / 1 ; none",
	    " mx.example.net (our own) 1 (version); none",
	    " \"mx.example.net\"; none",
	    " \"MX.example.net.\" 1; none",
	    " \"m\\x.example\\.net\"; none",
	    " \" mx.example.net \"; none",
	    " \"mx.example\r\n .net\"; none",
	    "\r\n\tmx.example.net; none",
	    "\r\n mx.example.net\r\n\t;\r\n none",
	    "\n\tmx.example.net; none",
	    " (a comment) mx.example.net; none",
	    " (a (nested (deep)) one)mx.example.net; none",
	    " (with \\) and \\( inside) mx.example.net; none",
	    " (with \"quote) mx.example.net; none",
	    " (one)\r\n (two) mx.example.net (three); none",
	    "\tmx.example.net\t;\tnone",
	    " mx.example.net(comment); none",
	    " mx.example.net; dkim=pass header.d=example.org; dmarc=pass",
	    /* too malformed to show whose they are */
	    "",
	    "   \r\n ",
	    " ; spf=pass",
	    " spf=pass smtp.mailfrom=example.org",
	    " spf = pass",
	    " =mx.example.net; none",
	    " (unclosed mx.example.net; none",
	    " \"unclosed mx.example.net; none",
	    " \"mx.example.net\\",
	    " mx.example.net spf=pass",
	    " mx (x) .example.net; none",
	    " mx . example . net; none",
	    " other.example mx.example.net; none",
	    " other.example, mx.example.net; none",
	    " <mx.example.net>; none",
	    " user@mx.example.net; none",
	    " other.example:mx.example.net; none",
	    " =?utf-8?q?mx.example.net?=; none",
	    " other.example\\; mx.example.net; none",
	    " mx.\xFF.example; none",
	    " \"\"; none",
	    /* a version that nobody knows */
	    " other.example 2; spf=pass",
	    " other.example 11; spf=pass",
	    " other.example 00; spf=pass",
	};
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (!results_reader_is_forged(rows[i], own_id, arena))
			fail_msg("not recognized: %s", rows[i]);
	arena_free(arena);
}

static void u_labels_and_a_labels_are_the_same(void **state)
{
	struct arena *arena = arena_new();

	(void)state;
	assert_true(results_reader_is_forged(" mx.b\303\274cher.example; none",
	                                     "mx.xn--bcher-kva.example", arena));
	assert_true(results_reader_is_forged(" mx.B\303\234cher.example; none",
	                                     "mx.xn--bcher-kva.example", arena));
	assert_true(results_reader_is_forged(" mx.xn--bcher-kva.example; none",
	                                     "mx.b\303\274cher.example", arena));
	assert_true(results_reader_is_forged(" \"mx.xn--BCHER-kva.example.\"; none",
	                                     "mx.b\303\274cher.example", arena));
	assert_false(results_reader_is_forged(" mx.b\303\274cher.example; none",
	                                      "mx.bucher.example", arena));
	arena_free(arena);
}

static void fields_of_neighbours_are_left_alone(void **state)
{
	static const char *const rows[] = {
	    " other.example; spf=pass smtp.mailfrom=mx.example.net",
	    " mx.example.net.other.example; none",
	    " amx.example.net; none",
	    " mx.example.nett; none",
	    " x.mx.example.net; none",
	    " example.net; none",
	    " mx-example.net; none",
	    " mx.example.net-b; none",
	    " other.example (mx.example.net); none",
	    " (mx.example.net;) other.example; none",
	    " (\"mx.example.net\") \"other.example\" 1; none",
	    " other.example 1; spf=pass reason=\"mx.example.net; spf=pass\"",
	    " other.example",
	    " other.example/1; none",
	    " i=1; mx.example.net; none", /* never one of ours: "i" is not an id but a tag */
	    " b\303\274cher.example; none",
	    " .mx.example.net; none",
	    " mx.example.net@other; none",
	};
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		bool malformed = strchr(rows[i], '@') != NULL || strstr(rows[i], "i=1") != NULL;

		if (results_reader_is_forged(rows[i], own_id, arena) != malformed)
			fail_msg("taken wrongly: %s", rows[i]);
	}
	arena_free(arena);
}

static void a_huge_field_is_read_in_one_go(void **state)
{
	enum {
		SIZE = 1000000
	};
	struct arena *arena = arena_new();
	char *value = malloc(SIZE + 64);

	(void)state;
	memset(value, '(', SIZE);
	strcpy(value + SIZE, " mx.example.net; none");
	assert_true(results_reader_is_forged(value, own_id, arena));
	memset(value + SIZE / 2, ')', SIZE / 2);
	assert_true(results_reader_is_forged(value, own_id, arena));
	strcpy(value + SIZE, " other.example; none");
	assert_false(results_reader_is_forged(value, own_id, arena));
	memset(value, ' ', SIZE);
	strcpy(value + SIZE, " mx.example.net; none");
	assert_true(results_reader_is_forged(value, own_id, arena));
	free(value);
	arena_free(arena);
}

static void note_method(void *context, const char *method, const char *result)
{
	assert_non_null(method);
	assert_non_null(result);
	++*(size_t *)context;
}

static void note_property(void *context, const char *name, const char *value)
{
	note_method(context, name, value);
}

/* Senders and sealers write such fields; a header may be full of them. */
static void a_huge_field_is_kept_in_little_memory(void **state)
{
	enum {
		COUNT = 100000
	};
	static const char *const parts[] = {"a=b ", "a=b;", "a.b=c@d ", "a=\"b\"@c;"};
	char *value = malloc(COUNT * 16);

	(void)state;
	for (size_t part = 0; part < sizeof parts / sizeof parts[0]; part++) {
		struct arena *arena = arena_new();
		size_t found = 0, length = (size_t)sprintf(value, "mx; ");
		const struct results_sink sink = {&found, note_method, note_property};

		for (size_t i = 0; i < COUNT; i++)
			length += (size_t)sprintf(value + length, "%s", parts[part]);
		assert_true(results_reader_read(arena, value, &sink));
		assert_int_equal(found, COUNT);
		assert_true(arena_used(arena) <= 10 * length);
		arena_free(arena);
	}
	free(value);
}

static void what_does_not_follow_the_grammar_is_not_read(void **state)
{
	static const struct {
		const char *value;
		bool readable;
	} rows[] = {
	    {"mx; spf=pass smtp.mailfrom=\"a b\"@c.example", true},
	    {"mx; spf=pass smtp.mailfrom=\"a@c.example\"; dmarc=none", true},
	    {"mx; spf=pass smtp.mailfrom=\"a@c\".example", false},
	    {"mx; spf=pass smtp.mailfrom=\"a@c\"\".example\"", false},
	    {"mx 1; spf=pass", true},
	    {"mx 01; spf=pass", true},
	    {"mx 2; spf=pass", false},
	    {"mx 11; spf=pass", false},
	};
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		size_t found = 0;
		const struct results_sink sink = {&found, note_method, note_property};

		assert_true(results_reader_read(arena, rows[i].value, &sink) == rows[i].readable);
	}
	arena_free(arena);
}

static struct findings usual_findings(struct dkim_signature *signature,
                                      const struct policy_record *record)
{
	*signature = (struct dkim_signature){.result = RESULT_PASS,
	                                     .domain = "example.org",
	                                     .selector = "s1",
	                                     .identity = "@example.org",
	                                     .algorithm = "rsa-sha256",
	                                     .header_b = "EjCbN/c3"};
	return (struct findings){
	    .judged = true,
	    .spf_helo = {.result = RESULT_NONE,
	                 .scope = SPF_SCOPE_HELO,
	                 .domain = "mail.example.org"},
	    .spf = {.result = RESULT_PASS, .scope = SPF_SCOPE_MAILFROM, .domain = "example.org"},
	    .dkim = {.count = 1, .signatures = signature},
	    .dmarc = {.result = RESULT_PASS,
	              .author = {.state = AUTHOR_ONE, .domain = "example.org"},
	              .record = record,
	              .published = REQUEST_REJECT,
	              .published_tag = "p",
	              .effective = REQUEST_REJECT},
	};
}

static void expect(const struct findings *findings, const struct verdict *verdict,
                   const char *expected)
{
	struct arena *arena = arena_new();
	struct message message = {.mail_from = "b@example.org"};

	assert_string_equal(results_write(&message, findings, verdict, own_id, arena), expected);
	arena_free(arena);
}

static void the_usual_message(void **state)
{
	static const struct policy_record record = {.text = "v=DMARC1; p=reject"};
	struct dkim_signature signature;
	struct findings findings = usual_findings(&signature, &record);

	(void)state;
	expect(&findings, NULL,
	       "mx.example.net;\n\tspf=pass smtp.mailfrom=example.org;\n\tdkim=pass "
	       "header.d=example.org header.s=s1 "
	       "header.a=rsa-sha256\n\theader.b=\"EjCbN/c3\";\n\tdmarc=pass (p=reject) "
	       "header.from=example.org policy.dmarc=reject");
}

static void a_failing_message(void **state)
{
	static const struct policy_record record = {.text = "v=DMARC1; p=none; sp=reject; t=y"};
	struct dkim_signature signature;
	struct findings findings = usual_findings(&signature, &record);
	struct verdict verdict = {.disposition = "quarantine"};

	(void)state;
	findings.spf.result = RESULT_FAIL;
	findings.spf.reason = "192.0.2.1 is not allowed";
	findings.spf_helo.result = RESULT_SOFTFAIL;
	findings.spf_helo.reason = "no";
	signature.result = RESULT_NEUTRAL;
	signature.identity = "\"joe doe\"@sub.example.org";
	signature.reason = "say \"why\" (b\\c)\r\nSubject; \xC3\xBC";
	signature.domain = NULL;
	findings.dkim.beyond_limit = 490;
	findings.dmarc.result = RESULT_FAIL;
	findings.dmarc.published_tag = "sp";
	findings.dmarc.test_mode = true;
	findings.dmarc.effective = REQUEST_QUARANTINE;
	findings.dmarc.reason = "nothing aligns";
	findings.arc.result = RESULT_FAIL;
	expect(&findings, &verdict,
	       "mx.example.net;\n\tspf=softfail reason=\"no\" "
	       "smtp.helo=mail.example.org;\n\tspf=fail reason=\"192.0.2.1 is not allowed\" "
	       "smtp.mailfrom=example.org;\n\tdkim=neutral reason=\"say 'why' [b/c]??Subject, ??\" "
	       "header.s=s1\n\theader.a=rsa-sha256 header.b=\"EjCbN/c3\";\n\tdkim=policy "
	       "reason=\"490 more signatures are not shown\";\n\tarc=fail;\n\tdmarc=fail "
	       "(sp=reject t=y dis=quarantine) reason=\"nothing "
	       "aligns\"\n\theader.from=example.org policy.dmarc=quarantine");
}

/* What SPF finds for MAIL FROM is then what it found for HELO. */
static void the_null_reverse_path(void **state)
{
	static const struct spf_finding none = {.result = RESULT_NONE};
	struct arena *arena = arena_new();
	struct message message = {.mail_from = ""};
	struct findings findings = {.judged = true,
	                            .spf_helo = {.result = RESULT_PASS,
	                                         .scope = SPF_SCOPE_HELO,
	                                         .domain = "mail.example.org"}};

	(void)state;
	findings.spf = findings.spf_helo;
	findings.spf.scope = SPF_SCOPE_MAILFROM;
	assert_string_equal(
	    results_write(&message, &findings, NULL, own_id, arena),
	    "mx.example.net;\n\tspf=pass smtp.helo=mail.example.org;\n\tdkim=none;\n\tdmarc=none");
	findings.spf_helo = findings.spf = none;
	assert_string_equal(results_write(&message, &findings, NULL, own_id, arena),
	                    "mx.example.net;\n\tspf=none;\n\tdkim=none;\n\tdmarc=none");
	arena_free(arena);
}

static void outbound_mail(void **state)
{
	static const struct {
		const char *user, *expected;
	} rows[] = {
	    {NULL, "mx.example.net; none"},
	    {"joe", "mx.example.net;\n\tauth=pass smtp.auth=joe"},
	    {"joe@example.org", "mx.example.net;\n\tauth=pass smtp.auth=joe@example.org"},
	    {"joe doe", "mx.example.net;\n\tauth=pass smtp.auth=\"joe doe\""},
	    {"joe; x", "mx.example.net;\n\tauth=pass smtp.auth=\"joe; x\""},
	    {"joe; dmarc=pass", "mx.example.net;\n\tauth=pass"},
	    {"joe=pass", "mx.example.net;\n\tauth=pass"},
	    {"dmarc=pass@example.org", "mx.example.net;\n\tauth=pass"},
	    {"x+DMARC=x@example.org", "mx.example.net;\n\tauth=pass"},
	    {"xdmarc=pass@example.org", "mx.example.net;\n\tauth=pass"},
	    {"header.from=x@example.org", "mx.example.net;\n\tauth=pass"},
	    {"spf/1=x@example.org", "mx.example.net;\n\tauth=pass"},
	    {"xdmarc=x@example.org", "mx.example.net;\n\tauth=pass smtp.auth=xdmarc=x@example.org"},
	    {"marc=x@example.org", "mx.example.net;\n\tauth=pass smtp.auth=marc=x@example.org"},
	    {"joe(", "mx.example.net;\n\tauth=pass smtp.auth=\"joe(\""},
	    {"joe(\r\nX: y", "mx.example.net;\n\tauth=pass"},
	    {"\"", "mx.example.net;\n\tauth=pass"},
	    {"\\", "mx.example.net;\n\tauth=pass"},
	    {"j\xC3\xB6", "mx.example.net;\n\tauth=pass"},
	    {"", "mx.example.net;\n\tauth=pass"},
	    {"a..b@example.org", "mx.example.net;\n\tauth=pass smtp.auth=\"a..b@example.org\""},
	    {"a@b.", "mx.example.net;\n\tauth=pass smtp.auth=\"a@b.\""},
	    {"a@b;c", "mx.example.net;\n\tauth=pass smtp.auth=\"a@b;c\""},
	};
	struct arena *arena = arena_new();
	struct findings findings = {.judged = false};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct message message = {.auth_user = rows[i].user};

		assert_string_equal(results_write(&message, &findings, NULL, own_id, arena),
		                    rows[i].expected);
	}
	arena_free(arena);
}

static void an_id_that_is_no_token_is_quoted(void **state)
{
	struct arena *arena = arena_new();
	struct findings findings = {.judged = false};
	struct message message = {.auth_user = NULL};
	const char *value = results_write(&message, &findings, NULL, "the mail host; \"x\"", arena);

	(void)state;
	assert_string_equal(value, "\"the mail host; \\\"x\\\"\"; none");
	assert_true(results_reader_is_forged(value, "the mail host; \"x\"", arena));
	arena_free(arena);
}

/* Too many signatures: reasons go first, then what does not pass; what is written stays one sound
 * field. */
static void the_field_has_a_limit(void **state)
{
	static const struct {
		size_t count;
		enum result result;
		const char *holds;
	} rows[] = {
	    {100, RESULT_FAIL, "dkim=policy reason=\"100 more signatures are not shown\""},
	    {100, RESULT_PASS, "dkim=policy reason=\"99 more signatures are not shown\""},
	    {30, RESULT_FAIL, "dkim=fail\n\theader.d="},
	};
	struct arena *arena = arena_new();
	struct message message = {.mail_from = "b@example.org"};
	struct dkim_signature signatures[100];
	char reason[1000], domain[200];

	(void)state;
	memset(reason, '"', sizeof reason - 1);
	reason[sizeof reason - 1] = '\0';
	memset(domain, 'a', sizeof domain - 1);
	domain[sizeof domain - 1] = '\0';
	for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
		struct findings findings = {
		    .judged = true, .dkim = {.count = rows[row].count, .signatures = signatures}};

		for (size_t i = 0; i < rows[row].count; i++)
			signatures[i] = (struct dkim_signature){
			    .result = rows[row].result, .reason = reason, .domain = domain};
		const char *value = results_write(&message, &findings, NULL, own_id, arena);

		assert_true(strlen(value) <= 8192);
		assert_non_null(strstr(value, rows[row].holds));
		assert_non_null(strstr(value, "dmarc=none"));
	}
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(forged_fields_are_recognized),
	    cmocka_unit_test(u_labels_and_a_labels_are_the_same),
	    cmocka_unit_test(fields_of_neighbours_are_left_alone),
	    cmocka_unit_test(a_huge_field_is_read_in_one_go),
	    cmocka_unit_test(a_huge_field_is_kept_in_little_memory),
	    cmocka_unit_test(what_does_not_follow_the_grammar_is_not_read),
	    cmocka_unit_test(the_usual_message),
	    cmocka_unit_test(a_failing_message),
	    cmocka_unit_test(the_null_reverse_path),
	    cmocka_unit_test(outbound_mail),
	    cmocka_unit_test(an_id_that_is_no_token_is_quoted),
	    cmocka_unit_test(the_field_has_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
