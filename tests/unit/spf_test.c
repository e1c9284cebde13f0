/*
 * spf_test.c - the SPF policy beyond the public suite: both identities, limits, hostile records,
 * prefetching and trace.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "run_spf.h"

static const char *judge_record(struct run_spf *trial, const char *client, const char *record)
{
	trial->dns->zone = arena_format(trial->dns_arena, "example.org TXT %s", record);
	return result_names[run_spf(trial, client, "mx.example.net", "user@example.org")->result];
}

static void both_identities_are_judged(void **state)
{
	static const char zone[] = "example.org TXT v=spf1 ip4:192.0.2.0/24 -all\n"
	                           "mx.example.net TXT v=spf1 -all\n";
	struct run_spf trial;

	(void)state;
	run_spf_begin(&trial, zone);
	assert_int_equal(
	    run_spf(&trial, "192.0.2.1", "MX.example.net.", "user@Example.ORG")->result,
	    RESULT_PASS);
	assert_string_equal(trial.findings.spf.domain, "example.org");
	assert_string_equal(trial.findings.spf.mechanism, "ip4:192.0.2.0/24");
	assert_null(trial.findings.spf.reason);
	assert_int_equal(trial.findings.spf.scope, SPF_SCOPE_MAILFROM);
	assert_int_equal(trial.findings.spf_helo.result, RESULT_FAIL);
	assert_int_equal(trial.findings.spf_helo.scope, SPF_SCOPE_HELO);
	assert_string_equal(trial.findings.spf_helo.domain, "mx.example.net");
	assert_string_equal(trial.findings.spf_helo.mechanism, "-all");

	assert_int_equal(run_spf(&trial, "192.0.2.1", "mx.example.net", "")->result, RESULT_FAIL);
	assert_string_equal(trial.findings.spf.domain, "mx.example.net");
	assert_int_equal(trial.findings.spf.scope, SPF_SCOPE_MAILFROM);
	run_spf_end(&trial);
}

static void what_has_no_domain_has_no_policy(void **state)
{
	static const struct {
		const char *client, *helo, *from;
	} rows[] = {
	    {"192.0.2.1", "[192.0.2.1]", ""},
	    {"192.0.2.1", "localhost", ""},
	    {"192.0.2.1", NULL, ""},
	    {"192.0.2.1", "mx.example.net", "root"},
	    {"192.0.2.1", "mx.example.net", "a@[192.0.2.1]"},
	    {"192.0.2.1", "mx.example.net", "a@b@com"},
	    {"192.0.2.1", "mx.example.net", "a@"},
	    {"192.0.2.1", "mx.example.net", "a@absent.example"},
	    {"192.0.2.1", "mx.example.net", "a@plain.example"},
	};
	struct run_spf trial;

	(void)state;
	run_spf_begin(&trial, "plain.example TXT nothing of note\ncom TXT v=spf1 -all");
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_int_equal(
		    run_spf(&trial, rows[i].client, rows[i].helo, rows[i].from)->result,
		    RESULT_NONE);
		assert_non_null(trial.findings.spf.reason);
		assert_string_equal(trial.findings.spf.engine, "assay");
	}
	assert_int_equal(fake_dns_asked(trial.dns, "com", RECORD_TXT), 0);
	run_spf_end(&trial);
}

static void a_broken_record_is_reported(void **state)
{
	struct run_spf trial;

	(void)state;
	run_spf_begin(&trial, "");
	assert_string_equal(judge_record(&trial, "192.0.2.1", "v=spf1 all mxx:\\x1B[2J"),
	                    "permerror");
	assert_string_equal(
	    trial.findings.spf.reason,
	    "the record of example.org is broken at \"mxx:\x1B[2J\": an unknown mechanism");
	assert_null(trial.findings.spf.mechanism);
	run_spf_end(&trial);
}

static void limits_span_includes_and_redirects(void **state)
{
	static const char zone[] =
	    "ten.example TXT v=spf1 a a a a a a a a a include:pass.example -all\n"
	    "ten.example A 198.51.100.1\n"
	    "eleven.example TXT v=spf1 include:five.example redirect=six.example\n"
	    "five.example TXT v=spf1 a a a a a\n"
	    "five.example A 198.51.100.1\n"
	    "six.example TXT v=spf1 mx mx mx mx all\n"
	    "six.example MX 0 six.example\n"
	    "six.example A 198.51.100.1\n"
	    "self.example TXT v=spf1 include:self.example -all\n"
	    "round.example TXT v=spf1 redirect=round.example\n"
	    "named.example TXT v=spf1 a:%{p}.x.example a:%{p}.y.example a:%{p}.z.example ?all\n"
	    "pass.example TXT v=spf1 +all\n"
	    "many.example TXT v=spf1 mx -all\n"
	    "many.example MX 0 a.example\nmany.example MX 0 b.example\n"
	    "many.example MX 0 c.example\nmany.example MX 0 d.example\n"
	    "many.example MX 0 e.example\nmany.example MX 0 f.example\n"
	    "many.example MX 0 g.example\nmany.example MX 0 h.example\n"
	    "many.example MX 0 i.example\nmany.example MX 0 j.example\n"
	    "many.example MX 0 k.example\n"
	    "odd.example TXT v=spf1 include:not.example a a a a a a a a a ?all\n"
	    "odd.example A 198.51.100.1\n"
	    "not.example TXT v=spf1 -mx ?all\n"
	    "not.example MX 0 y.example\nnot.example MX 1 a.example\nnot.example MX 2 b.example\n"
	    "y.example A 192.0.2.1\n"
	    "x.example A 127.0.0.1\n";
	static const struct {
		const char *from;
		enum result result;
		unsigned lookups;
	} rows[] = {
	    {"a@ten.example", RESULT_PASS, 10},       {"a@eleven.example", RESULT_PERMERROR, 11},
	    {"a@self.example", RESULT_PERMERROR, 11}, {"a@round.example", RESULT_PERMERROR, 11},
	    {"a@named.example", RESULT_PERMERROR, 4}, {"a@many.example", RESULT_PERMERROR, 1},
	    {"a@odd.example", RESULT_PERMERROR, 11},
	};
	struct run_spf trial;

	(void)state;
	run_spf_begin(&trial, zone);
	for (int engine = SPF_ENGINE_ASSAY; engine <= SPF_ENGINE_LIBSPF2; engine++) {
		trial.settings.engine = engine;
		for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
			run_spf(&trial, "192.0.2.1", "mx.example.net", rows[i].from);
			assert_int_equal(trial.findings.spf.result, rows[i].result);
			if (strcmp(trial.findings.spf.engine, "assay") == 0)
				assert_int_equal(trial.findings.spf.lookups, rows[i].lookups);
		}
	}
	run_spf_end(&trial);
}

static void void_lookups_are_counted_and_set(void **state)
{
	static const char zone[] =
	    "stale.example MX 1 1.stale.example\nstale.example MX 2 2.stale.example\n"
	    "stale.example MX 3 3.stale.example\n3.stale.example AAAA 2001:db8::1\n"
	    "inner.example TXT v=spf1 mx:stale.example ?all\n";
	static const struct {
		long most;
		const char *record, *result;
		unsigned counted;
	} rows[] = {
	    {2, "v=spf1 a:a.example mx:b.example ?all", "neutral", 2},
	    {2, "v=spf1 a:a.example mx:b.example exists:c.example ?all", "permerror", 3},
	    {2, "v=spf1 a:a.example a:a.example a:a.example ?all", "permerror", 3},
	    {3, "v=spf1 a:a.example mx:b.example exists:c.example ?all", "neutral", 3},
	    {0, "v=spf1 ip4:198.51.100.1 a:a.example ?all", "permerror", 1},
	    {0, "v=spf1 ip4:192.0.2.1 a:a.example ?all", "pass", 0},
	    {2, "v=spf1 a:a..example a:a..example a:a..example ?all", "neutral", 0},
	    {2, "v=spf1 ptr ptr ptr ?all", "permerror", 3},
	    {0, "v=spf1 mx:stale.example ?all", "neutral", 0},
	    {0, "v=spf1 include:inner.example ?all", "neutral", 0},
	    {1, "v=spf1 mx:stale.example mx:a.example mx:stale.example ?all", "neutral", 1},
	    {2, "v=spf1 a:%{p}.a.example exists:%{p}.b.example ?all", "neutral", 2},
	    {2, "v=spf1 a:%{p}.a.example exists:%{p}.b.example mx:%{p}.c.example ?all", "permerror",
	     3},
	};
	struct run_spf trial;
	const char *record;

	(void)state;
	run_spf_begin(&trial, "");
	for (int engine = SPF_ENGINE_ASSAY; engine <= SPF_ENGINE_LIBSPF2; engine++) {
		trial.settings.engine = engine;
		for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
			trial.settings.void_lookups = rows[i].most;
			record = arena_format(trial.dns_arena, "%s\n%s", rows[i].record, zone);
			assert_string_equal(judge_record(&trial, "192.0.2.1", record),
			                    rows[i].result);
			assert_int_equal(trial.findings.spf.void_lookups, rows[i].counted);
		}
	}
	run_spf_end(&trial);
}

static void local_parts_that_are_not_ascii_match_nothing(void **state)
{
	static const char zone[] =
	    "xn--bcher-kva.example TXT v=spf1 exists:%{l}.x.example exists:%{S}.x.example "
	    "a:%{d} exp=why.%{o} -all\n"
	    "xn--bcher-kva.example A 192.0.2.7\n"
	    "why.xn--bcher-kva.example TXT %{l} may not, %{h} says\n"
	    "next.example TXT v=spf1 include:other.example redirect=%{l}.x.example\n"
	    "other.example TXT v=spf1 -all\n"
	    "inner.example TXT v=spf1 include:%{l}.x.example ip4:192.0.2.7 -all\n";
	struct run_spf trial;

	(void)state;
	run_spf_begin(&trial, zone);
	run_spf(&trial, "192.0.2.1", "b\303\274cher.example", "pel\303\251@b\303\274cher.example");
	assert_int_equal(trial.findings.spf.result, RESULT_FAIL);
	assert_int_equal(trial.findings.spf.void_lookups, 0);
	assert_string_equal(trial.findings.spf.explanation,
	                    "pel?? may not, xn--bcher-kva.example says");
	run_spf(&trial, "192.0.2.7", "mx.example.net", "pel\xC3\xA9@xn--bcher-kva.example");
	assert_int_equal(trial.findings.spf.result, RESULT_PASS);
	run_spf(&trial, "192.0.2.7", "mx.example.net", "pel\xC3\xA9@next.example");
	assert_int_equal(trial.findings.spf.result, RESULT_NEUTRAL);
	assert_string_equal(trial.findings.spf.reason, "next.example says nothing about 192.0.2.7");
	run_spf(&trial, "192.0.2.7", "mx.example.net", "pel\xC3\xA9@inner.example");
	assert_int_equal(trial.findings.spf.result, RESULT_PASS);
	run_spf_end(&trial);
}

static void explanations_come_with_fail_only(void **state)
{
	static const char zone[] =
	    "fail.example TXT v=spf1 include:inner.example -all exp=why.example\n"
	    "inner.example TXT v=spf1 -all exp=wrong.example\n"
	    "soft.example TXT v=spf1 ~all exp=why.example\n"
	    "next.example TXT v=spf1 redirect=fail.example exp=wrong.example\n"
	    "why.example TXT %{s} is not for %{c}, %{r} says at %{t}%_%-%%\n"
	    "wrong.example TXT wrong\n"
	    "long.example TXT v=spf1 -all exp=longtext.example\n";
	struct run_spf trial;

	(void)state;
	run_spf_begin(&trial, zone);
	run_spf(&trial, "2001:db8::1", "mx.example.net", "@fail.example");
	assert_string_equal(
	    trial.findings.spf.explanation,
	    "postmaster@fail.example is not for 2001:db8::1, mx.receiver.example says at "
	    "1767225600 %20%");
	run_spf(&trial, "2001:db8::1", "mx.example.net", "a@next.example");
	assert_string_equal(
	    trial.findings.spf.explanation,
	    "a@next.example is not for 2001:db8::1, mx.receiver.example says at 1767225600 %20%");
	assert_int_equal(run_spf(&trial, "192.0.2.1", "mx.example.net", "a@soft.example")->result,
	                 RESULT_SOFTFAIL);
	assert_null(trial.findings.spf.explanation);
	assert_int_equal(fake_dns_asked(trial.dns, "wrong.example", RECORD_TXT), 0);
	run_spf_end(&trial);
}

static char *repeated(struct arena *arena, const char *text, size_t times)
{
	size_t length = strlen(text);
	char *whole = arena_allocate(arena, length * times + 1);

	for (size_t i = 0; i < times; i++)
		memcpy(whole + i * length, text, length);
	return whole;
}

/* The records that end a process which hands them to libspf2 1.2.10 (CVE-2023-42118), and their
 * like. */
