/*
 * dmarc_result_test.c - what DMARC makes of findings and zones: alignment, policy, existence, test
 * mode, errors (RFC 9989).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/text.h"
#include "run_dmarc.h"

#define FAIL      "fail p=reject at example.com"
#define SPF_PASS  "pass p=reject at example.com spf"
#define DKIM_PASS "pass p=reject at example.com dkim"

/* 3.2.4, 4.4: who may speak for example.com */
static void alignment_decides(void **state)
{
	static const char zone[] = "_dmarc.example.com " ZONE_REJECT "example.com A 192.0.2.1\n";
	static const struct run_dmarc_row rows[] = {
	    {zone, "a@example.com", NULL, NULL, FAIL, "SPF had no identity"},
	    {zone, "a@example.com", NULL, NULL, FAIL, "there is no DKIM signature"},
	    {zone, "a@example.com", "pass example.com", NULL, SPF_PASS, NULL},
	    {zone, "a@example.com", "pass bounce.example.com", NULL, SPF_PASS, NULL},
	    {zone, "a@example.com", NULL, "pass example.com", DKIM_PASS, NULL},
	    {zone, "a@example.com", NULL, "pass a.b.example.com", DKIM_PASS, NULL},
	    {zone, "a@example.com", "pass example.com", "pass example.com",
	     "pass p=reject at example.com spf dkim", NULL},
	    {zone, "a@EXAMPLE.com.", "pass example.com", NULL, SPF_PASS, NULL},
	    {zone, "a@example.com", "pass esp.example", "pass esp.example", FAIL,
	     "SPF passed for esp.example, which is not aligned, DKIM passed for esp.example, which "
	     "is not aligned"},
	    {zone, "a@example.com", "pass other.com", "pass other.com", FAIL,
	     "nothing that passed aligns with example.com, which asks for reject (p at "
	     "example.com)"},
	    {zone, "a@example.com", "pass com", "pass com", FAIL, "not aligned"},
	    {zone, "a@example.com", "pass badexample.com", "pass example.com.evil.example", FAIL,
	     NULL},
	    {zone, "a@example.com", NULL, "pass xexample.com, pass example.co, pass example.comx",
	     FAIL, "of which none is aligned"},
	    {zone, "a@example.com", "pass esp.example", "pass example.com", DKIM_PASS, NULL},
	    /* only pass counts */
	    {zone, "a@example.com", "fail example.com", NULL, FAIL,
	     "SPF did not pass (fail for example.com)"},
	    {zone, "a@example.com", "softfail example.com", NULL, FAIL, "softfail"},
	    {zone, "a@example.com", "neutral example.com", "neutral example.com", FAIL, NULL},
	    {zone, "a@example.com", "none example.com", "none example.com", FAIL, NULL},
	    {zone, "a@example.com", "permerror example.com", "permerror example.com", FAIL,
	     "no DKIM signature passed"},
	    {zone, "a@example.com", NULL, "fail example.com", FAIL, "no DKIM signature passed"},
	    {zone, "a@example.com", NULL, "policy example.com", FAIL, NULL},
	    {zone, "a@example.com", "pass", "pass", FAIL, NULL},
	    /* every passing signature is a candidate, whatever stands beside it */
	    {zone, "a@example.com", NULL, "fail example.com, pass example.com", DKIM_PASS, NULL},
	    {zone, "a@example.com", NULL, "pass example.com, fail example.com", DKIM_PASS, NULL},
	    {zone, "a@example.com", NULL, "pass esp.example, pass example.com", DKIM_PASS, NULL},
	    {zone, "a@example.com", NULL, "pass example.com, pass esp.example", DKIM_PASS, NULL},
	    {zone, "a@example.com", NULL, "temperror example.com, pass sub.example.com", DKIM_PASS,
	     NULL},
	    {zone, "a@example.com", NULL,
	     "pass 1.example, pass 2.example, pass 3.example, pass 4.example, pass 5.example, pass "
	     "6.example, pass 7.example, pass 8.example, pass 9.example, pass example.com",
	     DKIM_PASS, NULL},
	    {zone, "a@example.com", NULL,
	     "pass 1.example, pass 2.example, pass 3.example, pass 4.example, pass 5.example, pass "
	     "6.example",
	     FAIL, "and 1 more, of which none is aligned"},
	    /* from below */
	    {zone, "a@sub.example.com", "pass example.com", NULL, SPF_PASS, NULL},
	    {zone, "a@sub.example.com", NULL, "pass other.example.com", DKIM_PASS, NULL},
	    {zone, "a@sub.example.com", NULL, "pass x.sub.example.com", DKIM_PASS, NULL},
	    {zone, "a@sub.example.com", NULL, "pass example.net", FAIL, "sub.example.com"},
	    /* several mailboxes of one domain */
	    {zone, "a@example.com, b@example.com", NULL, "pass example.com", DKIM_PASS, NULL},
	};

	(void)state;
	RUN_DMARC_ROWS(rows, &run_dmarc_standard);
}

