/*
 * dmarc_test.c - the DMARC policy: identities, unusable author domains, the Public Suffix List, and
 * what its finding contains.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/text.h"
#include "policy.h"
#include "run_dmarc.h"

/* 5.3.3: the MAIL FROM identity; with the null reverse-path that is postmaster at HELO, and nothing
 * else of HELO counts */
static void only_mail_from_counts(void **state)
{
	static const char zone[] = "_dmarc.example.com " ZONE_REJECT;
	static const struct run_dmarc_row pass = {
	    zone, "a@example.com", "pass mx.example.com", NULL, "pass p=reject at example.com spf",
	    NULL};
	static const struct run_dmarc_row fails = {zone,
	                                           "a@example.com",
	                                           "pass mx.example.com",
	                                           NULL,
	                                           "fail p=reject at example.com",
	                                           "SPF had no identity"};
	struct run_dmarc_site site = run_dmarc_standard;

	(void)state;
	site.mail_from = "";
	run_dmarc_rows(&pass, 1, &site);
	site.scope = SPF_SCOPE_HELO;
	run_dmarc_rows(&pass, 1, &site);
	site.mail_from = "bounce@esp.example";
	run_dmarc_rows(&fails, 1, &site);
}

static void helo_finding_never_counts(void **state)
{
	struct arena *arena = arena_new();
	struct fake_dns *dns = fake_dns_new(arena, "_dmarc.example.com " ZONE_REJECT);
	struct message message = {.mail_from = "b@esp.example"};
	struct findings findings = {
	    .spf_helo = {.result = RESULT_PASS, .domain = "example.com"},
	    .spf = {.result = RESULT_FAIL, .scope = SPF_SCOPE_MAILFROM, .domain = "esp.example"}};
	struct header from = {"From", "a@example.com"};
	struct problem problem;
	void *opened, *work;

	(void)state;
	assert_true(policy_dmarc.open(&run_dmarc_standard.settings, &opened, &problem));
	work = policy_dmarc.begin(opened, &message, &dns->services, arena);
	policy_dmarc.header(work, &from);
	policy_dmarc.judge(work, &findings);
	assert_int_equal(findings.dmarc.result, RESULT_FAIL);
	assert_false(findings.dmarc.spf_aligned);
	policy_dmarc.close(opened);
	arena_free(arena);
}