static void hostile_records_are_judged(void **state)
{
	struct run_spf trial;

	(void)state;
	run_spf_begin(&trial, "");
	for (int engine = SPF_ENGINE_ASSAY; engine <= SPF_ENGINE_LIBSPF2; engine++) {
		struct arena *arena = trial.dns_arena;

		trial.settings.engine = engine;
		trial.dns->zone =
		    arena_format(arena,
		                 "example.org TXT v=spf1 -all exp=why.example\n"
		                 "why.example TXT %s%s\n",
		                 repeated(arena, "%{s}", 127), repeated(arena, "x", 4000));
		assert_int_equal(
		    run_spf(&trial, "192.0.2.1", "mx.example.net", "a@example.org")->result,
		    RESULT_FAIL);
		assert_memory_equal(trial.findings.spf.explanation, "a@example.orga@example.org",
		                    26);
		assert_int_equal(strlen(trial.findings.spf.explanation), 2048);

		assert_string_equal(
		    judge_record(&trial, "192.0.2.1",
		                 arena_format(arena, "v=spf1 exists:%s%s.example -all",
		                              repeated(arena, "%{d}.", 127),
		                              repeated(arena, "x.", 2500))),
		    "fail");
		assert_string_equal(judge_record(&trial, "192.0.2.1",
		                                 arena_format(arena, "v=spf1 a:%s.example -all",
		                                              repeated(arena, "%{i}", 15000))),
		                    "fail");
		assert_string_equal(
		    judge_record(
		        &trial, "192.0.2.1",
		        arena_format(arena, "v=spf1 %s-all", repeated(arena, "ip4:10.0.0.1 ", 64))),
		    "fail");
		assert_string_equal(
		    judge_record(&trial, "192.0.2.1",
		                 arena_format(arena, "v=spf1 a:%%{d%s}.example -all",
		                              repeated(arena, "....-", 12000))),
		    "fail");
	}
	run_spf_end(&trial);
}