static void strict_modes_want_the_same_domain(void **state)
{
	static const char both[] = "_dmarc.example.com TXT v=DMARC1; p=reject; adkim=s; aspf=s\n";
	static const char dkim[] = "_dmarc.example.com TXT v=DMARC1; p=reject; adkim=s\n";
	static const char spf[] = "_dmarc.example.com TXT v=DMARC1; p=reject; aspf=s\n";
	static const struct run_dmarc_row rows[] = {
	    {both, "a@example.com", "pass example.com", NULL, SPF_PASS, NULL},
	    {both, "a@example.com", NULL, "pass example.com", DKIM_PASS, NULL},
	    {both, "a@example.com", "pass EXAMPLE.COM", "pass Example.Com",
	     "pass p=reject at example.com spf dkim", NULL},
	    {both, "a@example.com", "pass b.example.com", "pass b.example.com", FAIL, NULL},
	    {both, "a@b.example.com", "pass example.com", "pass example.com", FAIL, NULL},
	    {both, "a@b.example.com", "pass b.example.com", NULL, SPF_PASS, NULL},
	    {both, "a@example.com", NULL, "pass b.example.com, pass example.com", DKIM_PASS, NULL},
	    {dkim, "a@example.com", "pass b.example.com", "pass b.example.com", SPF_PASS, NULL},
	    {spf, "a@example.com", "pass b.example.com", "pass b.example.com", DKIM_PASS, NULL},
	    {"_dmarc.x.com TXT v=DMARC1; p=reject; adkim=s; aspf=s\n", "a@x.com", "pass t.com",
	     "pass com", "fail p=reject at x.com", NULL},
	    {"_dmarc.example.com TXT v=DMARC1; p=reject; adkim=s; aspf=s\n", "a@example.com",
	     "pass a.example.com", NULL, FAIL, NULL},
	};

	(void)state;
	RUN_DMARC_ROWS(rows, &run_dmarc_standard);
}

