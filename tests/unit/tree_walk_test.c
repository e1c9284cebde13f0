/*
 * tree_walk_test.c - the DNS Tree Walk (RFC 9989 4.10): which names it asks, where it stops, what
 * it yields.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/text.h"
#include "dmarc/tree_walk.h"
#include "fake_dns.h"

#define PLAIN "TXT v=DMARC1; p=none\n"
#define PSD_Y "TXT v=DMARC1; p=none; psd=y\n"
#define PSD_N "TXT v=DMARC1; p=none; psd=n\n"
#define FAIL  "TXT !fail timed out\n"

static void names_are_at_most_eight(void **state)
{
	static const struct {
		const char *start;
		const char *names; /* with blanks between */
	} rows[] = {
	    {"com", "com"},
	    {"example.com", "example.com com"},
	    {"a.example.com", "a.example.com example.com com"},
	    {"1.2.3.4", "1.2.3.4 2.3.4 3.4 4"},
	    {"1.2.3.4.5", "1.2.3.4.5 2.3.4.5 3.4.5 4.5 5"},
	    {"1.2.3.4.5.6", "1.2.3.4.5.6 2.3.4.5.6 3.4.5.6 4.5.6 5.6 6"},
	    {"1.2.3.4.5.6.7", "1.2.3.4.5.6.7 2.3.4.5.6.7 3.4.5.6.7 4.5.6.7 5.6.7 6.7 7"},
	    {"1.2.3.4.5.6.7.8",
	     "1.2.3.4.5.6.7.8 2.3.4.5.6.7.8 3.4.5.6.7.8 4.5.6.7.8 5.6.7.8 6.7.8 7.8 8"},
	    {"1.2.3.4.5.6.7.8.9",
	     "1.2.3.4.5.6.7.8.9 3.4.5.6.7.8.9 4.5.6.7.8.9 5.6.7.8.9 6.7.8.9 7.8.9 8.9 9"},
	    {"a.b.c.d.e.f.g.h.i.mail.example.com",
	     "a.b.c.d.e.f.g.h.i.mail.example.com f.g.h.i.mail.example.com g.h.i.mail.example.com "
	     "h.i.mail.example.com i.mail.example.com mail.example.com example.com com"},
	    {"a.b.c.d.e.f.g.h.i.j.mail.example.com",
	     "a.b.c.d.e.f.g.h.i.j.mail.example.com g.h.i.j.mail.example.com h.i.j.mail.example.com "
	     "i.j.mail.example.com j.mail.example.com mail.example.com example.com com"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const char *names[TREE_WALK_MAX];
		size_t count = tree_walk_names(rows[i].start, names);
		struct arena *arena = arena_new();
		struct text all;

		text_begin(&all, arena, 10000);
		for (size_t j = 0; j < count; j++)
			text_add_format(&all, "%s%s", j == 0 ? "" : " ", names[j]);
		assert_string_equal(all.bytes, rows[i].names);
		arena_free(arena);
	}
}

/* What was looked up, without the "_dmarc.". */
static const char *asked(const struct fake_dns *dns, struct arena *arena)
{
	struct text all;

	text_begin(&all, arena, 10000);
	for (size_t i = 0; i < dns->query_count; i++) {
		assert_int_equal(dns->queries[i].type, RECORD_TXT);
		assert_int_equal(strncmp(dns->queries[i].name, "_dmarc.", 7), 0);
		text_add_format(&all, "%s%s", i == 0 ? "" : " ", dns->queries[i].name + 7);
	}
	return all.bytes;
}

