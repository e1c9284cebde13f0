/*
 * arc_trust_test.c - whose results of a chain are believed, and what they restore: each rule
 * violated once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "arc/arc_evidence.h"
#include "arc/arc_trust.h"
#include "base/text.h"
#include "dmarc/organization.h"
#include "dmarc/policy_record.h"
#include "fake_dns.h"

static const char zone[] = "_dmarc.author.example TXT v=DMARC1; p=reject\n"
                           "_dmarc.sealer.example TXT v=DMARC1; p=none\n"
                           "_dmarc.other.example TXT v=DMARC1; p=none\n"
                           "_dmarc.shared.example TXT v=DMARC1; p=none; psd=y\n";

enum {
	SETS_MAX = 3
};

/* A set in short: "SEALER [AMS-DOMAIN]", and what its results say behind the authserv-id. */
struct set_row {
	const char *domain, *ams_domain, *results;
};

#define PASS "mx.sealer.example; dmarc=pass header.from=author.example"

struct trust_row {
	const char *name;
	const char *trusted[3];
	struct set_row sets[SETS_MAX];
	/* what differs from a chain that passes and a message that fails */
	enum result arc, dmarc;
	bool temporary, strict;
	enum author_state author;
	/* expected */
	const char *restored;
	unsigned restored_set;
	const char *would;
};

static struct arc_finding judge(const struct trust_row *row, struct arena *arena)
{
	struct fake_dns *dns = fake_dns_new(arena, zone);
	struct organizations organizations = {.walks = tree_walk_begin(&dns->services, arena)};
	struct policy_record record = {.strict_dkim = row->strict, .strict_spf = row->strict};
	struct dmarc_finding dmarc = {
	    .result = row->dmarc,
	    .author = {.state = row->author, .domain = "author.example"},
	    .record = &record,
	    .organizations = &organizations,
	};
	struct arc_set sets[SETS_MAX];
	struct strings trusted = {0, row->trusted};
	struct arc_finding arc = {
	    .result = row->arc, .temporary = row->temporary, .sets = sets, .count = 0};

	while (trusted.count < 3 && row->trusted[trusted.count] != NULL)
		trusted.count++;
	while (arc.count < SETS_MAX && row->sets[arc.count].domain != NULL) {
		const struct set_row *set = &row->sets[arc.count];

		sets[arc.count] = (struct arc_set){
		    .instance = (unsigned)arc.count + 1,
		    .domain = set->domain,
		    .selector = "s",
		    .ams_domain = set->ams_domain == NULL ? set->domain : set->ams_domain,
		    .results = set->results};
		arc.count++;
	}
	arc_trust_judge(&arc, &trusted, &dmarc, &dns->services, arena);
	return arc;
}

static void check_rows(const struct trust_row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct arena *arena = arena_new();
		struct arc_finding arc = judge(&rows[i], arena);

		if (!text_same(arc.restored, rows[i].restored) ||
		    arc.restored_set != rows[i].restored_set ||
		    !text_same(arc.would_restore, rows[i].would) ||
		    (arc.trusted_by != NULL) != (rows[i].restored != NULL))
			fail_msg("%s: restored %s of set %u, would %s", rows[i].name,
			         arc.restored == NULL ? "nothing" : arc.restored, arc.restored_set,
			         arc.would_restore == NULL ? "nothing" : arc.would_restore);
		arena_free(arena);
	}
}

#define CHECK(rows) check_rows(rows, sizeof(rows) / sizeof(rows)[0])
#define CHAIN       .arc = RESULT_PASS, .dmarc = RESULT_FAIL, .author = AUTHOR_ONE
#define SEALER      .trusted = {"sealer.example"}

