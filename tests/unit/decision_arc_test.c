/*
 * decision_arc_test.c - what a trusted chain changes, and what it never changes; the comment of the
 * aggregate report.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <stdio.h>

#include "base/text.h"
#include "decision/decision.h"
#include "decision_scene.h"

/* With these the chain is no sign of indirect mail either: it is seen what trust alone does. */
#define RESULTS "mx; dmarc=fail header.from=example.org"

static const struct arc_set two_sets[] = {
    {.instance = 1, .domain = "one.example", .selector = "s1", .results = RESULTS},
    {.instance = 2, .domain = "two.example", .selector = "s2", .results = RESULTS},
};

/* A message that fails under p=reject, and a chain that restores it. */
static struct decision_scene restored_scene(void)
{
	struct decision_scene scene = decision_scene_make();

	scene.findings.dmarc.result = RESULT_FAIL;
	scene.findings.dmarc.published = scene.findings.dmarc.effective = REQUEST_REJECT;
	scene.findings.arc = (struct arc_finding){.result = RESULT_PASS,
	                                          .count = 2,
	                                          .sets = two_sets,
	                                          .trusted_by = "two.example",
	                                          .restored = "dmarc",
	                                          .restored_set = 1,
	                                          .remote_address = "2001:db8::1"};
	return scene;
}

static void a_trusted_chain_is_accepted(void **state)
{
	struct decision_scene scene = restored_scene();
	struct verdict verdict = decision_scene_decide(&scene);

	(void)state;
	assert_int_equal(verdict.action, ACTION_ACCEPT);
	assert_int_equal(verdict.kind, VERDICT_TRUSTED_ARC);
	assert_string_equal(verdict.reason, "dmarc=fail arc=pass trusted=two.example");
	assert_string_equal(verdict.disposition, "none");
	assert_int_equal(verdict.override, OVERRIDE_LOCAL_POLICY);
	assert_string_equal(verdict.override_comment,
	                    "arc=pass as[2].d=two.example as[2].s=s2 as[1].d=one.example "
	                    "as[1].s=s1 remote-ip[1]=2001:db8::1");
	arena_free(scene.arena);
}

static void change_nothing(struct decision_scene *scene)
{
	(void)scene;
}

static void pass_dmarc(struct decision_scene *scene)
{
	scene->findings.dmarc.result = RESULT_PASS;
}

static void ask_for_nothing(struct decision_scene *scene)
{
	scene->findings.dmarc.effective = REQUEST_NONE;
}

static void make_author_unusable(struct decision_scene *scene)
{
	scene->findings.dmarc.author.state = AUTHOR_SEVERAL;
	scene->findings.dmarc.author.domain = NULL;
	scene->findings.dmarc.author.reason = "several";
	scene->dmarc.enforce = ENFORCE_STRICT; /* no sign of indirect mail counts */
}

static void cut_header(struct decision_scene *scene)
{
	scene->message.header_cut = true;
}

static void reject_by_spf(struct decision_scene *scene)
{
	scene->spf.fail = 1;
	scene->findings.spf =
	    (struct spf_finding){.result = RESULT_FAIL, .domain = "bounce.example"};
}

static void rule_rejects(struct decision_scene *scene)
{
	scene->rule =
	    (struct rule_match){RULE_REJECT, OVERRIDE_LOCAL_POLICY, "rule 1", "because", false};
}

static void rule_quarantines(struct decision_scene *scene)
{
	rule_rejects(scene);
	scene->rule.dmarc = RULE_QUARANTINE;
}

static void rule_rejects_in_doubt(struct decision_scene *scene)
{
	rule_rejects(scene);
	scene->findings.dmarc.alignment_unknown = true;
}

static void rule_ignores(struct decision_scene *scene)
{
	rule_rejects(scene);
	scene->rule.dmarc = RULE_IGNORE;
}

static void break_chain(struct decision_scene *scene)
{
	scene->findings.arc.result = RESULT_FAIL;
}

static void restore_nothing(struct decision_scene *scene)
{
	scene->findings.arc.restored = NULL;
}