static const struct {
	const char *zone, *start;
	const char *organization; /* or "!" and the domain whose lookup failed */
	const char *suffix;
	const char *asked;
} walk_rows[] = {
    /* the test table of 4.10, appendix B.4 */
    {"_dmarc.example.com " PLAIN "_dmarc.sub.example.com " PLAIN, "x.sub.example.com",
     "example.com", NULL, "x.sub.example.com sub.example.com example.com com"},
    {"_dmarc.example.com " PLAIN "_dmarc.sub.example.com " PSD_N, "x.sub.example.com",
     "sub.example.com", NULL, "x.sub.example.com sub.example.com"},
    {"_dmarc.com " PSD_Y, "a.mail.example.com", "example.com", "com",
     "a.mail.example.com mail.example.com example.com com"},
    {"_dmarc.bank.example " PSD_Y "_dmarc.giant.bank.example " PLAIN, "giant.bank.example",
     "giant.bank.example", "bank.example", "giant.bank.example bank.example"},
    {"_dmarc.bank.example " PSD_Y "_dmarc.giant.bank.example " PLAIN, "mail.giant.bank.example",
     "giant.bank.example", "bank.example",
     "mail.giant.bank.example giant.bank.example bank.example"},
    {"_dmarc.bank.example " PSD_Y "_dmarc.giant.bank.example " PLAIN, "mail.mega.bank.example",
     "mega.bank.example", "bank.example", "mail.mega.bank.example mega.bank.example bank.example"},
    {"_dmarc.example.com " PLAIN "_dmarc.signing.example.com " PLAIN, "signing.example.com",
     "example.com", NULL, "signing.example.com example.com com"},
    {"_dmarc.a.example.com " PLAIN, "a.example.com", "a.example.com", NULL,
     "a.example.com example.com com"},
    {"_dmarc.a.example.com " PLAIN, "example.com", "example.com", NULL, "example.com com"},
    {"_dmarc.example.com " PLAIN "_dmarc.example.com " PLAIN, "example.com", "example.com", NULL,
     "example.com com"},
    /* rule 4: nothing found */
    {"", "a.b.example.com", "a.b.example.com", NULL,
     "a.b.example.com b.example.com example.com com"},
    {"", "com", "com", NULL, "com"},
    /* rule 3: the fewest labels, a top-level domain too */
    {"_dmarc.com " PLAIN "_dmarc.example.com " PLAIN, "a.example.com", "com", NULL,
     "a.example.com example.com com"},
    {"_dmarc.com " PLAIN, "com", "com", NULL, "com"},
    {"_dmarc.b.example.com " PLAIN, "a.b.example.com", "b.example.com", NULL,
     "a.b.example.com b.example.com example.com com"},
    /* psd=y at the start: stops at once, the start is the organizational domain */
    {"_dmarc.com " PSD_Y, "com", "com", NULL, "com"},
    {"_dmarc.co.example " PSD_Y "_dmarc.example " PLAIN, "co.example", "co.example", NULL,
     "co.example"},
    /* psd=n at the start */
    {"_dmarc.example.com " PSD_N "_dmarc.com " PLAIN, "example.com", "example.com", NULL,
     "example.com"},
    {"_dmarc.a.example.com " PSD_N "_dmarc.example.com " PSD_N, "a.example.com", "a.example.com",
     NULL, "a.example.com"},
    /* psd=u is no psd */
    {"_dmarc.example.com TXT v=DMARC1; p=none; psd=u\n_dmarc.com " PLAIN, "example.com", "com",
     NULL, "example.com com"},
    /* psd=y above found records: one label longer on the path, whatever stands between */
    {"_dmarc.com " PSD_Y "_dmarc.b.example.com " PLAIN, "a.b.example.com", "example.com", "com",
     "a.b.example.com b.example.com example.com com"},
    /* a suffix two labels deep: its parent is not asked */
    {"_dmarc.co.uk " PSD_Y "_dmarc.uk " PLAIN, "www.shop.co.uk", "shop.co.uk", "co.uk",
     "www.shop.co.uk shop.co.uk co.uk"},
    /* several records at a name are discarded, psd and all */
    {"_dmarc.a.example.com " PSD_N "_dmarc.a.example.com " PLAIN "_dmarc.example.com " PLAIN,
     "a.example.com", "example.com", NULL, "a.example.com example.com com"},
    /* other text at the name does not count */
    {"_dmarc.example.com TXT v=spf1 -all\n_dmarc.example.com " PSD_N
     "_dmarc.example.com TXT hello\n",
     "example.com", "example.com", NULL, "example.com"},
    {"_dmarc.com TXT p=none; v=DMARC1\n", "example.com", "example.com", NULL, "example.com com"},
    {"_dmarc.com TXT v=dmarc1; psd=y\n", "a.example.com", "a.example.com", NULL,
     "a.example.com example.com com"},
    /* the longer ones: the jump, and what it passes over is not seen */
    {"_dmarc.2.3.4.5.6.7.8.9 " PSD_N, "1.2.3.4.5.6.7.8.9", "1.2.3.4.5.6.7.8.9", NULL,
     "1.2.3.4.5.6.7.8.9 3.4.5.6.7.8.9 4.5.6.7.8.9 5.6.7.8.9 6.7.8.9 7.8.9 8.9 9"},
    {"_dmarc.3.4.5.6.7.8.9 " PSD_Y, "1.2.3.4.5.6.7.8.9", "2.3.4.5.6.7.8.9", "3.4.5.6.7.8.9",
     "1.2.3.4.5.6.7.8.9 3.4.5.6.7.8.9"},
    {"_dmarc.3.4.5.6.7.8.9 " PSD_Y, "x.y.z.1.2.3.4.5.6.7.8.9", "2.3.4.5.6.7.8.9", "3.4.5.6.7.8.9",
     "x.y.z.1.2.3.4.5.6.7.8.9 3.4.5.6.7.8.9"},
    {"_dmarc.example.com " PLAIN, "a.b.c.d.e.f.g.h.i.j.mail.example.com", "example.com", NULL,
     "a.b.c.d.e.f.g.h.i.j.mail.example.com g.h.i.j.mail.example.com h.i.j.mail.example.com "
     "i.j.mail.example.com j.mail.example.com mail.example.com example.com com"},
    /* failures */
    {"_dmarc.example.com " FAIL, "example.com", "!example.com", NULL, "example.com"},
    {"_dmarc.example.com " PLAIN "_dmarc.com " FAIL, "example.com", "!com", NULL,
     "example.com com"},
    {"_dmarc.example.com " PSD_N "_dmarc.com " FAIL, "example.com", "example.com", NULL,
     "example.com"},
    {"_dmarc.b.example.com " FAIL, "a.b.example.com", "!b.example.com", NULL,
     "a.b.example.com b.example.com"},
};