/* libopendmarc drops a leftmost label of one character, and takes prefixes for alignment. */
static void short_names_are_names(void **state)
{
	static const char zone[] = "_dmarc.x.com " ZONE_REJECT "_dmarc.example.x.com " ZONE_REJECT;
	static const struct run_dmarc_row rows[] = {
	    {zone, "a@x.com", NULL, "pass evil.com", "fail p=reject at x.com",
	     "evil.com, which is not aligned"},
	    {zone, "a@x.com", "pass evil.com", NULL, "fail p=reject at x.com", NULL},
	    {zone, "a@x.com", "pass y.com", "pass com", "fail p=reject at x.com", NULL},
	    {zone, "a@x.com", NULL, "pass x.com", "pass p=reject at x.com dkim", NULL},
	    {zone, "a@x.com", NULL, "pass m.x.com", "pass p=reject at x.com dkim", NULL},
	    {zone, "a@m.x.com", NULL, "pass x.com", "pass p=reject at x.com dkim", NULL},
	    {zone, "a@m.x.com", NULL, "pass evil.com", "fail p=reject at x.com", NULL},
	    {zone, "a@example.x.com", NULL, "pass com", "fail p=reject at example.x.com", NULL},
	    {"_dmarc.x " ZONE_REJECT, "a@x", NULL, "pass y", "fail p=reject at x", NULL},
	    {"_dmarc.x " ZONE_REJECT, "a@x", NULL, "pass x", "pass p=reject at x dkim", NULL},
	    {"_dmarc.localhost " ZONE_REJECT, "a@localhost", "pass localhost", NULL,
	     "pass p=reject at localhost spf", NULL},
	};

	(void)state;
	RUN_DMARC_ROWS(rows, &run_dmarc_standard);
}

/* 4.10.1, 4.10.2, the table of the tree walk and appendix B.4 */
static const char zone_inner[] =
    "_dmarc.example.com " ZONE_REJECT "_dmarc.sub.example.com " ZONE_NONE
    "x.sub.example.com A 192.0.2.1\n";
static const char zone_own[] =
    "_dmarc.example.com " ZONE_REJECT
    "_dmarc.sub.example.com TXT v=DMARC1; p=none; psd=n; sp=quarantine\n";
static const char zone_suffix[] =
    "_dmarc.com TXT v=DMARC1; p=reject; sp=quarantine; psd=y\na.mail.example.com A 192.0.2.1\n";
static const char zone_bank[] =
    "_dmarc.bank.example TXT v=DMARC1; p=reject; psd=y\n_dmarc.giant.bank.example " ZONE_NONE;
static const char zone_signing[] =
    "_dmarc.example.com " ZONE_REJECT "_dmarc.signing.example.com " ZONE_NONE;
static const char zone_low[] = "_dmarc.a.example.com " ZONE_REJECT;
static const char zone_twice[] = "_dmarc.example.com " ZONE_REJECT "_dmarc.example.com " ZONE_NONE;
static const char zone_deep[] =
    "_dmarc.example.com " ZONE_REJECT "_dmarc.e.f.g.h.i.mail.example.com " ZONE_NONE;