static void rules_are_kept(void **state)
{
	static const struct trust_row rows[] = {
	    {.name = "all hold",
	     SEALER,
	     .sets = {{"sealer.example", NULL, PASS}},
	     CHAIN,
	     .restored = "dmarc",
	     .restored_set = 1},
	    {.name = "DMARC does not fail",
	     SEALER,
	     .sets = {{"sealer.example", NULL, PASS}},
	     .arc = RESULT_PASS,
	     .dmarc = RESULT_TEMPERROR,
	     .author = AUTHOR_ONE},
	    {.name = "several authors",
	     SEALER,
	     .sets = {{"sealer.example", NULL, PASS}},
	     .arc = RESULT_PASS,
	     .dmarc = RESULT_FAIL,
	     .author = AUTHOR_SEVERAL},
	    {.name = "the chain fails",
	     SEALER,
	     .sets = {{"sealer.example", NULL, PASS}},
	     .arc = RESULT_FAIL,
	     .dmarc = RESULT_FAIL,
	     .author = AUTHOR_ONE},
	    {.name = "something temporary",
	     SEALER,
	     .sets = {{"sealer.example", NULL, PASS}},
	     CHAIN,
	     .temporary = true},
	    {.name = "nobody is listed",
	     .sets = {{"sealer.example", NULL, PASS}},
	     CHAIN,
	     .would = "sealer.example"},
	    {.name = "another is listed",
	     .trusted = {"*.sealer.example"},
	     .sets = {{"sealer.example", NULL, PASS}},
	     CHAIN,
	     .would = "sealer.example"},
	    {.name = "listed by a wildcard",
	     .trusted = {"*.sealer.example"},
	     .sets = {{"a.sealer.example", NULL, PASS}},
	     CHAIN,
	     .restored = "dmarc",
	     .restored_set = 1},
	    {.name = "only the seal is of a listed domain",
	     SEALER,
	     .sets = {{"sealer.example", "other.example", PASS}},
	     CHAIN},
	    {.name = "both are listed and of one organization",
	     .trusted = {"sealer.example", "*.sealer.example"},
	     .sets = {{"sealer.example", "mx.sealer.example", PASS}},
	     CHAIN,
	     .restored = "dmarc",
	     .restored_set = 1},
	    {.name = "both are listed and of two organizations",
	     .trusted = {"sealer.example", "other.example"},
	     .sets = {{"sealer.example", "other.example", PASS}},
	     CHAIN},
	    {.name = "its results say that DMARC failed",
	     SEALER,
	     .sets = {{"sealer.example", NULL,
	               "mx; dkim=pass header.d=author.example; "
	               "dmarc=fail header.from=author.example"}},
	     CHAIN},
	    {.name = "its results are about another author",
	     SEALER,
	     .sets = {{"sealer.example", NULL, "mx; dmarc=pass header.from=other.example"}},
	     CHAIN},
	    {.name = "a failure about another author is none about this one",
	     SEALER,
	     .sets = {{"sealer.example", NULL,
	               "mx; dmarc=fail header.from=other.example; dkim=pass "
	               "header.d=author.example"}},
	     CHAIN,
	     .restored = "dkim",
	     .restored_set = 1},
	    {.name = "a failure about nobody is about this one",
	     SEALER,
	     .sets = {{"sealer.example", NULL,
	               "mx; dmarc=fail; dkim=pass header.d=author.example"}},
	     CHAIN},
	    {.name = "no results", SEALER, .sets = {{"sealer.example", NULL, "mx; none"}}, CHAIN},
	};

	(void)state;
	CHECK(rows);
}

/* A chain is believed from its newest set down to the first that nobody listed sealed. */
static void chains_are_walked(void **state)
{
	static const char fails[] = "mx; dmarc=fail header.from=author.example";
	static const char says_nothing[] = "mx; spf=none";
	const struct trust_row rows[] = {
	    {.name = "the newest is not listed",
	     SEALER,
	     .sets = {{"sealer.example", NULL, PASS}, {"other.example", NULL, fails}},
	     CHAIN,
	     .would = "other.example"},
	    {.name = "the oldest is not listed",
	     SEALER,
	     .sets = {{"other.example", NULL, PASS}, {"sealer.example", NULL, fails}},
	     CHAIN,
	     .would = "other.example"},
	    {.name = "one between is not listed",
	     SEALER,
	     .sets = {{"sealer.example", NULL, PASS},
	              {"other.example", NULL, says_nothing},
	              {"sealer.example", NULL, says_nothing}},
	     CHAIN,
	     .would = "other.example"},
	    {.name = "all are listed; the oldest decides",
	     .trusted = {"sealer.example", "other.example"},
	     .sets = {{"other.example", NULL, PASS}, {"sealer.example", NULL, fails}},
	     CHAIN,
	     .restored = "dmarc",
	     .restored_set = 1},
	    {.name = "a failure at the first hop is not mended by a later pass",
	     .trusted = {"sealer.example", "other.example"},
	     .sets = {{"other.example", NULL, fails}, {"sealer.example", NULL, PASS}},
	     CHAIN},
	    {.name = "the first that says anything decides",
	     SEALER,
	     .sets = {{"sealer.example", NULL, says_nothing}, {"sealer.example", NULL, PASS}},
	     CHAIN,
	     .restored = "dmarc",
	     .restored_set = 2},
	};

	(void)state;
	CHECK(rows);
}

