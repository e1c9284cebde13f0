/*
 * decision_test.c - findings and rules to verdict, cell by cell.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "decision/decision.h"
#include "decision_scene.h"
#include "dmarc/policy_record.h"

static void failures_follow_mode_and_request(void **state)
{
	static const struct {
		enum enforce enforce;
		enum request request;
		const char *field; /* a header field of the message */
		enum action action;
		const char *disposition;
		enum override override;
	} rows[] = {
	    {ENFORCE_MONITOR, REQUEST_NONE, NULL, ACTION_ACCEPT, "none", OVERRIDE_NONE},
	    {ENFORCE_MONITOR, REQUEST_QUARANTINE, NULL, ACTION_ACCEPT, "none",
	     OVERRIDE_LOCAL_POLICY},
	    {ENFORCE_MONITOR, REQUEST_REJECT, NULL, ACTION_ACCEPT, "none", OVERRIDE_LOCAL_POLICY},
	    {ENFORCE_MONITOR, REQUEST_REJECT, "List-Id", ACTION_ACCEPT, "none",
	     OVERRIDE_LOCAL_POLICY},
	    {ENFORCE_QUARANTINE, REQUEST_NONE, NULL, ACTION_ACCEPT, "none", OVERRIDE_NONE},
	    {ENFORCE_QUARANTINE, REQUEST_QUARANTINE, NULL, ACTION_QUARANTINE, "quarantine",
	     OVERRIDE_NONE},
	    {ENFORCE_QUARANTINE, REQUEST_REJECT, NULL, ACTION_QUARANTINE, "quarantine",
	     OVERRIDE_LOCAL_POLICY},
	    {ENFORCE_PUBLISHED, REQUEST_NONE, NULL, ACTION_ACCEPT, "none", OVERRIDE_NONE},
	    {ENFORCE_PUBLISHED, REQUEST_QUARANTINE, NULL, ACTION_QUARANTINE, "quarantine",
	     OVERRIDE_NONE},
	    {ENFORCE_PUBLISHED, REQUEST_QUARANTINE, "List-Id", ACTION_QUARANTINE, "quarantine",
	     OVERRIDE_NONE},
	    {ENFORCE_PUBLISHED, REQUEST_REJECT, NULL, ACTION_REJECT, "reject", OVERRIDE_NONE},
	    {ENFORCE_PUBLISHED, REQUEST_REJECT, "list-id", ACTION_QUARANTINE, "quarantine",
	     OVERRIDE_MAILING_LIST},
	    {ENFORCE_PUBLISHED, REQUEST_REJECT, "Resent-From", ACTION_QUARANTINE, "quarantine",
	     OVERRIDE_LOCAL_POLICY},
	    {ENFORCE_PUBLISHED, REQUEST_REJECT, "Sender", ACTION_QUARANTINE, "quarantine",
	     OVERRIDE_LOCAL_POLICY},
	    {ENFORCE_PUBLISHED, REQUEST_REJECT, "ARC-Seal", ACTION_REJECT, "reject", OVERRIDE_NONE},
	    {ENFORCE_PUBLISHED, REQUEST_REJECT, "List-Post", ACTION_REJECT, "reject",
	     OVERRIDE_NONE},
	    {ENFORCE_PUBLISHED, REQUEST_REJECT, "X-List-Id", ACTION_REJECT, "reject",
	     OVERRIDE_NONE},
	    {ENFORCE_STRICT, REQUEST_NONE, NULL, ACTION_ACCEPT, "none", OVERRIDE_NONE},
	    {ENFORCE_STRICT, REQUEST_QUARANTINE, NULL, ACTION_QUARANTINE, "quarantine",
	     OVERRIDE_NONE},
	    {ENFORCE_STRICT, REQUEST_REJECT, NULL, ACTION_REJECT, "reject", OVERRIDE_NONE},
	    {ENFORCE_STRICT, REQUEST_REJECT, "List-Id", ACTION_REJECT, "reject", OVERRIDE_NONE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct decision_scene scene = decision_scene_make();
		struct verdict verdict;

		scene.dmarc.enforce = rows[i].enforce;
		scene.findings.dmarc.result = RESULT_FAIL;
		scene.findings.dmarc.published = scene.findings.dmarc.effective = rows[i].request;
		scene.findings.spf =
		    (struct spf_finding){.result = RESULT_PASS, .domain = "bounce.example"};
		scene.headers[0] = (struct header){rows[i].field, " <x@list.bounce.example>"};
		scene.message.headers = scene.headers;
		scene.message.header_count = rows[i].field != NULL;
		verdict = decision_scene_decide(&scene);
		assert_int_equal(verdict.action, rows[i].action);
		assert_string_equal(verdict.disposition, rows[i].disposition);
		assert_int_equal(verdict.override, rows[i].override);
		assert_int_equal(verdict.reply != NULL, rows[i].action == ACTION_REJECT);
		arena_free(scene.arena);
	}
}