static const struct run_dmarc_row walk_rows[] = {
    {zone_inner, "a@x.sub.example.com", NULL, NULL, FAIL, NULL},
    {zone_inner, "a@x.sub.example.com", NULL, "pass other.example.com", DKIM_PASS, NULL},
    {zone_inner, "a@sub.example.com", NULL, NULL, "fail p=none at sub.example.com", NULL},
    {zone_inner, "a@sub.example.com", "pass example.com", NULL,
     "pass p=none at sub.example.com spf", NULL},
    {zone_own, "a@x.sub.example.com", NULL, NULL, "fail sp=quarantine at sub.example.com", NULL},
    {zone_own, "a@x.sub.example.com", NULL, "pass y.sub.example.com",
     "pass sp=quarantine at sub.example.com dkim", NULL},
    {zone_own, "a@x.sub.example.com", NULL, "pass example.com",
     "fail sp=quarantine at sub.example.com", NULL},
    {zone_own, "a@example.com", NULL, "pass sub.example.com", FAIL, NULL},
    {zone_own, "a@example.com", NULL, "pass x.sub.example.com", FAIL, NULL},
    {zone_suffix, "a@a.mail.example.com", NULL, NULL, "fail sp=quarantine at com", NULL},
    {zone_suffix, "a@a.mail.example.com", NULL, "pass b.example.com",
     "pass sp=quarantine at com dkim", NULL},
    {zone_suffix, "a@a.mail.example.com", NULL, "pass other.com", "fail sp=quarantine at com",
     NULL},
    {zone_suffix, "a@com", NULL, "pass example.com", "fail p=reject at com", NULL},
    {zone_suffix, "a@com", NULL, "pass com", "pass p=reject at com dkim", NULL},
    /* B.4.3 */
    {zone_bank, "a@giant.bank.example", "pass mail.giant.bank.example", NULL,
     "pass p=none at giant.bank.example spf", NULL},
    {zone_bank, "a@giant.bank.example", NULL, "pass mail.mega.bank.example",
     "fail p=none at giant.bank.example", NULL},
    {zone_bank, "a@giant.bank.example", NULL, "pass bank.example",
     "fail p=none at giant.bank.example", NULL},
    {zone_bank, "a@mega.bank.example", NULL, "pass giant.bank.example",
     "fail p=reject at bank.example", NULL},
    {zone_bank, "a@mail.mega.bank.example", "pass mega.bank.example", NULL,
     "pass p=reject at bank.example spf", NULL},
    /* B.4.1 */
    {zone_signing, "a@example.com", NULL, "pass signing.example.com", DKIM_PASS, NULL},
    {zone_signing, "a@signing.example.com", NULL, "pass example.com",
     "pass p=none at signing.example.com dkim", NULL},
    /* the one where lists of public suffixes say otherwise */
    {zone_low, "a@a.example.com", NULL, "pass example.com", "fail p=reject at a.example.com", NULL},
    {zone_low, "a@a.example.com", NULL, "pass b.a.example.com",
     "pass p=reject at a.example.com dkim", NULL},
    {zone_low, "a@example.com", NULL, "pass example.com", "none dkim",
     "no DMARC record for example.com"},
    {zone_low, "a@b.a.example.com", NULL, "pass a.example.com",
     "pass p=reject at a.example.com dkim", NULL},
    /* several records are none */
    {zone_twice, "a@example.com", NULL, "pass example.com", "none dkim", NULL},
    {"_dmarc.b.example.com " ZONE_REJECT "_dmarc.b.example.com " ZONE_REJECT
     "_dmarc.example.com TXT v=DMARC1; p=quarantine\n",
     "a@b.example.com", NULL, NULL, "fail p=quarantine at example.com", NULL},
    /* other text at the name, and text at the wrong name */
    {"_dmarc.example.com TXT hello\n_dmarc.example.com " ZONE_REJECT, "a@example.com", NULL, NULL,
     FAIL, NULL},
    {"example.com " ZONE_REJECT, "a@example.com", NULL, NULL, "none", NULL},
    {"_dmarc.example.com TXT v=DMARC1 p=reject\n", "a@example.com", NULL, NULL, "none", NULL},
    {"_dmarc.example.com TXT p=reject; v=DMARC1\n", "a@example.com", NULL, NULL, "none", NULL},
    {"", "a@example.com", "pass example.com", "pass example.com", "none spf dkim",
     "no DMARC record"},
    {"", "a@example.com", "fail example.com", "pass esp.example", "none", "no DMARC record"},
    {"", "a@example.com", "pass b.example.com", NULL, "none", "no DMARC record"},
    {"", "a@com", NULL, NULL, "none", NULL},
    /* a record between author and organization is not used, at a suffix without psd it is the
       organization's */
    {"_dmarc.com " ZONE_REJECT, "a@b.example.com", NULL, "pass other.com",
     "pass p=reject at com dkim", NULL},
    {"_dmarc.com TXT v=DMARC1; p=reject; psd=y\n_dmarc.b.example.com " ZONE_NONE
     "_dmarc.example.com " ZONE_NONE,
     "a@a.b.example.com", NULL, NULL, "fail p=none at example.com", NULL},
    {"_dmarc.com TXT v=DMARC1; p=reject; psd=y\n_dmarc.b.example.com " ZONE_NONE,
     "a@a.b.example.com", NULL, NULL, "fail p=reject at com", NULL},
    {"_dmarc.com TXT v=DMARC1; p=reject; psd=n\n", "a@example.com", NULL, "pass other.com",
     "pass p=reject at com dkim", NULL},
    /* long names: 12 and 13 labels; the fifth to the eighth from the left are passed over */
    {zone_deep, "u@a.b.c.d.e.f.g.h.i.mail.example.com", NULL, NULL, FAIL, NULL},
    {zone_deep, "u@a.b.c.d.e.f.g.h.i.mail.example.com", NULL, "pass x.e.f.g.h.i.mail.example.com",
     DKIM_PASS, NULL},
    {"_dmarc.a.b.c.d.e.f.g.h.i.j.mail.example.com " ZONE_REJECT,
     "u@a.b.c.d.e.f.g.h.i.j.mail.example.com", NULL, NULL,
     "fail p=reject at a.b.c.d.e.f.g.h.i.j.mail.example.com", NULL},
    {"_dmarc.b.c.d.e.f.g.h.i.j.mail.example.com " ZONE_REJECT,
     "u@a.b.c.d.e.f.g.h.i.j.mail.example.com", NULL, NULL, "none", NULL},
};