static void unusable_authors_are_permanent_errors(void **state)
{
	static const char zone[] =
	    "_dmarc.example.com " ZONE_REJECT "_dmarc.example.net TXT v=DMARC1; p=quarantine\n"
	    "_dmarc.slow.example " ZONE_FAIL "_dmarc.lax.example " ZONE_NONE;
	static const struct run_dmarc_row rows[] = {
	    {zone, NULL, "pass example.com", "pass example.com", "permerror", "no From field"},
	    {zone, "", NULL, NULL, "permerror", "holds no address"},
	    {zone, "a@example.com, b@example.net", NULL, "pass example.com", "permerror",
	     "more than one domain"},
	    {zone, "A <a@example.com", NULL, "pass example.com", "permerror",
	     "malformed: an opening angle bracket"},
	    {zone, "a@[192.0.2.1]", NULL, NULL, "permerror", "address literal"},
	    {zone, "x@evil.example <a@example.com>", NULL, "pass evil.example", "permerror",
	     "unquoted"},
	};
	static const struct run_dmarc_row strictest[] = {
	    {zone, NULL, NULL, NULL, "permerror", "no From field"},
	    {zone, "A <", NULL, NULL, "permerror", "malformed"},
	    {zone, "a@example.com, b@example.net", NULL, NULL, "fail p=reject at example.com",
	     "more than one domain"},
	    {zone, "b@example.net, a@example.com", NULL, NULL, "fail p=reject at example.com",
	     "asks for reject"},
	    {zone, "b@example.net, a@example.com", NULL, "pass example.com",
	     "fail p=quarantine at example.net", NULL},
	    {zone, "b@example.net, a@example.com", NULL, "pass example.com, pass example.net",
	     "none", "none of them fails"},
	    {zone, "b@none.example, a@example.com", NULL, "pass example.com", "none", NULL},
	    {zone, "b@none.example, a@example.com", NULL, NULL, "fail p=reject at example.com",
	     NULL},
	    {zone, "b@slow.example, a@example.com", NULL, "pass example.com", "temperror",
	     "_dmarc.slow.example"},
	    {zone, "a@example.com, b@slow.example", NULL, NULL, "fail p=reject at example.com",
	     NULL},
	    {zone, "A <a@example.com", NULL, NULL, "fail p=reject at example.com", "malformed"},
	    {zone, "A <a@example.com", NULL, "pass example.com", "permerror", "malformed"},
	    {zone, "1@a.example, 2@b.example, 3@c.example, 4@d.example, 5@e.example, 6@example.com",
	     NULL, NULL, "permerror", "more than one domain"},
	    {zone, "1@a.example, 2@b.example, 3@c.example, 4@d.example, 5@example.com", NULL, NULL,
	     "fail p=reject at example.com", NULL},
	    /* a domain of the sender's own that fails makes nothing better of what cannot be judged
	     */
	    {zone, "a@lax.example, b@example.net", NULL, "pass example.net",
	     "fail p=none at lax.example", NULL},
	    {zone, "a@lax.example, b@slow.example", NULL, NULL, "temperror", "_dmarc.slow.example"},
	    {zone, "A <a@lax.example", NULL, NULL, "permerror", "malformed"},
	    {zone, "A <a@slow.example", NULL, NULL, "permerror", "malformed"},
	    {zone,
	     "1@lax.example, 2@b.example, 3@c.example, 4@d.example, 5@e.example, 6@example.com",
	     NULL, NULL, "permerror", "more than one domain"},
	    {zone,
	     "1@slow.example, 2@b.example, 3@c.example, 4@d.example, 5@e.example, 6@example.com",
	     NULL, NULL, "permerror", "more than one domain"},
	    {zone, "a@example.com", NULL, "pass example.com", "pass p=reject at example.com dkim",
	     NULL},
	};
	struct run_dmarc_site site = run_dmarc_standard;

	(void)state;
	RUN_DMARC_ROWS(rows, &site);
	site.settings.unusable_author = 3;
	RUN_DMARC_ROWS(strictest, &site);
}

/* White space before the colon is obsolete, not harmless: such a field is a From field too. */
static void field_names_may_end_in_white_space(void **state)
{
	static const struct {
		const char *first, *second;
		enum author_state author;
	} rows[] = {
	    {"From ", NULL, AUTHOR_ONE},           {"FROM\t ", NULL, AUTHOR_ONE},
	    {"From", "From ", AUTHOR_REPEATED},    {"From", "X-From", AUTHOR_ONE},
	    {"From", "Fro", AUTHOR_ONE},           {"From", "From x", AUTHOR_ONE},
	    {"From", "From-X", AUTHOR_ONE},        {"From", "", AUTHOR_ONE},
	    {"Fro", "Fromm", AUTHOR_MISSING},      {"from", "fROM", AUTHOR_REPEATED},
	    {"Resent-From", NULL, AUTHOR_MISSING},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct arena *arena = arena_new();
		struct fake_dns *dns = fake_dns_new(arena, "");
		struct message message = {.mail_from = ""};
		struct findings findings = {.judged = true};
		struct header first = {rows[i].first, " a@example.com"},
		              second = {rows[i].second, " a@example.com"};
		struct problem problem;
		void *opened, *work;

		assert_true(policy_dmarc.open(&run_dmarc_standard.settings, &opened, &problem));
		work = policy_dmarc.begin(opened, &message, &dns->services, arena);
		policy_dmarc.header(work, &first);
		if (second.name != NULL)
			policy_dmarc.header(work, &second);
		policy_dmarc.judge(work, &findings);
		assert_int_equal(findings.dmarc.author.state, rows[i].author);
		policy_dmarc.close(opened);
		arena_free(arena);
	}
}