static void identifiers_are_aligned(void **state)
{
	static const struct trust_row rows[] = {
	    {.name = "header.d of a subdomain, relaxed",
	     SEALER,
	     .sets = {{"sealer.example", NULL, "mx; dkim=pass header.d=news.author.example"}},
	     CHAIN,
	     .restored = "dkim",
	     .restored_set = 1},
	    {.name = "header.d of a subdomain, strict",
	     SEALER,
	     .sets = {{"sealer.example", NULL, "mx; dkim=pass header.d=news.author.example"}},
	     CHAIN,
	     .strict = true},
	    {.name = "smtp.mailfrom of a subdomain, relaxed",
	     SEALER,
	     .sets = {{"sealer.example", NULL, "mx; spf=pass smtp.mailfrom=x@b.author.example"}},
	     CHAIN,
	     .restored = "spf",
	     .restored_set = 1},
	    {.name = "smtp.mailfrom of a subdomain, strict",
	     SEALER,
	     .sets = {{"sealer.example", NULL, "mx; spf=pass smtp.mailfrom=x@b.author.example"}},
	     CHAIN,
	     .strict = true},
	    {.name = "smtp.helo is no evidence",
	     SEALER,
	     .sets = {{"sealer.example", NULL, "mx; spf=pass smtp.helo=author.example"}},
	     CHAIN},
	    {.name = "header.d of another organization",
	     SEALER,
	     .sets = {{"sealer.example", NULL, "mx; dkim=pass header.d=other.example"}},
	     CHAIN},
	    {.name = "a signature that fails",
	     SEALER,
	     .sets = {{"sealer.example", NULL, "mx; dkim=fail header.d=author.example"}},
	     CHAIN},
	    {.name = "dmarc=pass of a domain above",
	     SEALER,
	     .sets = {{"sealer.example", NULL, "mx; dmarc=pass header.from=a.author.example"}},
	     CHAIN},
	    {.name = "upper case and a version",
	     SEALER,
	     .sets = {{"sealer.example", NULL,
	               "MX.example 1; DMARC=Pass (p=reject) header.from=AUTHOR.example."}},
	     CHAIN,
	     .restored = "dmarc",
	     .restored_set = 1},
	};

	(void)state;
	CHECK(rows);
}

/* What a sender wrote into a value stays a value. */
static void nothing_is_read_into_values(void **state)
{
	static const struct trust_row rows[] = {
	    {.name = "a result inside quotes",
	     SEALER,
	     .sets = {{"sealer.example", NULL,
	               "mx; spf=pass smtp.mailfrom=\"x; dmarc=pass "
	               "header.from=author.example\"@other.example"}},
	     CHAIN},
	    {.name = "a result inside a comment",
	     SEALER,
	     .sets = {{"sealer.example", NULL,
	               "mx; spf=none (; dmarc=pass header.from=author.example)"}},
	     CHAIN},
	    {.name = "a property twice",
	     SEALER,
	     .sets = {{"sealer.example", NULL,
	               "mx; dmarc=pass header.from=other.example header.from=author.example"}},
	     CHAIN},
	    {.name = "a field that does not end",
	     SEALER,
	     .sets = {{"sealer.example", NULL, PASS "; spf=none (never closed"}},
	     CHAIN},
	    {.name = "no authserv-id",
	     SEALER,
	     .sets = {{"sealer.example", NULL, "; dmarc=pass header.from=author.example"}},
	     CHAIN},
	};

	(void)state;
	CHECK(rows);
}

/* Whatever names the results have, few of them are walked. */
static void comparisons_are_few(void **state)
{
	struct arena *arena = arena_new();
	struct fake_dns *dns = fake_dns_new(arena, zone);
	struct organizations organizations = {.walks = tree_walk_begin(&dns->services, arena)};
	struct policy_record record = {.strict_dkim = false};
	struct dmarc_finding dmarc = {.author = {.state = AUTHOR_ONE, .domain = "author.example"},
	                              .record = &record,
	                              .organizations = &organizations};
	struct text results;
	unsigned comparisons = 3;

	(void)state;
	text_begin(&results, arena, 100000);
	text_add(&results, "mx");
	for (unsigned i = 0; i < 500; i++)
		text_add_format(&results, "; dkim=pass header.d=n%u.author.example.invalid", i);
	assert_int_equal(arc_evidence_of(results.bytes, &dmarc, &comparisons, arena),
	                 ARC_EVIDENCE_NONE);
	assert_int_equal(comparisons, 0);
	assert_true(dns->query_count < 10);
	arena_free(arena);
}

static void addresses_are_addresses(void **state)
{
	static const char *const rows[][2] = {
	    {"mx; arc=none smtp.remote-ip=192.0.2.1", "192.0.2.1"},
	    {"mx; arc=none smtp.remote-ip=\"2001:DB8::1\"", "2001:db8::1"},
	    {"mx; iprev=pass policy.iprev=192.0.2.1", NULL},
	    {"mx; arc=none smtp.remote-ip=everywhere", NULL},
	    {"mx; arc=none smtp.remote-ip=192.0.2.1 (", NULL},
	};
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_true(text_same(arc_evidence_remote(rows[i][0], arena), rows[i][1]));
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rules_are_kept),
	    cmocka_unit_test(chains_are_walked),
	    cmocka_unit_test(identifiers_are_aligned),
	    cmocka_unit_test(nothing_is_read_into_values),
	    cmocka_unit_test(comparisons_are_few),
	    cmocka_unit_test(addresses_are_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
