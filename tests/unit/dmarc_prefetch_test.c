/*
 * dmarc_prefetch_test.c - what the DMARC policy looks up while the header passes.
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

/* With the null reverse-path, what SPF checks is HELO: its walk is prefetched too. */
static void helo_of_the_null_sender_is_prefetched(void **state)
{
	static const char *const helos[] = {"mx.example.com", NULL, "[192.0.2.1]"};

	(void)state;
	for (size_t i = 0; i < sizeof helos / sizeof *helos; i++) {
		struct arena *arena = arena_new();
		struct fake_dns *dns = fake_dns_new(arena, "");
		struct message message = {.mail_from = "", .helo = helos[i]};
		struct header from = {"From", " a@example.com"};
		struct problem problem;
		void *opened;

		assert_true(policy_dmarc.open(&run_dmarc_standard.settings, &opened, &problem));
		policy_dmarc.header(policy_dmarc.begin(opened, &message, &dns->services, arena),
		                    &from);
		assert_int_equal(fake_dns_asked(dns, "_dmarc.mx.example.com", RECORD_TXT), i == 0);
		assert_int_equal(fake_dns_asked(dns, "_dmarc.example.com", RECORD_TXT), 1);
		policy_dmarc.close(opened);
		arena_free(arena);
	}
}

static bool was_prefetched(const struct fake_dns *dns, const struct fake_query *query)
{
	for (const struct fake_query *one = dns->queries; one < query; one++)
		if (one->prefetched && one->type == query->type &&
		    text_same(one->name, query->name))
			return true;
	return false;
}

/* At the end of the message nothing is asked that was not prefetched while its header passed, and
 * nothing twice. */