static void replies_fit_a_line(void **state)
{
	struct decision_scene scene = decision_scene_make();
	char explanation[401];
	struct verdict verdict;

	(void)state;
	memset(explanation, '\\', sizeof explanation - 1);
	explanation[sizeof explanation - 1] = '\0';
	scene.spf.fail = 1;
	scene.dmarc.reply_url = "https://example.net/why";
	scene.findings.spf = (struct spf_finding){
	    .result = RESULT_FAIL, .domain = "bounce.example", .explanation = explanation};
	verdict = decision_scene_decide(&scene);
	assert_true(strlen(verdict.reply) <= 480);
	assert_non_null(strstr(verdict.reply, "...; see https://example.net/why"));
	arena_free(scene.arena);
}

#define PUT_OFF          .action = ACTION_TEMPFAIL, .code = "451", .enhanced = "4.7.1"
#define REJECTED(status) .action = ACTION_REJECT, .code = "550", .enhanced = status

static const struct {
	enum result dmarc, spf, helo;
	enum request effective, at_stake;
	enum lookup_fault fault;
	bool has_record;
	enum author_state author;
	bool cut, aligned, unknown;
	int spf_fail, spf_temperror, dmarc_temperror, unusable;
	enum rule_dmarc rule;
	enum action action;
	const char *disposition; /* NULL: the action's own */
	const char *code, *enhanced;
} outcomes[] = {
    {.dmarc = RESULT_PASS, .effective = REQUEST_REJECT, .disposition = "pass"},
    {.dmarc = RESULT_PASS, .effective = REQUEST_NONE},
    {.dmarc = RESULT_NONE},
    {.dmarc = RESULT_PERMERROR},
    {.dmarc = RESULT_TEMPERROR},
    {.dmarc = RESULT_TEMPERROR, .dmarc_temperror = 1, PUT_OFF},
    {.dmarc = RESULT_TEMPERROR, .dmarc_temperror = 1, .rule = RULE_IGNORE},
    {.dmarc = RESULT_TEMPERROR, .dmarc_temperror = 2},
    {.dmarc = RESULT_TEMPERROR, .dmarc_temperror = 2, .has_record = true},
    {.dmarc = RESULT_TEMPERROR,
     .dmarc_temperror = 2,
     .has_record = true,
     .at_stake = REQUEST_QUARANTINE,
     PUT_OFF},
    {.dmarc = RESULT_TEMPERROR, .dmarc_temperror = 2, .at_stake = REQUEST_REJECT, PUT_OFF},
    {.dmarc = RESULT_TEMPERROR,
     .dmarc_temperror = 2,
     .at_stake = REQUEST_REJECT,
     .rule = RULE_IGNORE},
    {.dmarc = RESULT_TEMPERROR, .dmarc_temperror = 2, .fault = LOOKUP_FAULT_RESOLVER, PUT_OFF},
    {.dmarc = RESULT_TEMPERROR, .dmarc_temperror = 0, .fault = LOOKUP_FAULT_RESOLVER},
    {.dmarc = RESULT_TEMPERROR,
     .dmarc_temperror = 2,
     .fault = LOOKUP_FAULT_RESOLVER,
     .has_record = true},
    {.dmarc = RESULT_TEMPERROR,
     .dmarc_temperror = 0,
     .at_stake = REQUEST_REJECT,
     .has_record = true},
    {.dmarc = RESULT_TEMPERROR,
     .dmarc_temperror = 0,
     .at_stake = REQUEST_REJECT,
     .has_record = true,
     .fault = LOOKUP_FAULT_IN_FLIGHT,
     PUT_OFF},
    {.dmarc = RESULT_TEMPERROR,
     .dmarc_temperror = 0,
     .fault = LOOKUP_FAULT_CLIENT_LOOKUPS,
     PUT_OFF},
    {.dmarc = RESULT_TEMPERROR, .has_record = true, .fault = LOOKUP_FAULT_MESSAGE_TIME},
    {.dmarc = RESULT_NONE, .unknown = true, .fault = LOOKUP_FAULT_MESSAGE_TIME},
    {.dmarc = RESULT_NONE,
     .unknown = true,
     .fault = LOOKUP_FAULT_MESSAGE_TIME,
     .rule = RULE_QUARANTINE,
     PUT_OFF},
    {.dmarc = RESULT_NONE, .unknown = true, .dmarc_temperror = 2, .rule = RULE_REJECT, PUT_OFF},
    {.dmarc = RESULT_NONE, .spf = RESULT_FAIL},
    {.dmarc = RESULT_NONE, .spf = RESULT_FAIL, .spf_fail = 1, REJECTED("5.7.23")},
    {.dmarc = RESULT_NONE, .helo = RESULT_FAIL, .spf_fail = 1, REJECTED("5.7.23")},
    {.dmarc = RESULT_NONE, .spf = RESULT_SOFTFAIL, .spf_fail = 1},
    {.dmarc = RESULT_FAIL,
     .effective = REQUEST_REJECT,
     .spf = RESULT_FAIL,
     .spf_fail = 1,
     .rule = RULE_IGNORE},
    {.dmarc = RESULT_NONE, .spf = RESULT_TEMPERROR},
    {.dmarc = RESULT_TEMPERROR,
     .spf = RESULT_TEMPERROR,
     .spf_temperror = 1,
     .action = ACTION_TEMPFAIL,
     .code = "451",
     .enhanced = "4.7.24"},
    {.dmarc = RESULT_PASS, .spf = RESULT_TEMPERROR, .spf_temperror = 1},
    {.dmarc = RESULT_FAIL,
     .effective = REQUEST_REJECT,
     .spf = RESULT_TEMPERROR,
     .spf_temperror = 1,
     REJECTED("5.7.1")},
    {.dmarc = RESULT_PERMERROR, .author = AUTHOR_MISSING, .unusable = 2, REJECTED("5.6.0")},
    {.dmarc = RESULT_PERMERROR, .author = AUTHOR_BROKEN, .unusable = 2, REJECTED("5.6.0")},
    {.dmarc = RESULT_PERMERROR, .author = AUTHOR_REPEATED, .unusable = 2, REJECTED("5.7.1")},
    {.dmarc = RESULT_PERMERROR,
     .author = AUTHOR_SEVERAL,
     .unusable = 1,
     .action = ACTION_QUARANTINE},
    {.dmarc = RESULT_PERMERROR, .author = AUTHOR_SEVERAL, .unusable = 0},
    {.dmarc = RESULT_PERMERROR, .author = AUTHOR_SEVERAL, .unusable = 2, .rule = RULE_IGNORE},
    {.dmarc = RESULT_PERMERROR,
     .author = AUTHOR_BROKEN,
     .unusable = 0,
     .spf = RESULT_FAIL,
     .spf_fail = 1,
     REJECTED("5.7.23")},
    {.dmarc = RESULT_FAIL,
     .author = AUTHOR_SEVERAL,
     .unusable = 3,
     .effective = REQUEST_QUARANTINE,
     .action = ACTION_QUARANTINE},
    {.dmarc = RESULT_NONE, .author = AUTHOR_SEVERAL, .unusable = 3},
    {.dmarc = RESULT_PERMERROR,
     .cut = true,
     .unusable = 0,
     .action = ACTION_REJECT,
     .code = "552",
     .enhanced = "5.3.4"},
    {.dmarc = RESULT_FAIL, .effective = REQUEST_REJECT, .rule = RULE_IGNORE},
    {.dmarc = RESULT_FAIL, .effective = REQUEST_NONE, .rule = RULE_REJECT, REJECTED("5.7.1")},
    {.dmarc = RESULT_NONE, .rule = RULE_QUARANTINE, .action = ACTION_QUARANTINE},
    {.dmarc = RESULT_NONE, .aligned = true, .rule = RULE_QUARANTINE},
    {.dmarc = RESULT_PERMERROR, .aligned = true, .rule = RULE_REJECT},
    {.dmarc = RESULT_NONE, .unknown = true, .rule = RULE_REJECT},
    {.dmarc = RESULT_PASS, .rule = RULE_REJECT},
};

