/*
 * iprev_test.c - iprev: what each answer of the DNS comes to, what is prefetched, what it costs;
 * and what Authentication-Results and Received-SPF say.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "fake_dns.h"
#include "fields/received_spf.h"
#include "iprev.h"
#include "policy.h"
#include "results/results.h"

#define PTR  "1.2.0.192.in-addr.arpa PTR "
#define PTR6 "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa PTR "

struct played {
	struct arena *arena;
	struct fake_dns *dns;
	struct findings findings;
	size_t prefetched;
};

static struct played play(const char *zone, const char *client, bool check)
{
	const struct iprev_settings settings = {check};
	struct played played = {.arena = arena_new(), .findings = {.judged = true}};
	struct message message = {.mail_from = ""};
	struct problem problem;
	void *state, *work;

	assert_true(client == NULL || address_parse(client, &message.client));
	played.dns = fake_dns_new(played.arena, zone);
	assert_true(policy_iprev.open(&settings, &state, &problem));
	work = policy_iprev.begin(state, &message, &played.dns->services, played.arena);
	played.prefetched = played.dns->query_count;
	policy_iprev.judge(work, &played.findings);
	return played;
}

static void answers_decide(void **state)
{
	static const struct {
		const char *zone, *client;
		enum result result;
		const char *name, *reason;
	} rows[] = {
	    {PTR "a.example\na.example A 192.0.2.1\n", "192.0.2.1", RESULT_PASS, "a.example", NULL},
	    {PTR "a.example\na.example A 192.0.2.9\na.example A 192.0.2.1\n", "192.0.2.1",
	     RESULT_PASS, "a.example", NULL},
	    {PTR "a.example\n" PTR "b.example\nb.example A 192.0.2.1\n", "192.0.2.1", RESULT_PASS,
	     "b.example", NULL},
	    {PTR "a.example\na.example A !fail timed out\n" PTR
	         "b.example\nb.example A 192.0.2.1\n",
	     "192.0.2.1", RESULT_PASS, "b.example", NULL},
	    {PTR6 "a.example\na.example AAAA 2001:db8::1\n", "2001:db8::1", RESULT_PASS,
	     "a.example", NULL},
	    {PTR6 "a.example\na.example A 192.0.2.1\n", "2001:db8::1", RESULT_FAIL, NULL,
	     "a.example"},
	    {PTR "a.example\na.example A 192.0.2.1\n", "::ffff:192.0.2.1", RESULT_PASS, "a.example",
	     NULL},
	    {PTR "a.example\na.example A 192.0.2.9\n", "192.0.2.1", RESULT_FAIL, NULL, "a.example"},
	    {PTR "a.example\n", "192.0.2.1", RESULT_FAIL, NULL, "a.example"},
	    {PTR "a.example\na.example EXISTS\n", "192.0.2.1", RESULT_FAIL, NULL, "a.example"},
	    {PTR "a.example\n" PTR "b.example\nb.example A 192.0.2.9\n", "192.0.2.1", RESULT_FAIL,
	     NULL, "none of 2"},
	    {PTR "\n", "192.0.2.1", RESULT_FAIL, NULL, "does not lead back"},
	    {PTR "a.example\na.example A !fail timed out\n", "192.0.2.1", RESULT_TEMPERROR, NULL,
	     "timed out"},
	    {PTR "a.example\na.example A 192.0.2.9\n" PTR "b.example\nb.example A !fail\n",
	     "192.0.2.1", RESULT_TEMPERROR, NULL, "b.example"},
	    {PTR "!fail refused\n", "192.0.2.1", RESULT_TEMPERROR, NULL, "refused"},
	    {"", "192.0.2.1", RESULT_PERMERROR, NULL, "no name"},
	    {"1.2.0.192.in-addr.arpa EXISTS\n", "192.0.2.1", RESULT_PERMERROR, NULL, "no name"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct played played = play(rows[i].zone, rows[i].client, true);
		const struct iprev_finding *iprev = &played.findings.iprev;

		assert_true(iprev->checked);
		if (iprev->result != rows[i].result)
			fail_msg("%s: %s", rows[i].zone, result_names[iprev->result]);
		if (rows[i].name == NULL)
			assert_null(iprev->name);
		else
			assert_string_equal(iprev->name, rows[i].name);
		assert_true((iprev->reason == NULL) == (iprev->result == RESULT_PASS));
		if (rows[i].reason != NULL && strstr(iprev->reason, rows[i].reason) == NULL)
			fail_msg("%s: %s", rows[i].zone, iprev->reason);
		/* whatever was asked for had been prefetched */
		for (size_t q = played.prefetched; q < played.dns->query_count; q++)
			assert_int_equal(fake_dns_asked(played.dns, played.dns->queries[q].name,
			                                played.dns->queries[q].type),
			                 2);
		arena_free(played.arena);
	}
}

static void ten_names_are_looked_at(void **state)
{
	struct arena *arena = arena_new();
	char *zone = arena_string(arena, "");
	struct played played;

	(void)state;
	for (int i = 1; i <= 60; i++)
		zone = arena_format(arena, "%s" PTR "n%d.example\nn%d.example A 192.0.2.%d\n", zone,
		                    i, i, i == 11 ? 1 : 200);
	played = play(zone, "192.0.2.1", true);
	assert_int_equal(played.findings.iprev.result, RESULT_FAIL);
	assert_non_null(strstr(played.findings.iprev.reason, "first 10 of 60"));
	assert_int_equal(played.prefetched, 11);
	assert_int_equal(played.dns->query_count, 22);
	arena_free(played.arena);
	arena_free(arena);
}