static void walk_yields_the_organizational_domain(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof walk_rows / sizeof *walk_rows; i++) {
		struct arena *arena = arena_new();
		struct fake_dns *dns = fake_dns_new(arena, walk_rows[i].zone);
		struct tree_walks *walks = tree_walk_begin(&dns->services, arena);
		struct tree_walk walk = tree_walk_run(walks, walk_rows[i].start);
		const char *is = walk.failed != NULL
		                     ? arena_format(arena, "!%s", walk.failed->domain)
		                     : walk.organizational_domain;
		const char *suffix = walk.suffix == NULL ? NULL : walk.suffix->domain;
		size_t steps;

		if (strcmp(is, walk_rows[i].organization) != 0 ||
		    !text_same(suffix, walk_rows[i].suffix) ||
		    strcmp(asked(dns, arena), walk_rows[i].asked) != 0)
			fail_msg("row %zu, %s: %s, suffix %s, asked %s", i, walk_rows[i].start, is,
			         suffix, asked(dns, arena));
		assert_true(dns->query_count <= TREE_WALK_MAX);
		tree_walk_run(walks, walk_rows[i].start);
		tree_walk_steps(walks, &steps);
		assert_int_equal(steps, dns->query_count); /* the second walk asked nothing */
		arena_free(arena);
	}
}

static void steps_tell_what_was_found(void **state)
{
	static const char zone[] = "_dmarc.a.b.example " PLAIN "_dmarc.a.b.example " PLAIN
	                           "_dmarc.b.example " PLAIN "_dmarc.example " FAIL;
	static const struct {
		const char *name, *outcome;
		enum lookup_status status;
	} expected[] = {
	    {"_dmarc.1.a.b.example", "no record", LOOKUP_NO_NAME},
	    {"_dmarc.a.b.example", "several records, discarded", LOOKUP_FOUND},
	    {"_dmarc.b.example", "record", LOOKUP_FOUND},
	    {"_dmarc.example", "failed: timed out", LOOKUP_FAILED},
	};
	struct arena *arena = arena_new();
	struct fake_dns *dns = fake_dns_new(arena, zone);
	struct tree_walks *walks = tree_walk_begin(&dns->services, arena);
	const struct walk_step *steps;
	size_t count;

	(void)state;
	tree_walk_run(walks, "1.a.b.example");
	steps = tree_walk_steps(walks, &count);
	assert_int_equal(count, 4);
	for (size_t i = 0; i < count; i++) {
		assert_string_equal(steps[i].name, expected[i].name);
		assert_string_equal(steps[i].outcome, expected[i].outcome);
		assert_int_equal(steps[i].status, expected[i].status);
	}
	arena_free(arena);
}