static void cut_headers_are_permanent_errors(void **state)
{
	static const char zone[] = "_dmarc.example.com " ZONE_REJECT;
	static const struct run_dmarc_row rows[] = {
	    {zone, "a@example.com", "pass example.com", "pass example.com", "permerror",
	     "too long"},
	    {zone, NULL, NULL, NULL, "permerror", "too long"},
	};
	static const struct run_dmarc_row strictest = {
	    zone, "a@example.com", NULL, NULL, "fail p=reject at example.com", "too long"};
	struct run_dmarc_site site = run_dmarc_standard;

	(void)state;
	site.header_cut = true;
	RUN_DMARC_ROWS(rows, &site);
	site.settings.unusable_author = 3;
	run_dmarc_rows(&strictest, 1, &site);
}

/* Where the list and the walk disagree (RFC 7489 3.2 against RFC 9989 4.10.2) */
static void suffix_list_is_the_other_way(void **state)
{
	static const char low[] = "_dmarc.a.example.com " ZONE_REJECT;
	static const char own[] = "_dmarc.example.com " ZONE_REJECT
	                          "_dmarc.sub.example.com TXT v=DMARC1; p=none; psd=n\n";
	static const char com[] = "_dmarc.com " ZONE_REJECT;
	static const char uk[] = "_dmarc.shop.co.uk " ZONE_REJECT "_dmarc.uk " ZONE_PSD_Y;
	static const char private[] = "_dmarc.github.io " ZONE_REJECT;
	static const struct run_dmarc_row by_walk[] = {
	    {low, "a@a.example.com", NULL, "pass example.com", "fail p=reject at a.example.com",
	     NULL},
	    {own, "a@example.com", NULL, "pass sub.example.com", "fail p=reject at example.com",
	     NULL},
	    {com, "a@example.com", NULL, "pass other.com", "pass p=reject at com dkim", NULL},
	    {uk, "a@shop.co.uk", NULL, "pass other.co.uk", "pass p=reject at shop.co.uk dkim",
	     NULL},
	    {private, "a@one.github.io", NULL, "pass two.github.io",
	     "pass p=reject at github.io dkim", NULL},
	};
	static const struct run_dmarc_row by_list[] = {
	    {low, "a@a.example.com", NULL, "pass example.com",
	     "pass p=reject at a.example.com dkim", NULL},
	    {own, "a@example.com", NULL, "pass sub.example.com",
	     "pass p=reject at example.com dkim", NULL},
	    {own, "a@x.sub.example.com", NULL, NULL, "fail p=reject at example.com", NULL},
	    {com, "a@example.com", NULL, "pass other.com", "none", NULL},
	    {uk, "a@www.shop.co.uk", NULL, "pass mail.shop.co.uk",
	     "pass p=reject at shop.co.uk dkim", NULL},
	    {uk, "a@shop.co.uk", NULL, "pass other.co.uk", "fail p=reject at shop.co.uk", NULL},
	    {uk, "a@shop.co.uk", NULL, "pass co.uk", "fail p=reject at shop.co.uk", NULL},
	    {private, "a@one.github.io", NULL, "pass two.github.io", "none", NULL},
	    {private, "a@github.io", NULL, "pass two.github.io", "fail p=reject at github.io",
	     NULL},
	    {private, "a@github.io", NULL, "pass github.io", "pass p=reject at github.io dkim",
	     NULL},
	    {"_dmarc.example.com " ZONE_FAIL, "a@b.example.com", NULL, "pass example.com",
	     "temperror", NULL},
	    {"_dmarc.example.com " ZONE_REJECT "_dmarc.com " ZONE_FAIL, "a@b.example.com", NULL,
	     "pass example.com", "pass p=reject at example.com dkim", NULL},
	};
	struct run_dmarc_site site = run_dmarc_standard;

	(void)state;
	RUN_DMARC_ROWS(by_walk, &site);
	site.settings.discovery = DISCOVERY_PSL;
	RUN_DMARC_ROWS(by_list, &site);
}