static const char *expected_disposition(size_t row)
{
	static const char *const own[] = {[ACTION_ACCEPT] = "none",
	                                  [ACTION_QUARANTINE] = "quarantine",
	                                  [ACTION_REJECT] = "reject",
	                                  [ACTION_TEMPFAIL] = "none"};

	return outcomes[row].disposition == NULL ? own[outcomes[row].action]
	                                         : outcomes[row].disposition;
}

static const struct policy_record record;

static struct verdict outcome_decide(size_t row, enum enforce enforce, struct decision_scene *scene)
{
	*scene = decision_scene_make();
	scene->findings.spf =
	    (struct spf_finding){.result = outcomes[row].spf, .domain = "bounce.example"};
	scene->findings.spf_helo =
	    (struct spf_finding){.result = outcomes[row].helo, .domain = "helo.example"};
	scene->findings.dmarc.result = outcomes[row].dmarc;
	scene->findings.dmarc.effective = outcomes[row].effective;
	scene->findings.dmarc.at_stake = outcomes[row].at_stake;
	scene->findings.dmarc.fault = outcomes[row].fault;
	scene->findings.dmarc.record = outcomes[row].has_record ? &record : NULL;
	scene->findings.dmarc.spf_aligned = outcomes[row].aligned;
	scene->findings.dmarc.alignment_unknown = outcomes[row].unknown;
	scene->findings.dmarc.author.state = outcomes[row].author;
	scene->findings.dmarc.author.reason = "it is odd";
	scene->message.header_cut = outcomes[row].cut;
	scene->spf = (struct spf_settings){.fail = outcomes[row].spf_fail,
	                                   .temperror = outcomes[row].spf_temperror};
	scene->dmarc.enforce = enforce;
	scene->dmarc.temperror = outcomes[row].dmarc_temperror;
	scene->dmarc.unusable_author = outcomes[row].unusable;
	scene->rule = (struct rule_match){outcomes[row].rule, OVERRIDE_LOCAL_POLICY, "rule 1",
	                                  "because", false};
	return decision_scene_decide(scene);
}