static void lookups_are_prefetched(void **state)
{
	static const char zone[] =
	    "_dmarc.example.com TXT v=DMARC1; p=none; sp=quarantine; np=reject\n";
	static const struct {
		struct run_dmarc_row row;
		const char *mail_from;
		bool psl;
		size_t queries; /* prefetched */
	} rows[] = {
	    {{zone, "a@example.com", NULL, NULL, NULL, NULL}, "", false, 2},
	    {{zone, "a@example.com", "pass example.com", "pass example.com", NULL, NULL},
	     "b@example.com",
	     false,
	     2},
	    {{zone, "a@example.com", "pass esp.example", "pass esp.example", NULL, NULL},
	     "b@esp.example",
	     false,
	     2},
	    {{zone, "a@example.com", "pass b.example.com", "pass c.example.com", NULL, NULL},
	     "x@b.example.com",
	     false,
	     4},
	    {{zone, "a@example.com", NULL, "pass other.com, pass c.d.example.com", NULL, NULL},
	     "",
	     false,
	     4},
	    {{zone, "a@sub.example.com", NULL, NULL, NULL, NULL},
	     "",
	     false,
	     4}, /* the fourth: does it exist? */
	    {{zone, "a@sub.example.com", NULL, "pass example.com", NULL, NULL}, "", false, 4},
	    {{"", "u@a.b.c.d.e.f.g.h.i.mail.example.com", NULL, NULL, NULL, NULL}, "", false, 8},
	    {{zone, "a@x.y.example.com", NULL, "pass z.example.com", NULL, NULL}, "", true, 3},
	    {{zone, "a@example.com", NULL, "pass z.example.com", NULL, NULL}, "", true, 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		for (int backwards = 0; backwards < 2; backwards++) {
			struct arena *arena = arena_new();
			struct run_dmarc_site site = run_dmarc_standard;
			struct fake_dns *dns;
			size_t prefetched = 0;

			site.mail_from = rows[i].mail_from;
			site.settings.discovery = rows[i].psl ? DISCOVERY_PSL : DISCOVERY_TREEWALK;
			run_dmarc(&rows[i].row, &site, backwards != 0, arena, &dns);
			for (size_t j = 0; j < dns->query_count; j++) {
				prefetched += dns->queries[j].prefetched;
				if (!dns->queries[j].prefetched &&
				    !was_prefetched(dns, &dns->queries[j]))
					fail_msg("row %zu: %s is not prefetched", i,
					         dns->queries[j].name);
			}
			if (prefetched != rows[i].queries)
				fail_msg("row %zu: %zu lookups prefetched", i, prefetched);
			arena_free(arena);
		}
	}
}

/* Every author domain that may be judged is prefetched, however many names signatures bring along:
 * what SPF and DKIM ask before may use up the message's time. */
static void every_judged_author_is_prefetched(void **state)
{
	struct arena *arena = arena_new();
	struct fake_dns *dns = fake_dns_new(arena, "");
	struct message message = {.mail_from = ""};
	struct header from = {"From",
	                      "a@example.com, b@b.example, c@c.example, d@d.example, e@e.example"};
	struct run_dmarc_site site = run_dmarc_standard;
	struct problem problem;
	void *opened, *work;

	(void)state;
	site.settings.unusable_author = 3;
	assert_true(policy_dmarc.open(&site.settings, &opened, &problem));
	work = policy_dmarc.begin(opened, &message, &dns->services, arena);
	for (int i = 0; i < 20; i++) {
		struct header signature = {
		    "DKIM-Signature",
		    arena_format(arena, " d=%d.%d.%d.%d.%d.example.com", i, i, i, i, i)};

		policy_dmarc.header(work, &signature);
	}
	policy_dmarc.header(work, &from);
	assert_int_equal(fake_dns_asked(dns, "_dmarc.example.com", RECORD_TXT), 1);
	assert_int_equal(fake_dns_asked(dns, "_dmarc.b.example", RECORD_TXT), 1);
	assert_int_equal(fake_dns_asked(dns, "_dmarc.e.example", RECORD_TXT), 1);
	assert_true(dns->query_count <= 96);
	policy_dmarc.close(opened);
	arena_free(arena);
}

/* Whatever a sender puts into signatures: a limited number of lookups. */
static void prefetch_is_limited(void **state)
{
	static const char *const values[] = {"d=#.x.example.com",
	                                     "; d = #.#.#.#.#.#.#.#.#.example.com ;",
	                                     "a=b;\r\n d=#.example.com",
	                                     "d=#..#..example.com",
	                                     "d",
	                                     "d=",
	                                     "=;;d;=d",
	                                     ";"};
	struct arena *arena = arena_new();
	struct fake_dns *dns = fake_dns_new(arena, "");
	struct message message = {.mail_from = "not an address@@"};
	struct header from = {"From", "a@example.com"};
	struct problem problem;
	void *opened, *work;

	(void)state;
	assert_true(policy_dmarc.open(&run_dmarc_standard.settings, &opened, &problem));
	work = policy_dmarc.begin(opened, &message, &dns->services, arena);
	for (int i = 0; i < 1000; i++) {
		struct text value;
		struct header signature = {"dkim-signature", NULL};

		text_begin(&value, arena, 1000);
		for (const char *at = values[i < 12 ? 1 : i % 8]; *at != '\0'; at++) {
			if (*at == '#')
				text_add_format(&value, "%d", i);
			else
				text_add_bytes(&value, at, 1);
		}
		signature.value = value.bytes;
		policy_dmarc.header(work, &signature);
		if (i == 500)
			policy_dmarc.header(work, &from);
	}
	assert_int_equal(dns->query_count, 64);
	policy_dmarc.close(opened);
	arena_free(arena);
}

/* These answers are known at once, as out of the cache: nothing is asked above one that ends the
 * walk. */
static void nothing_is_prefetched_above_the_end_of_a_walk(void **state)
{
	static const struct {
		const char *records; /* at bank.example */
		size_t above;
	} rows[] = {
	    {"v=DMARC1; p=none; psd=y", 0},
	    {"v=DMARC1; p=none; psd=n", 0},
	    {"v=DMARC1; PSD=Y", 0},
	    {"v=DMARC1; psd = n ; p=reject; sp=x", 0},
	    {"v=DMARC1; p=none; psd=n\n_dmarc.bank.example TXT something else", 0},
	    {"v=DMARC1; p=none; psd=y; psd=u", 0},
	    {"v=DMARC1; p=none; psd=u; psd=y", 1},
	    {"v=DMARC1; p=none; psd=yes", 1},
	    {"v=DMARC1; p=none", 1},
	    {"v=DMARC2; psd=y", 1},
	    {"v=DMARC1; psd=y\n_dmarc.bank.example TXT v=DMARC1; psd=y", 1},
	    {"!fail", 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct arena *arena = arena_new();
		struct run_dmarc_row row = {
		    arena_format(arena, "_dmarc.bank.example TXT %s\n", rows[i].records),
		    "a@b.a.bank.example",
		    "pass c.bank.example",
		    "pass d.a.bank.example, pass bank.example",
		    NULL,
		    NULL};
		struct fake_dns *dns;
		size_t prefetched = 0;

		run_dmarc(&row, &run_dmarc_standard, false, arena, &dns);
		assert_true(fake_dns_asked(dns, "_dmarc.bank.example", RECORD_TXT) > 0);
		for (size_t j = 0; j < dns->query_count; j++)
			prefetched += dns->queries[j].prefetched &&
			              text_same(dns->queries[j].name, "_dmarc.example");
		if (prefetched != rows[i].above)
			fail_msg("%s: _dmarc.example was prefetched %zu times", rows[i].records,
			         prefetched);
		arena_free(arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(helo_of_the_null_sender_is_prefetched),
	    cmocka_unit_test(lookups_are_prefetched),
	    cmocka_unit_test(every_judged_author_is_prefetched),
	    cmocka_unit_test(prefetch_is_limited),
	    cmocka_unit_test(nothing_is_prefetched_above_the_end_of_a_walk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