static void tree_walk_finds_policy_and_organization(void **state)
{
	(void)state;
	RUN_DMARC_ROWS(walk_rows, &run_dmarc_standard);
}

/* 4.7 sp, np; 3.2.13 */
static void existence_chooses_between_sp_and_np(void **state)
{
	static const char zone[] =
	    "_dmarc.example.com TXT v=DMARC1; p=none; sp=quarantine; np=reject\n"
	    "here.example.com A 192.0.2.1\nempty.example.com EXISTS\n"
	    "mx.example.com MX 10 mx.example.net\nbelow.parent.example.com A 192.0.2.1\n"
	    "slow.example.com A !fail timed out\n";
	static const char no_sp[] =
	    "_dmarc.example.com TXT v=DMARC1; p=quarantine; np=reject\nhere.example.com EXISTS\n";
	static const char no_np[] = "_dmarc.example.com TXT v=DMARC1; p=reject; sp=none\n";
	static const char weak_np[] = "_dmarc.example.com TXT v=DMARC1; p=reject; np=none\n";
	static const char suffix[] =
	    "_dmarc.example TXT v=DMARC1; p=none; np=reject; psd=y\nhere.example A 192.0.2.1\n";
	static const struct run_dmarc_row rows[] = {
	    {zone, "a@example.com", NULL, NULL, "fail p=none at example.com", NULL},
	    {zone, "a@here.example.com", NULL, NULL, "fail sp=quarantine at example.com", NULL},
	    {zone, "a@gone.example.com", NULL, NULL, "fail np=reject at example.com absent", NULL},
	    {zone, "a@empty.example.com", NULL, NULL, "fail sp=quarantine at example.com", NULL},
	    {zone, "a@mx.example.com", NULL, NULL, "fail sp=quarantine at example.com", NULL},
	    {zone, "a@parent.example.com", NULL, NULL, "fail sp=quarantine at example.com", NULL},
	    {zone, "a@slow.example.com", NULL, NULL, "temperror sp=quarantine at example.com",
	     NULL},
	    {zone, "a@gone.example.com", "pass example.com", NULL,
	     "pass np=reject at example.com absent spf", NULL},
	    {no_sp, "a@here.example.com", NULL, NULL, "fail p=quarantine at example.com", NULL},
	    {no_sp, "a@gone.example.com", NULL, NULL, "fail np=reject at example.com absent", NULL},
	    {no_np, "a@gone.example.com", NULL, NULL, "fail sp=none at example.com", NULL},
	    {weak_np, "a@gone.example.com", NULL, NULL, "fail np=none at example.com absent", NULL},
	    {suffix, "a@here.example", NULL, NULL, "fail p=none at example", NULL},
	    {suffix, "a@gone.example", NULL, NULL, "fail np=reject at example absent", NULL},
	    {suffix, "a@mail.gone.example", NULL, NULL, "fail np=reject at example absent", NULL},
	    {suffix, "a@example", NULL, NULL, "fail p=none at example", NULL},
	};

	(void)state;
	RUN_DMARC_ROWS(rows, &run_dmarc_standard);
}