static void monitor(struct decision_scene *scene)
{
	scene->dmarc.enforce = ENFORCE_MONITOR;
}

static void be_strict(struct decision_scene *scene)
{
	scene->dmarc.enforce = ENFORCE_STRICT;
}

static void each_rule_is_kept(void **state)
{
	static const struct {
		void (*change)(struct decision_scene *scene);
		enum action action;
		enum verdict_kind kind;
	} rows[] = {
	    {change_nothing, ACTION_ACCEPT, VERDICT_TRUSTED_ARC},
	    {be_strict, ACTION_ACCEPT, VERDICT_TRUSTED_ARC},
	    {monitor, ACTION_ACCEPT, VERDICT_TRUSTED_ARC},
	    {pass_dmarc, ACTION_ACCEPT, VERDICT_DMARC_PASS},
	    {ask_for_nothing, ACTION_ACCEPT, VERDICT_DMARC_FAIL},
	    {rule_ignores, ACTION_ACCEPT, VERDICT_DMARC_FAIL},
	    {make_author_unusable, ACTION_REJECT, VERDICT_DMARC_FAIL},
	    {cut_header, ACTION_REJECT, VERDICT_HEADER_TOO_LONG},
	    {reject_by_spf, ACTION_REJECT, VERDICT_SPF_FAIL},
	    {rule_rejects, ACTION_REJECT, VERDICT_RULE},
	    {rule_quarantines, ACTION_QUARANTINE, VERDICT_RULE},
	    {rule_rejects_in_doubt, ACTION_REJECT, VERDICT_DMARC_FAIL},
	    {break_chain, ACTION_REJECT, VERDICT_DMARC_FAIL},
	    {restore_nothing, ACTION_REJECT, VERDICT_DMARC_FAIL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct decision_scene scene = restored_scene();
		struct verdict verdict;

		rows[i].change(&scene);
		verdict = decision_scene_decide(&scene);
		if (verdict.action != rows[i].action || verdict.kind != rows[i].kind)
			fail_msg("row %zu: %s, %s", i, action_names[verdict.action],
			         verdict_kind_names[verdict.kind]);
		arena_free(scene.arena);
	}
}

/* The report of monitor mode says what was done; the verdict, what would have been. */
static void monitor_mode_reports_itself(void **state)
{
	struct decision_scene scene = restored_scene();
	struct verdict verdict;

	(void)state;
	scene.dmarc.enforce = ENFORCE_MONITOR;
	verdict = decision_scene_decide(&scene);
	assert_int_equal(verdict.would, ACTION_ACCEPT);
	assert_string_equal(verdict.override_comment, "monitor mode");
	arena_free(scene.arena);
}

/* A long chain keeps its newest and its oldest set. */
static void comments_have_a_bound(void **state)
{
	static struct arc_set sets[50];
	static char domains[50][64];
	struct decision_scene scene = restored_scene();
	const char *comment;

	(void)state;
	for (unsigned i = 0; i < 50; i++) {
		snprintf(domains[i], sizeof domains[i], "host%u.of-a-long-name.sealer.example", i);
		sets[i] = (struct arc_set){.results = RESULTS,
		                           .instance = i + 1,
		                           .domain = domains[i],
		                           .selector = "selector"};
	}
	scene.findings.arc.sets = sets;
	scene.findings.arc.count = 50;
	comment = decision_scene_decide(&scene).override_comment;
	assert_in_range(strlen(comment), 800, 1000);
	assert_non_null(strstr(comment, "arc=pass as[50].d=host49."));
	assert_non_null(strstr(comment, " as[49].s=selector "));
	assert_null(strstr(comment, " as[2].d="));
	assert_non_null(strstr(comment, " as[1].s=selector remote-ip[1]=2001:db8::1"));
	assert_null(strpbrk(comment, "\r\n\t"));
	arena_free(scene.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_trusted_chain_is_accepted),
	    cmocka_unit_test(each_rule_is_kept),
	    cmocka_unit_test(monitor_mode_reports_itself),
	    cmocka_unit_test(comments_have_a_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