static void large_records_cost_little_memory(void **state)
{
	struct run_spf trial;
	const char *record;

	(void)state;
	run_spf_begin(&trial, "");
	record = arena_format(trial.dns_arena, "v=spf1 %sip4:192.0.2.1 -all",
	                      repeated(trial.dns_arena, "ip4:10.0.0.1/0 ip6:::1 ", 2800));
	assert_string_equal(judge_record(&trial, "192.0.2.1", record), "pass");
	record = arena_format(trial.dns_arena, "v=spf1 %sip4:192.0.2.1 -all",
	                      repeated(trial.dns_arena, "ip4:10.0.0.1 ip6:::1 ", 3000));
	assert_string_equal(judge_record(&trial, "192.0.2.1", record), "pass");
	assert_int_equal(trial.findings.spf.step_count, 201);
	assert_string_equal(trial.findings.spf.steps[200].term, "...");
	assert_true(arena_used(trial.arena) < 200000);
	run_spf_end(&trial);
}

static void macro_work_is_bounded(void **state)
{
	struct run_spf trial;
	char *from;

	(void)state;
	run_spf_begin(&trial, "");
	trial.dns->zone =
	    arena_format(trial.dns_arena, "example.org TXT v=spf1 exists:%s.example -all",
	                 repeated(trial.dns_arena, "%{lr-}", 10000));
	from =
	    arena_format(trial.dns_arena, "%s@example.org", repeated(trial.dns_arena, "a-", 1000));
	run_spf(&trial, "192.0.2.1", "mx.example.net", from);
	assert_int_equal(trial.findings.spf.result, RESULT_PERMERROR);
	assert_non_null(strstr(trial.findings.spf.reason, "macros"));
	run_spf_end(&trial);
}