/* 4.7 t, 4.10.1 broken tags, and tags that are of no matter any more */
static void test_mode_and_broken_tags_weaken(void **state)
{
	static const struct run_dmarc_row rows[] = {
	    {"_dmarc.example.com TXT v=DMARC1; p=reject; t=y\n", "a@example.com", NULL, NULL,
	     "fail p=reject at example.com >quarantine", "in test mode: quarantine"},
	    {"_dmarc.example.com TXT v=DMARC1; p=quarantine; t=y\n", "a@example.com", NULL, NULL,
	     "fail p=quarantine at example.com >none", "in test mode: none"},
	    {"_dmarc.example.com TXT v=DMARC1; p=none; t=y\n", "a@example.com", NULL, NULL,
	     "fail p=none at example.com", NULL},
	    {"_dmarc.example.com TXT v=DMARC1; p=none; sp=reject; t=y\n", "a@b.example.com", NULL,
	     NULL, "fail sp=reject at example.com >quarantine", NULL},
	    {"_dmarc.example.com TXT v=DMARC1; p=none; np=quarantine; t=y\n", "a@b.example.com",
	     NULL, NULL, "fail np=quarantine at example.com >none absent", NULL},
	    {"_dmarc.example.com TXT v=DMARC1; p=reject; t=n\n", "a@example.com", NULL, NULL, FAIL,
	     NULL},
	    {"_dmarc.example.com TXT v=DMARC1; p=reject; t=maybe\n", "a@example.com", NULL, NULL,
	     FAIL, NULL},
	    {"_dmarc.example.com TXT v=DMARC1; p=reject; t=y\n", "a@example.com",
	     "pass example.com", NULL, "pass p=reject at example.com >quarantine spf", NULL},
	    {"_dmarc.example.com TXT v=DMARC1; p=reject; pct=0\n", "a@example.com", NULL, NULL,
	     FAIL, NULL},
	    {"_dmarc.example.com TXT v=DMARC1; rua=mailto:a@example.com\n", "a@example.com", NULL,
	     NULL, "fail p=none at example.com", "broken"},
	    {"_dmarc.example.com TXT v=DMARC1; p=rejct; rua=mailto:a@example.com\n",
	     "a@example.com", NULL, NULL, "fail p=none at example.com", NULL},
	    {"_dmarc.example.com TXT v=DMARC1; p=reject; sp=x; rua=mailto:a@example.com\n",
	     "a@example.com", NULL, NULL, "fail p=reject at example.com >none",
	     "but the record is broken: none"},
	    {"_dmarc.example.com TXT v=DMARC1; p=reject; np=x; rua=mailto:a@example.com\n",
	     "a@b.example.com", NULL, NULL, "fail p=reject at example.com >none", NULL},
	    {"_dmarc.example.com TXT v=DMARC1; p=reject; sp=x; np=none; rua=mailto:a@example.com\n",
	     "a@b.example.com", NULL, NULL, "fail p=reject at example.com >none", NULL},
	    {"_dmarc.example.com TXT v=DMARC1; p=reject; sp=x; rua=mailto:a@example.com\n",
	     "a@example.com", "pass example.com", NULL, "pass p=reject at example.com >none spf",
	     NULL},
	    {"_dmarc.example.com TXT v=DMARC1; p=reject; adkim=x; aspf=y\n", "a@example.com",
	     "pass b.example.com", NULL, SPF_PASS, NULL},
	    {"_dmarc.example.com TXT v=DMARC1; p=none; p=reject\n", "a@example.com", NULL, NULL,
	     "fail p=none at example.com", NULL},
	};
	static const struct run_dmarc_row unusable[] = {
	    {"_dmarc.example.com TXT v=DMARC1\n", "a@example.com", NULL, NULL, "none",
	     "neither p nor rua"},
	    {"_dmarc.example.com TXT v=DMARC1; p=rejct\n", "a@example.com", "pass example.com",
	     NULL, "permerror p=none at example.com spf", "cannot be applied: invalid p \"rejct\""},
	    {"_dmarc.example.com TXT v=DMARC1; p=reject; sp=x\n", "a@example.com", NULL, NULL,
	     "permerror p=reject at example.com >none", NULL},
	    {"_dmarc.example.com TXT v=DMARC1; p=reject; sp=x; rua=https://example.com/\n",
	     "a@b.example.com", NULL, NULL, "fail p=reject at example.com >none", NULL},
	    {"_dmarc.b.example.com TXT v=DMARC1; sp=reject\n_dmarc.example.com " ZONE_REJECT,
	     "a@b.example.com", NULL, NULL, "none", NULL},
	};

	(void)state;
	RUN_DMARC_ROWS(rows, &run_dmarc_standard);
	RUN_DMARC_ROWS(unusable, &run_dmarc_standard);
}