/* "_dmarc." in front would make it longer than a name may be: the walk goes on without asking. */
static void overlong_names_are_not_asked(void **state)
{
	char name[254];
	struct arena *arena = arena_new();
	struct fake_dns *dns = fake_dns_new(arena, "");
	struct tree_walk walk;

	(void)state;
	memset(name, 'a', sizeof name);
	for (size_t i = 49; i < 250; i += 50)
		name[i] = '.';
	name[250] = '\0';
	name[249] = 'x';
	walk = tree_walk_run(tree_walk_begin(&dns->services, arena), name);
	assert_string_equal(walk.organizational_domain, name);
	assert_int_equal(dns->query_count, 4);
	arena_free(arena);
}

/* Names of a message share their lookups; many of them do not disturb each other. */
static void many_names_are_remembered(void **state)
{
	struct arena *arena = arena_new();
	struct fake_dns *dns = fake_dns_new(arena, "_dmarc.d7.example " PLAIN);
	struct tree_walks *walks = tree_walk_begin(&dns->services, arena);
	const struct walk_answer *seventh = tree_walk_ask(walks, "d7.example");

	(void)state;
	for (int i = 0; i < 60; i++)
		tree_walk_run(walks, arena_format(arena, "d%d.example", i));
	assert_ptr_equal(tree_walk_ask(walks, "D7.example"), seventh);
	assert_non_null(seventh->record);
	assert_int_equal(dns->query_count, 61);
	arena_free(arena);
}

static void compare_tells_in_spite_of_failures(void **state)
{
	static const struct {
		const char *zone, *one, *other;
		enum walk_relation relation;
	} rows[] = {
	    {"_dmarc.example.com " PLAIN, "example.com", "a.example.com", WALK_SAME},
	    {"_dmarc.example.com " PSD_N, "a.example.com", "example.com", WALK_SAME},
	    {"_dmarc.a.example.com " PSD_N "_dmarc.example.com " PLAIN, "a.example.com",
	     "example.com", WALK_DIFFERENT},
	    /* whatever com holds, both come out alike */
	    {"_dmarc.example.com " PLAIN "_dmarc.com " FAIL, "example.com", "a.example.com",
	     WALK_SAME},
	    {"_dmarc.example.com " PLAIN "_dmarc.com " FAIL, "b.example.com", "a.example.com",
	     WALK_SAME},
	    {"_dmarc.example.com " PSD_N "_dmarc.com " FAIL, "example.com", "example.net",
	     WALK_DIFFERENT},
	    /* without a record at example.com, com tells */
	    {"_dmarc.com " FAIL, "example.com", "a.example.com", WALK_UNKNOWN},
	    {"_dmarc.example.com " PLAIN "_dmarc.com " FAIL, "example.com", "example.org",
	     WALK_DIFFERENT},
	    {"_dmarc.example.com " PLAIN "_dmarc.other.com " PLAIN "_dmarc.com " FAIL,
	     "example.com", "other.com", WALK_UNKNOWN},
	    /* the failing name may hold psd=n */
	    {"_dmarc.example.com " PLAIN "_dmarc.a.example.com " FAIL, "example.com",
	     "a.example.com", WALK_UNKNOWN},
	    {"_dmarc.example.com " PLAIN "_dmarc.a.example.com " FAIL, "example.com",
	     "b.a.example.com", WALK_UNKNOWN},
	    {"_dmarc.a.example.com " PSD_N "_dmarc.example.com " FAIL, "example.com",
	     "a.example.com", WALK_DIFFERENT},
	    /* more failures than are tried */
	    {"_dmarc.d.e " FAIL "_dmarc.c.d.e " FAIL "_dmarc.b.c.d.e " FAIL
	     "_dmarc.a.b.c.d.e " FAIL,
	     "a.b.c.d.e", "x.e", WALK_UNKNOWN},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct arena *arena = arena_new();
		struct fake_dns *dns = fake_dns_new(arena, rows[i].zone);
		struct tree_walks *walks = tree_walk_begin(&dns->services, arena);
		enum walk_relation is = tree_walk_compare(walks, rows[i].one, rows[i].other);

		if (is != rows[i].relation ||
		    is != tree_walk_compare(walks, rows[i].other, rows[i].one))
			fail_msg("row %zu: %s, %s: %d", i, rows[i].one, rows[i].other, is);
		assert_true(dns->query_count <= (size_t)2 * TREE_WALK_MAX);
		arena_free(arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names_are_at_most_eight),
	    cmocka_unit_test(walk_yields_the_organizational_domain),
	    cmocka_unit_test(steps_tell_what_was_found),
	    cmocka_unit_test(overlong_names_are_not_asked),
	    cmocka_unit_test(many_names_are_remembered),
	    cmocka_unit_test(compare_tells_in_spite_of_failures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
