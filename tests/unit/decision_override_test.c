/*
 * decision_override_test.c - what is said of a verdict: why it differs from the policy, which rule
 * spared the message, which considerations were looked at.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "decision/decision.h"
#include "decision_scene.h"

/* What is done and what is published differ: the report says why (RFC 9990 3.1.1.8), and names the
 * site only where it is the site that made the difference. */
static void differences_are_reported(void **state)
{
	static const struct {
		enum request published, effective;
		bool test_mode;
		enum enforce enforce;
		enum rule_dmarc rule;
		enum action action;
		enum override override;
	} rows[] = {
	    {REQUEST_QUARANTINE, REQUEST_NONE, true, ENFORCE_PUBLISHED, RULE_FOLLOW, ACTION_ACCEPT,
	     OVERRIDE_POLICY_TEST_MODE},
	    {REQUEST_REJECT, REQUEST_QUARANTINE, true, ENFORCE_PUBLISHED, RULE_FOLLOW,
	     ACTION_QUARANTINE, OVERRIDE_POLICY_TEST_MODE},
	    {REQUEST_QUARANTINE, REQUEST_NONE, true, ENFORCE_MONITOR, RULE_FOLLOW, ACTION_ACCEPT,
	     OVERRIDE_POLICY_TEST_MODE},
	    {REQUEST_REJECT, REQUEST_QUARANTINE, true, ENFORCE_MONITOR, RULE_FOLLOW, ACTION_ACCEPT,
	     OVERRIDE_LOCAL_POLICY},
	    {REQUEST_QUARANTINE, REQUEST_NONE, true, ENFORCE_PUBLISHED, RULE_IGNORE, ACTION_ACCEPT,
	     OVERRIDE_POLICY_TEST_MODE},
	    {REQUEST_REJECT, REQUEST_QUARANTINE, true, ENFORCE_PUBLISHED, RULE_QUARANTINE,
	     ACTION_QUARANTINE, OVERRIDE_POLICY_TEST_MODE},
	    {REQUEST_REJECT, REQUEST_QUARANTINE, true, ENFORCE_PUBLISHED, RULE_REJECT,
	     ACTION_REJECT, OVERRIDE_LOCAL_POLICY},
	    {REQUEST_REJECT, REQUEST_NONE, false, ENFORCE_PUBLISHED, RULE_FOLLOW, ACTION_ACCEPT,
	     OVERRIDE_OTHER},
	    {REQUEST_REJECT, REQUEST_REJECT, false, ENFORCE_PUBLISHED, RULE_QUARANTINE,
	     ACTION_QUARANTINE, OVERRIDE_LOCAL_POLICY},
	    {REQUEST_REJECT, REQUEST_REJECT, false, ENFORCE_QUARANTINE, RULE_REJECT, ACTION_REJECT,
	     OVERRIDE_NONE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct decision_scene scene = decision_scene_make();
		struct verdict verdict;

		scene.dmarc.enforce = rows[i].enforce;
		scene.rule = (struct rule_match){rows[i].rule, OVERRIDE_LOCAL_POLICY, "rule 1",
		                                 "because", false};
		scene.findings.dmarc.result = RESULT_FAIL;
		scene.findings.dmarc.published = rows[i].published;
		scene.findings.dmarc.effective = rows[i].effective;
		scene.findings.dmarc.test_mode = rows[i].test_mode;
		verdict = decision_scene_decide(&scene);
		assert_int_equal(verdict.action, rows[i].action);
		assert_int_equal(verdict.override, rows[i].override);
		arena_free(scene.arena);
	}
}

/* Whatever it kept from happening, a rule that did is named; one that changed nothing is not. */
static void rules_that_spare_are_named(void **state)
{
	static const struct {
		enum result dmarc, spf;
		enum author_state author;
		int spf_fail, dmarc_temperror;
		bool named;
	} rows[] = {
	    {RESULT_PERMERROR, RESULT_NONE, AUTHOR_SEVERAL, 0, 0, true},
	    {RESULT_TEMPERROR, RESULT_NONE, AUTHOR_ONE, 0, 1, true},
	    {RESULT_TEMPERROR, RESULT_NONE, AUTHOR_ONE, 0, 0, false},
	    {RESULT_PASS, RESULT_FAIL, AUTHOR_ONE, 1, 0, true},
	    {RESULT_PASS, RESULT_FAIL, AUTHOR_ONE, 0, 0, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct decision_scene scene = decision_scene_make();
		struct verdict verdict;

		scene.findings.dmarc.result = rows[i].dmarc;
		scene.findings.dmarc.author.state = rows[i].author;
		scene.findings.dmarc.author.reason = "it is odd";
		scene.findings.spf =
		    (struct spf_finding){.result = rows[i].spf, .domain = "bounce.example"};
		scene.spf.fail = rows[i].spf_fail;
		scene.dmarc.temperror = rows[i].dmarc_temperror;
		scene.rule = (struct rule_match){RULE_IGNORE, OVERRIDE_LOCAL_POLICY, "rule 1",
		                                 "because", false};
		verdict = decision_scene_decide(&scene);
		assert_int_equal(verdict.action, ACTION_ACCEPT);
		assert_int_equal(verdict.rule != NULL, rows[i].named);
		arena_free(scene.arena);
	}
}

/* With its codes a line of 512 octets (RFC 5321 4.5.3.1.5), and the page to read on at its end. */
/* The last consideration that was looked at is the one that decided, in monitor mode as well. */
static void considerations_are_named(void **state)
{
	static const struct {
		enum result dmarc;
		enum enforce enforce;
		bool judged;
		const char *last;
	} rows[] = {
	    {RESULT_NONE, ENFORCE_PUBLISHED, false, "outbound mail"},
	    {RESULT_PASS, ENFORCE_PUBLISHED, true, "DMARC pass"},
	    {RESULT_FAIL, ENFORCE_PUBLISHED, true, "DMARC fail"},
	    {RESULT_FAIL, ENFORCE_MONITOR, true, "DMARC fail"},
	    {RESULT_NONE, ENFORCE_PUBLISHED, true, "nothing else"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct decision_scene scene = decision_scene_make();
		struct verdict verdict;

		scene.dmarc.enforce = rows[i].enforce;
		scene.findings.judged = rows[i].judged;
		scene.findings.dmarc.result = rows[i].dmarc;
		verdict = decision_scene_decide(&scene);
		assert_in_range(verdict.considered, 1, 100);
		assert_string_equal(decision_consideration(verdict.considered - 1), rows[i].last);
		assert_string_equal(decision_consideration(0), "too many forged fields");
		arena_free(scene.arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(differences_are_reported),
	    cmocka_unit_test(rules_that_spare_are_named),
	    cmocka_unit_test(considerations_are_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