/* 1.9 of the reference: errors matter only where they could have changed the outcome (RFC
 * 9989 4.10.1, 5.3.6)
 */
static void temporary_errors_count_where_they_matter(void **state)
{
	static const char good[] = "_dmarc.example.com " ZONE_REJECT;
	static const char org[] = "_dmarc.example.com " ZONE_REJECT "_dmarc.com " ZONE_FAIL;
	static const char lower[] =
	    "_dmarc.a.example.com " ZONE_FAIL "_dmarc.example.com " ZONE_REJECT;
	static const char strict[] =
	    "_dmarc.example.com TXT v=DMARC1; p=reject; adkim=s; aspf=s\n_dmarc.com " ZONE_FAIL;
	static const char below[] =
	    "_dmarc.example.com " ZONE_REJECT "_dmarc.b.example.com " ZONE_FAIL;
	static const struct run_dmarc_row rows[] = {
	    /* the policy itself */
	    {"_dmarc.example.com " ZONE_FAIL, "a@example.com", NULL, NULL, "temperror",
	     "_dmarc.example.com"},
	    {"_dmarc.example.com " ZONE_FAIL, "a@example.com", "pass example.com",
	     "pass example.com", "temperror", "policy of example.com could not be found out"},
	    {lower, "a@a.example.com", NULL, "pass example.com", "temperror",
	     "_dmarc.a.example.com"},
	    {"_dmarc.com " ZONE_FAIL, "a@example.com", NULL, NULL, "temperror", "_dmarc.com"},
	    {org, "a@b.example.com", NULL, NULL, "temperror", "_dmarc.com"},
	    {org, "a@example.com", NULL, NULL, FAIL, NULL},
	    /* an aligned pass wins whatever failed */
	    {org, "a@example.com", "pass example.com", NULL, SPF_PASS, NULL},
	    {good, "a@example.com", "pass example.com", "temperror example.com", SPF_PASS, NULL},
	    {good, "a@example.com", "temperror example.com", "pass example.com", DKIM_PASS, NULL},
	    {below, "a@example.com", "pass b.example.com", "pass example.com", DKIM_PASS, NULL},
	    /* what could have aligned */
	    {good, "a@example.com", "temperror example.com", NULL,
	     "temperror p=reject at example.com", "spf for example.com (temperror)"},
	    {good, "a@example.com", NULL, "temperror example.com",
	     "temperror p=reject at example.com", "dkim for example.com"},
	    {good, "a@example.com", "temperror b.example.com", NULL,
	     "temperror p=reject at example.com", NULL},
	    {good, "a@example.com", "fail example.com", "temperror b.example.com, fail example.com",
	     "temperror p=reject at example.com", "dkim for b.example.com"},
	    {below, "a@example.com", "pass b.example.com", NULL,
	     "temperror p=reject at example.com", "_dmarc.b.example.com"},
	    {below, "a@example.com", NULL, "temperror b.example.com",
	     "temperror p=reject at example.com", NULL},
	    {below, "a@example.com", NULL, "pass c.b.example.com",
	     "temperror p=reject at example.com", NULL},
	    /* ... and what could not */
	    {good, "a@example.com", "temperror esp.example", NULL, FAIL, NULL},
	    {good, "a@example.com", NULL, "temperror other.com", FAIL, NULL},
	    {good, "a@example.com", "temperror", "temperror", FAIL, NULL},
	    {strict, "a@example.com", "temperror b.example.com", "pass b.example.com", FAIL, NULL},
	    {below, "a@example.com", NULL, "fail b.example.com", FAIL, NULL},
	    {org, "a@example.com", NULL, "pass example.net", FAIL, NULL},
	    {"_dmarc.example.com " ZONE_REJECT "_dmarc.esp.example " ZONE_FAIL, "a@example.com",
	     "pass esp.example", NULL, FAIL, NULL},
	    /* a failed lookup whose answer is of no matter */
	    {org, "a@example.com", NULL, "pass b.example.com", DKIM_PASS, NULL},
	    {org, "a@example.com", NULL, "pass other.com", "temperror p=reject at example.com",
	     NULL},
	    {"_dmarc.other.com TXT v=DMARC1; p=none; psd=n\n_dmarc.example.com " ZONE_REJECT
	     "_dmarc.com " ZONE_FAIL,
	     "a@example.com", NULL, "pass other.com", FAIL, NULL},
	    /* no such name is an answer */
	    {"example.com A 192.0.2.1\n", "a@example.com", NULL, NULL, "none", NULL},
	};

	(void)state;
	RUN_DMARC_ROWS(rows, &run_dmarc_standard);
}