static void finding_tells_its_steps_and_alignments(void **state)
{
	static const struct run_dmarc_row row = {"_dmarc.example.com " ZONE_REJECT,
	                                         "a@sub.example.com",
	                                         "pass esp.example",
	                                         "pass b.example.com, fail c.example.com",
	                                         NULL,
	                                         NULL};
	struct arena *arena = arena_new();
	struct fake_dns *dns;
	struct dmarc_finding dmarc = run_dmarc(&row, &run_dmarc_standard, false, arena, &dns);

	(void)state;
	assert_string_equal(dmarc.author.domain, "sub.example.com");
	assert_string_equal(dmarc.organizational_domain, "example.com");
	assert_string_equal(dmarc.discovery, "treewalk");
	assert_int_equal(dmarc.step_count, 4);
	assert_string_equal(dmarc.steps[0].name, "_dmarc.sub.example.com");
	assert_string_equal(dmarc.steps[1].outcome, "record");
	assert_string_equal(dmarc.steps[3].name, "_dmarc.b.example.com");
	assert_int_equal(dmarc.alignment_count, 3);
	assert_string_equal(dmarc.alignments[0].method, "spf");
	assert_true(dmarc.alignments[0].passed && !dmarc.alignments[0].aligned);
	assert_string_equal(dmarc.alignments[0].why, "nothing in common with the author domain");
	assert_string_equal(dmarc.alignments[1].why, "same organizational domain example.com");
	assert_true(dmarc.alignments[1].aligned);
	assert_false(dmarc.alignments[2].passed);
	assert_string_equal(dmarc.alignments[2].why, "not compared: fail");
	arena_free(arena);
}

/* Every result that has a record reports the organizational domain, and no error does. */
static void organizational_domain_is_reported(void **state)
{
	static const struct {
		struct run_dmarc_row row;
		const char *organization;
		int discovery;
	} rows[] = {
	    {{"_dmarc.example.com " ZONE_REJECT, "a@example.com", "pass example.com", NULL, NULL,
	      NULL},
	     "example.com",
	     DISCOVERY_TREEWALK},
	    {{"_dmarc.a.b.example.com " ZONE_REJECT "_dmarc.example.com " ZONE_NONE,
	      "a@a.b.example.com", NULL, NULL, NULL, NULL},
	     "example.com",
	     DISCOVERY_TREEWALK},
	    {{"_dmarc.github.io " ZONE_REJECT, "a@github.io", NULL, NULL, NULL, NULL},
	     "github.io",
	     DISCOVERY_PSL},
	    {{"_dmarc.github.io " ZONE_REJECT, "a@x.github.io", NULL, NULL, NULL, NULL},
	     NULL,
	     DISCOVERY_PSL},
	    {{"_dmarc.a.b.example.com " ZONE_REJECT, "a@a.b.example.com", NULL, NULL, NULL, NULL},
	     "example.com",
	     DISCOVERY_PSL},
	    {{"_dmarc.example.com " ZONE_REJECT "_dmarc.com " ZONE_FAIL, "a@example.com",
	      "pass example.com", NULL, NULL, NULL},
	     NULL,
	     DISCOVERY_TREEWALK},
	    {{"", "a@example.com", NULL, NULL, NULL, NULL}, NULL, DISCOVERY_TREEWALK},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct arena *arena = arena_new();
		struct fake_dns *dns;
		struct run_dmarc_site site = run_dmarc_standard;
		struct dmarc_finding dmarc;

		site.settings.discovery = rows[i].discovery;
		dmarc = run_dmarc(&rows[i].row, &site, false, arena, &dns);
		if (!text_same(dmarc.organizational_domain, rows[i].organization))
			fail_msg("row %zu: %s", i, dmarc.organizational_domain);
		arena_free(arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(only_mail_from_counts),
	    cmocka_unit_test(helo_finding_never_counts),
	    cmocka_unit_test(unusable_authors_are_permanent_errors),
	    cmocka_unit_test(field_names_may_end_in_white_space),
	    cmocka_unit_test(cut_headers_are_permanent_errors),
	    cmocka_unit_test(suffix_list_is_the_other_way),
	    cmocka_unit_test(finding_tells_its_steps_and_alignments),
	    cmocka_unit_test(organizational_domain_is_reported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