static void nothing_is_asked_in_vain(void **state)
{
	struct played off = play(PTR "a.example\n", "192.0.2.1", false),
	              unknown = play(PTR "a.example\n", NULL, true);

	(void)state;
	assert_int_equal(off.dns->query_count, 0);
	assert_false(off.findings.iprev.checked);
	assert_int_equal(unknown.dns->query_count, 0);
	assert_false(unknown.findings.iprev.checked);
	arena_free(off.arena);
	arena_free(unknown.arena);
}

static void results_tell_it(void **state)
{
	static const struct {
		const char *client, *name, *reason;
		enum result result;
		const char *expected;
	} rows[] = {
	    {"192.0.2.1", "a.example", NULL, RESULT_PASS,
	     "iprev=pass (a.example) policy.iprev=192.0.2.1;"},
	    {"2001:db8::1", "a.example", NULL, RESULT_PASS,
	     "iprev=pass (a.example) policy.iprev=\"2001:db8::1\";"},
	    {"192.0.2.1", "a\\041.example", NULL, RESULT_PASS,
	     "iprev=pass policy.iprev=192.0.2.1;"},
	    {"192.0.2.1", "x); dmarc=pass (", NULL, RESULT_PASS,
	     "iprev=pass policy.iprev=192.0.2.1;"},
	    {"192.0.2.1", NULL, "x\"; dmarc=pass (\r\n", RESULT_FAIL,
	     "iprev=fail reason=\"x', dmarc?pass [??\" policy.iprev=192.0.2.1;"},
	};
	struct message message = {.mail_from = ""};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct arena *arena = arena_new();
		struct findings findings = {
		    .judged = true,
		    .iprev = {.checked = true, .name = rows[i].name, .reason = rows[i].reason}};
		const char *value;

		findings.iprev.result = rows[i].result;
		assert_true(address_parse(rows[i].client, &findings.iprev.address));
		value = results_write(&message, &findings, NULL, "mx.example.net", arena);
		if (strstr(value, rows[i].expected) == NULL)
			fail_msg("%s", value);
		findings.iprev.checked = false;
		value = results_write(&message, &findings, NULL, "mx.example.net", arena);
		assert_null(strstr(value, "iprev"));
		arena_free(arena);
	}
}

static const struct {
	const char *client, *mail_from, *helo;
	struct spf_finding finding;
	const char *expected;
} received[] = {
    {"192.0.2.1",
     "anna@example.org",
     "mail.example.org",
     {.result = RESULT_PASS, .domain = "example.org", .mechanism = "ip4:192.0.2.0/24"},
     "pass\n\t(mx.example.net: example.org permits 192.0.2.1 to send its mail)\n"
     "\tclient-ip=192.0.2.1; envelope-from=\"anna@example.org\";\n"
     "\thelo=mail.example.org; receiver=mx.example.net; identity=mailfrom;\n"
     "\tmechanism=\"ip4:192.0.2.0/24\""},
    {"2001:db8::1",
     "",
     "mail.example.org",
     {.result = RESULT_NEUTRAL,
      .domain = "mail.example.org",
      .mechanism = "default",
      .reason = "no match"},
     "neutral (mx.example.net: no match)\n"
     "\tclient-ip=\"2001:db8::1\"; envelope-from=\"postmaster@mail.example.org\";\n"
     "\thelo=mail.example.org; receiver=mx.example.net; identity=mailfrom;\n"
     "\tmechanism=default"},
    {"192.0.2.1",
     "a@example.org",
     "[192.0.2.1]",
     {.result = RESULT_PERMERROR, .domain = "example.org", .reason = "two \"records\" (bad)"},
     "permerror (mx.example.net: two 'records' [bad])\n"
     "\tclient-ip=192.0.2.1; envelope-from=\"a@example.org\"; helo=\"[192.0.2.1]\";\n"
     "\tproblem=\"two 'records' [bad]\"; receiver=mx.example.net;\n"
     "\tidentity=mailfrom"},
    /* what cannot be said without an escape is left out */
    {"192.0.2.1",
     "\"a\\\" b\"@example.org",
     "x\r\nX: y",
     {.result = RESULT_FAIL,
      .domain = "example.org",
      .mechanism = "-all",
      .reason = "a\r\nX: y; (\\\""},
     "fail (mx.example.net: a??X: y, [/')\n"
     "\tclient-ip=192.0.2.1; receiver=mx.example.net; identity=mailfrom;\n"
     "\tmechanism=-all"},
    {NULL,
     "b\xC3\xBC@example.org",
     NULL,
     {.result = RESULT_NONE, .reason = "the address of the client is not known"},
     "none (mx.example.net: the address of the client is not known)\n"
     "\tclient-ip=unknown; receiver=mx.example.net; identity=mailfrom"},
};

static void received_spf_is_one_field(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof received / sizeof received[0]; i++) {
		struct arena *arena = arena_new();
		struct message message = {.mail_from = received[i].mail_from,
		                          .helo = received[i].helo,
		                          .receiver = "mx.example.net"};
		const char *value;

		assert_true(received[i].client == NULL ||
		            address_parse(received[i].client, &message.client));
		value = received_spf_write(&message, &received[i].finding, arena);
		assert_string_equal(value, received[i].expected);
		arena_free(arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(answers_decide),
	    cmocka_unit_test(ten_names_are_looked_at),
	    cmocka_unit_test(nothing_is_asked_in_vain),
	    cmocka_unit_test(results_tell_it),
	    cmocka_unit_test(received_spf_is_one_field),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