/* RFC 8616: author domains of any script */
static void international_names_are_compared_as_a_labels(void **state)
{
	static const char zone[] = "_dmarc.xn--mnchen-3ya.example " ZONE_REJECT;
	static const struct run_dmarc_row rows[] = {
	    {zone, "a@m\xC3\xBCnchen.example", "pass xn--mnchen-3ya.example", NULL,
	     "pass p=reject at xn--mnchen-3ya.example spf", NULL},
	    {zone, "a@M\xC3\x9CNCHEN.example", NULL, "pass xn--mnchen-3ya.example",
	     "pass p=reject at xn--mnchen-3ya.example dkim", NULL},
	    {zone, "a@mail.m\xC3\xBCnchen.example", NULL, "pass xn--mnchen-3ya.example",
	     "pass p=reject at xn--mnchen-3ya.example dkim", NULL},
	    {zone, "a@m\xC3\xBCnchen.example", NULL, "pass munchen.example",
	     "fail p=reject at xn--mnchen-3ya.example", NULL},
	    {zone, "a@xn--mnchen-3ya.example, b@m\xC3\xBCnchen.example", NULL,
	     "pass xn--mnchen-3ya.example", "pass p=reject at xn--mnchen-3ya.example dkim", NULL},
	    {zone, "=?utf-8?q?a=40m=C3=BCnchen.example?= <a@other.example>", NULL, NULL, "none",
	     NULL},
	};

	(void)state;
	RUN_DMARC_ROWS(rows, &run_dmarc_standard);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(alignment_decides),
	    cmocka_unit_test(strict_modes_want_the_same_domain),
	    cmocka_unit_test(short_names_are_names),
	    cmocka_unit_test(tree_walk_finds_policy_and_organization),
	    cmocka_unit_test(existence_chooses_between_sp_and_np),
	    cmocka_unit_test(test_mode_and_broken_tags_weaken),
	    cmocka_unit_test(temporary_errors_count_where_they_matter),
	    cmocka_unit_test(international_names_are_compared_as_a_labels),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