static void the_trace_tells_every_term(void **state)
{
	static const char zone[] =
	    "example.org TXT v=spf1 a include:one.example redirect=two.example\n"
	    "example.org A 198.51.100.1\n"
	    "one.example TXT v=spf1 mx ~all\n"
	    "two.example TXT v=spf1 ip4:192.0.2.0/24 -all\n";
	static const struct spf_step expected[] = {
	    {0, "example.org", "a", "does not match"},
	    {0, "example.org", "include:one.example", "does not match"},
	    {1, "one.example", "mx", "does not match: one.example has no such records"},
	    {1, "one.example", "~all", "matches"},
	    {0, "example.org", "redirect=two.example", "pass"},
	    {1, "two.example", "ip4:192.0.2.0/24", "matches"},
	};
	struct run_spf trial;

	(void)state;
	run_spf_begin(&trial, zone);
	run_spf(&trial, "192.0.2.1", "mx.example.net", "a@example.org");
	assert_int_equal(trial.findings.spf.step_count, sizeof expected / sizeof expected[0]);
	for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
		assert_int_equal(trial.findings.spf.steps[i].depth, expected[i].depth);
		assert_string_equal(trial.findings.spf.steps[i].domain, expected[i].domain);
		assert_string_equal(trial.findings.spf.steps[i].term, expected[i].term);
		assert_string_equal(trial.findings.spf.steps[i].outcome, expected[i].outcome);
	}
	assert_string_equal(trial.findings.spf.mechanism, "ip4:192.0.2.0/24");
	assert_int_equal(trial.findings.spf.lookups, 4);
	assert_int_equal(trial.findings.spf.void_lookups, 1);

	trial.dns->zone = "example.org TXT v=spf1 a -all\nexample.org A !fail timed out\n";
	run_spf(&trial, "192.0.2.1", "mx.example.net", "a@example.org");
	assert_int_equal(trial.findings.spf.result, RESULT_TEMPERROR);
	assert_string_equal(trial.findings.spf.reason,
	                    "the lookup of example.org A failed: timed out");
	assert_string_equal(trial.findings.spf.steps[0].outcome, trial.findings.spf.reason);
	run_spf_end(&trial);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(both_identities_are_judged),
	    cmocka_unit_test(what_has_no_domain_has_no_policy),
	    cmocka_unit_test(a_broken_record_is_reported),
	    cmocka_unit_test(limits_span_includes_and_redirects),
	    cmocka_unit_test(void_lookups_are_counted_and_set),
	    cmocka_unit_test(local_parts_that_are_not_ascii_match_nothing),
	    cmocka_unit_test(explanations_come_with_fail_only),
	    cmocka_unit_test(hostile_records_are_judged),
	    cmocka_unit_test(large_records_cost_little_memory),
	    cmocka_unit_test(macro_work_is_bounded),
	    cmocka_unit_test(the_trace_tells_every_term),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
