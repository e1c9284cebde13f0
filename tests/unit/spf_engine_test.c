/*
 * spf_engine_test.c - the two engines of the SPF policy: which one evaluates, and second opinions.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/text.h"
#include "run_spf.h"

static void engines_speak_for_what_they_judge(void **state)
{
	static const struct {
		const char *record, *engine, *result;
	} rows[] = {
	    {"v=spf1 a mx ip4:192.0.2.0/25 include:example.net -all", "libspf2", "pass"},
	    {"v=spf1 ip4:192.0.2.7 ~all", "libspf2", "softfail"},
	    {"v=spf1 include:absent.example -all", "libspf2", "permerror"},
	    {"v=spf1 include:slow.example -all", "libspf2", "temperror"},
	    {"v=spf1 redirect=example.net", "libspf2", "fail"},
	    {"v=spf1 ip4:192.0.2.7/0 -all", "assay", "pass"},
	    {"v=spf1 a:%{d} -all", "assay", "fail"},
	    {"v=spf1 -all exp=why.example", "assay", "fail"},
	    {"v=spf1 redirect=example.net ip4:192.0.2.1", "assay", "pass"},
	    {"v=spf1 include:macro.example -all", "assay", "fail"},
	    {"v=spf1 moo -all", "assay", "permerror"},
	};
	struct run_spf trial;

	(void)state;
	run_spf_begin(&trial, "");
	trial.settings.engine = SPF_ENGINE_LIBSPF2;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		trial.dns->zone =
		    arena_format(trial.dns_arena,
		                 "example.org TXT %s\n"
		                 "example.net TXT v=spf1 -all\n"
		                 "slow.example TXT !fail\n"
		                 "macro.example TXT v=spf1 exists:%%{i}.example ?all\n",
		                 rows[i].record);
		run_spf(&trial, "192.0.2.1", "mx.example.net", "a@example.org");
		assert_string_equal(result_names[trial.findings.spf.result], rows[i].result);
		assert_string_equal(trial.findings.spf.engine, rows[i].engine);
	}
	run_spf(&trial, "127.0.0.1", "mx.example.net", "a@example.net");
	assert_string_equal(trial.findings.spf.engine, "assay");
	assert_int_equal(trial.findings.spf.result, RESULT_FAIL);
	run_spf_end(&trial);
}

/* libspf2 takes equal MX preferences as the DNS orders them. */
static void a_second_opinion_is_reported_where_it_differs(void **state)
{
	static const char zone[] = "example.org TXT v=spf1 mx -all\n"
	                           "example.org MX 0 b.example\nexample.org MX 0 a.example\n"
	                           "a.example A 192.0.2.1\nb.example A !fail\n"
	                           "example.net TXT v=spf1 ip4:192.0.2.1 -all\n";
	struct run_spf trial;

	(void)state;
	run_spf_begin(&trial, zone);
	run_spf(&trial, "192.0.2.1", "mx.example.net", "a@example.org");
	assert_null(trial.findings.spf.second_opinion);
	trial.settings.second_opinion = true;
	run_spf(&trial, "192.0.2.1", "mx.example.net", "a@example.org");
	assert_int_equal(trial.findings.spf.result, RESULT_PASS);
	assert_string_equal(trial.findings.spf.second_opinion, "libspf2: temperror");
	trial.settings.engine = SPF_ENGINE_LIBSPF2;
	run_spf(&trial, "192.0.2.1", "mx.example.net", "a@example.org");
	assert_string_equal(trial.findings.spf.second_opinion, "assay: pass");
	run_spf(&trial, "192.0.2.1", "mx.example.net", "a@example.net");
	assert_string_equal(trial.findings.spf.engine, "libspf2");
	assert_null(trial.findings.spf.second_opinion);
	run_spf_end(&trial);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(engines_speak_for_what_they_judge),
	    cmocka_unit_test(a_second_opinion_is_reported_where_it_differs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