static void other_outcomes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof outcomes / sizeof outcomes[0]; i++) {
		struct decision_scene scene;
		struct verdict verdict = outcome_decide(i, ENFORCE_PUBLISHED, &scene);

		assert_int_equal(verdict.action, outcomes[i].action);
		assert_int_equal(verdict.would, outcomes[i].action);
		assert_string_equal(verdict.disposition, expected_disposition(i));
		if (outcomes[i].code == NULL) {
			assert_null(verdict.code);
			assert_null(verdict.reply);
		} else {
			assert_string_equal(verdict.code, outcomes[i].code);
			assert_string_equal(verdict.enhanced, outcomes[i].enhanced);
			assert_non_null(verdict.reply);
		}
		assert_non_null(verdict.reason);
		arena_free(scene.arena);
	}
}

/* Whatever authentication would have done is reported, and not done. A limit holds. */
static void monitor_mode_only_tells(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof outcomes / sizeof outcomes[0]; i++) {
		struct decision_scene scene, enforcing;
		struct verdict verdict = outcome_decide(i, ENFORCE_MONITOR, &scene);
		struct verdict done = outcome_decide(i, ENFORCE_PUBLISHED, &enforcing);

		assert_int_equal(verdict.action, outcomes[i].cut ? ACTION_REJECT : ACTION_ACCEPT);
		assert_int_equal(verdict.would, outcomes[i].action);
		assert_int_equal(verdict.reply != NULL, outcomes[i].cut);
		assert_string_equal(verdict.reason, done.reason);
		assert_int_equal(verdict.kind, done.kind);
		if (verdict.action == ACTION_ACCEPT)
			assert_true(strcmp(verdict.disposition, "none") == 0 ||
			            strcmp(verdict.disposition, "pass") == 0);
		arena_free(scene.arena);
		arena_free(enforcing.arena);
	}
}

static void outbound_is_left_alone(void **state)
{
	struct decision_scene scene = decision_scene_make();
	struct verdict verdict;

	(void)state;
	scene.findings = (struct findings){.judged = false};
	scene.message.header_cut = true;
	verdict = decision_scene_decide(&scene);
	assert_int_equal(verdict.action, ACTION_ACCEPT);
	assert_string_equal(verdict.reason, "ours");
	scene.message.auth_user = "anna";
	verdict = decision_scene_decide(&scene);
	assert_string_equal(verdict.reason, "authenticated");
	arena_free(scene.arena);
}

static void replies_are_clean(void **state)
{
	struct decision_scene scene = decision_scene_make();
	struct verdict verdict;

	(void)state;
	scene.dmarc.reply_url = "https://example.net/why";
	scene.findings.dmarc.result = RESULT_FAIL;
	scene.findings.dmarc.effective = REQUEST_REJECT;
	scene.findings.dmarc.reason = "evil\r\n250 f\xC3\xAFne\x1B[2J";
	verdict = decision_scene_decide(&scene);
	assert_null(strpbrk(verdict.reply, "\r\n\x1B\xC3"));
	assert_non_null(strstr(verdict.reply, "DMARC"));
	assert_non_null(strstr(verdict.reply, "example.org"));
	assert_non_null(strstr(verdict.reply, "; see https://example.net/why"));
	scene.quarantine =
	    (struct quarantine_settings){QUARANTINE_REDIRECT, "quarantine@example.net"};
	scene.findings.dmarc.effective = REQUEST_QUARANTINE;
	verdict = decision_scene_decide(&scene);
	assert_int_equal(verdict.how, QUARANTINE_REDIRECT);
	assert_string_equal(verdict.redirect, "quarantine@example.net");
	arena_free(scene.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(failures_follow_mode_and_request),
	    cmocka_unit_test(replies_fit_a_line),
	    cmocka_unit_test(other_outcomes),
	    cmocka_unit_test(monitor_mode_only_tells),
	    cmocka_unit_test(outbound_is_left_alone),
	    cmocka_unit_test(replies_are_clean),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
