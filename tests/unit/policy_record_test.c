/*
 * policy_record_test.c - DMARC Policy Records, good and bad, and how they are taken.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/text.h"
#include "dmarc/policy_record.h"

struct row {
	const char *text;
	const char *expected; /* see describe(); NULL: no DMARC record */
	const char *error;    /* words that the error contains; NULL for no error */
};

static const char *mark(bool has)
{
	return has ? "" : "~";
}

/* "p/sp/np" ("~" before one that is not given), then whatever differs from the defaults. */
static const char *describe(const struct policy_record *record, struct arena *arena)
{
	static const char *const psd[] = {"", " psd=y", " psd=n"};
	struct text words;

	text_begin(&words, arena, 100000);
	text_add_format(&words, "%s%s/%s%s/%s%s", mark(record->has_p), request_names[record->p],
	                mark(record->has_sp), request_names[record->sp], mark(record->has_np),
	                request_names[record->np]);
	text_add_format(&words, "%s%s%s%s", record->strict_dkim ? " adkim=s" : "",
	                record->strict_spf ? " aspf=s" : "", psd[record->psd],
	                record->test_mode ? " t=y" : "");
	if (strcmp(record->fo, "0") != 0)
		text_add_format(&words, " fo=%s", record->fo);
	for (size_t i = 0; i < record->rua.count; i++)
		text_add_format(&words, " %s", record->rua.items[i]);
	for (size_t i = 0; i < record->ruf.count; i++)
		text_add_format(&words, " ruf:%s", record->ruf.items[i]);
	text_add_format(&words, "%s%s%s", record->broken ? " broken" : "",
	                record->unusable ? " unusable" : "", record->empty ? " empty" : "");
	return words.bytes;
}

static void check(const struct row *row)
{
	struct arena *arena = arena_new();
	const struct policy_record *record =
	    policy_record_read(arena, row->text, strlen(row->text));

	enum psd psd;
	bool peeked = policy_record_peek(row->text, strlen(row->text), &psd);

	if (peeked != (record != NULL) || (record != NULL && psd != record->psd))
		fail_msg("%s: peeked at, it is another record", row->text);
	if (row->expected == NULL) {
		if (record != NULL)
			fail_msg("%s is taken for a record", row->text);
		arena_free(arena);
		return;
	}
	if (record == NULL)
		fail_msg("%s is not taken for a record", row->text);
	else if (strcmp(describe(record, arena), row->expected) != 0)
		fail_msg("%s: %s", row->text, describe(record, arena));
	else if ((row->error == NULL) != (record->error == NULL))
		fail_msg("%s: error %s", row->text, record->error);
	else if (row->error != NULL && strstr(record->error, row->error) == NULL)
		fail_msg("%s: error %s", row->text, record->error);
	arena_free(arena);
}

/* 4.7, 4.8: the version comes first, and nothing else makes a DMARC record */
static const struct row versions[] = {
    {"v=DMARC1; p=none", "none/~none/~none", NULL},
    {"v=DMARC1;p=none", "none/~none/~none", NULL},
    {"v=DMARC1;p=none;", "none/~none/~none", NULL},
    {"V=DMARC1;p=none", "none/~none/~none", NULL},
    {"v =\tDMARC1 ; p = none ; ", "none/~none/~none", NULL},
    {"v=DMARC1", "~none/~none/~none broken unusable empty", "p missing"},
    {"v=DMARC1;", "~none/~none/~none broken unusable empty", "p missing"},
    {"v=DMARC1 ", "~none/~none/~none broken unusable empty", "p missing"},
    {"v=dmarc1; p=none", NULL, NULL},
    {"v=DMARC2; p=none", NULL, NULL},
    {"v=DMARC10; p=none", NULL, NULL},
    {"v=DMARC1.0; p=none", NULL, NULL},
    {"v=DMARC; p=none", NULL, NULL},
    {"v=DMARC1 p=none", NULL, NULL},
    {"v=DMARC1, p=none", NULL, NULL},
    {"v = ; p=none", NULL, NULL},
    {"p=none; v=DMARC1", NULL, NULL},
    {"; v=DMARC1; p=none", NULL, NULL},
    {" v=DMARC1; p=none", NULL, NULL},
    {"\"v=DMARC1; p=none\"", NULL, NULL},
    {"x v=DMARC1; p=none", NULL, NULL},
    {"v=spf1 -all", NULL, NULL},
    {"v", NULL, NULL},
    {"v=", NULL, NULL},
    {"vv=DMARC1; p=none", NULL, NULL},
    {"", NULL, NULL},
};

static const struct row requests[] = {
    {"v=DMARC1; p=quarantine", "quarantine/~quarantine/~quarantine", NULL},
    {"v=DMARC1; p=reject", "reject/~reject/~reject", NULL},
    {"v=DMARC1; p=REJECT", "reject/~reject/~reject", NULL},
    {"v=DMARC1; P=reject", "reject/~reject/~reject", NULL},
    {"v=DMARC1; rua=mailto:a@b.example; p=reject", "reject/~reject/~reject mailto:a@b.example",
     NULL},
    {"v=DMARC1; p=none; sp=reject", "none/reject/~reject", NULL},
    {"v=DMARC1; p=reject; sp=none", "reject/none/~none", NULL},
    {"v=DMARC1; np=reject; p=none", "none/~none/reject", NULL},
    {"v=DMARC1; p=reject; sp=quarantine; np=none", "reject/quarantine/none", NULL},
    /* 4.10.1 */
    {"v=DMARC1; sp=reject", "~none/reject/~reject broken unusable empty", "p missing"},
    {"v=DMARC1; rua=mailto:a@b.example", "~none/~none/~none mailto:a@b.example broken",
     "counts as none"},
    {"v=DMARC1; p=r", "~none/~none/~none broken unusable", "invalid p \"r\""},
    {"v=DMARC1; p=rej ect; rua=mailto:a@b.example", "~none/~none/~none mailto:a@b.example broken",
     "invalid p"},
    {"v=DMARC1; p=; rua=mailto:a@b.example", "~none/~none/~none mailto:a@b.example broken",
     "no tag"},
    {"v=DMARC1; p=reject; sp=x", "reject/~reject/~reject broken unusable", "invalid sp"},
    {"v=DMARC1; p=reject; np=x", "reject/~reject/~reject broken unusable", "invalid np"},
    {"v=DMARC1; p=reject; sp=x; rua=mailto:a@b.example",
     "reject/~reject/~reject mailto:a@b.example broken", "invalid sp"},
    {"v=DMARC1; p=reject; np=no; rua=https://b.example/", "reject/~reject/~reject broken",
     "invalid np"},
    {"v=DMARC1; p=reject; np=no; rua=mailto:", "reject/~reject/~reject broken unusable",
     "malformed URI in rua"},
    /* duplicates: the first one counts */
    {"v=DMARC1; p=reject; p=none", "reject/~reject/~reject", "p given again: first one taken"},
    {"v=DMARC1; p=none; P=reject", "none/~none/~none", "p given again"},
    {"v=DMARC1; p=bad; p=reject", "~none/~none/~none broken unusable", "p given again"},
    {"v=DMARC1; p=reject; rua=mailto:a@b.example; rua=mailto:c@d.example",
     "reject/~reject/~reject mailto:a@b.example", "rua given again"},
    {"v=DMARC1; p=reject; v=DMARC1", "reject/~reject/~reject", NULL},
};

static const struct row tags[] = {
    {"v=DMARC1; p=none; adkim=s; aspf=s", "none/~none/~none adkim=s aspf=s", NULL},
    {"v=DMARC1; p=none; adkim=r; aspf=R", "none/~none/~none", NULL},
    {"v=DMARC1; p=none; adkim=S", "none/~none/~none adkim=s", NULL},
    {"v=DMARC1; p=none; adkim=strict", "none/~none/~none", "invalid adkim \"strict\" taken as r"},
    {"v=DMARC1; p=none; aspf=x", "none/~none/~none", "invalid aspf"},
    {"v=DMARC1; p=none; psd=y", "none/~none/~none psd=y", NULL},
    {"v=DMARC1; p=none; psd=N", "none/~none/~none psd=n", NULL},
    {"v=DMARC1; p=none; psd=u", "none/~none/~none", NULL},
    {"v=DMARC1; p=none; psd=yes", "none/~none/~none", "invalid psd"},
    {"v=DMARC1; p=none; t=y", "none/~none/~none t=y", NULL},
    {"v=DMARC1; p=none; t=Y", "none/~none/~none t=y", NULL},
    {"v=DMARC1; p=none; t=n", "none/~none/~none", NULL},
    {"v=DMARC1; p=none; t=1", "none/~none/~none", "invalid t \"1\" taken as n"},
    {"v=DMARC1; p=none; fo=1:d:s", "none/~none/~none fo=1:d:s", NULL},
    {"v=DMARC1; p=none; fo=D : S", "none/~none/~none fo=d:s", NULL},
    {"v=DMARC1; p=none; fo=1", "none/~none/~none fo=1", NULL},
    {"v=DMARC1; p=none; fo=0", "none/~none/~none", NULL},
    {"v=DMARC1; p=none; fo=0:1", "none/~none/~none", "invalid fo"},
    {"v=DMARC1; p=none; fo=d:d", "none/~none/~none", "invalid fo"},
    {"v=DMARC1; p=none; fo=1:", "none/~none/~none", "invalid fo"},
    {"v=DMARC1; p=none; fo=:1", "none/~none/~none", "invalid fo"},
    {"v=DMARC1; p=none; fo=1d", "none/~none/~none", "invalid fo"},
    {"v=DMARC1; p=none; fo=x", "none/~none/~none", "invalid fo"},
    /* unknown and historic tags are ignored without a word; broken ones with one */
    {"v=DMARC1; p=reject; pct=0; rf=iodef; ri=1", "reject/~reject/~reject", NULL},
    {"v=DMARC1; p=reject; pct=50x", "reject/~reject/~reject", NULL},
    {"v=DMARC1; x=y; p=reject; longunknown=1", "reject/~reject/~reject", NULL},
    {"v=DMARC1;; ; p=reject;;", "reject/~reject/~reject", NULL},
    {"v=DMARC1; p=reject; garbage", "reject/~reject/~reject", "no tag: \"garbage\" ignored"},
    {"v=DMARC1; =x; p=reject", "reject/~reject/~reject", "no tag"},
    {"v=DMARC1; a1=x; p=reject", "reject/~reject/~reject", "no tag"},
    {"v=DMARC1; p p=none; p=reject", "reject/~reject/~reject", "no tag"},
    {"v=DMARC1; p=reject; adkim=\xC3\xA9", "reject/~reject/~reject", "no tag"},
    {"v=DMARC1; p=reject; adkim=s\x01", "reject/~reject/~reject", "no tag"},
    {"v=DMARC1; p=reject; x=a=b=c; adkim=s", "reject/~reject/~reject adkim=s", NULL},
};

static const struct row uris[] = {
    {"v=DMARC1; p=none; rua=mailto:a@b.example", "none/~none/~none mailto:a@b.example", NULL},
    {"v=DMARC1; p=none; rua=MAILTO:a@B.example", "none/~none/~none MAILTO:a@B.example", NULL},
    {"v=DMARC1; p=none; rua=mailto:a@b.example!10m", "none/~none/~none mailto:a@b.example", NULL},
    {"v=DMARC1; p=none; rua=mailto:a@b.example!5", "none/~none/~none mailto:a@b.example", NULL},
    {"v=DMARC1; p=none; rua=mailto:a@b.example!10M , mailto:c@d.example",
     "none/~none/~none mailto:a@b.example mailto:c@d.example", NULL},
    {"v=DMARC1; p=none; rua=mailto:a@b.example!m", "none/~none/~none", "1 malformed URI in rua"},
    {"v=DMARC1; p=none; rua=mailto:a@b.example!10x", "none/~none/~none", "malformed"},
    {"v=DMARC1; p=none; rua=mailto:a!b@c.example", "none/~none/~none", "malformed"},
    {"v=DMARC1; p=none; rua=mailto:a%2Cb%21@c.example",
     "none/~none/~none mailto:a%2Cb%21@c.example", NULL},
    {"v=DMARC1; p=none; rua=mailto:a%2@c.example", "none/~none/~none", "malformed"},
    {"v=DMARC1; p=none; rua=mailto:a@c.example?subject=x",
     "none/~none/~none mailto:a@c.example?subject=x", NULL},
    {"v=DMARC1; p=none; rua=a@b.example", "none/~none/~none", "malformed"},
    {"v=DMARC1; p=none; rua=mailto:a", "none/~none/~none", "malformed"},
    {"v=DMARC1; p=none; rua=mailto:@b.example", "none/~none/~none", "malformed"},
    {"v=DMARC1; p=none; rua=mailto:a@b@c.example", "none/~none/~none", "malformed"},
    {"v=DMARC1; p=none; rua=mailto:a b@c.example", "none/~none/~none", "malformed"},
    {"v=DMARC1; p=none; rua=mailto://a@b.example", "none/~none/~none mailto://a@b.example", NULL},
    {"v=DMARC1; p=none; rua=mailto:a@b.example,,mailto:c@d.example",
     "none/~none/~none mailto:a@b.example mailto:c@d.example", "1 malformed"},
    {"v=DMARC1; p=none; rua=https://x.example/,mailto:c@d.example",
     "none/~none/~none mailto:c@d.example", NULL},
    {"v=DMARC1; p=none; rua=1x:y", "none/~none/~none", "malformed"},
    {"v=DMARC1; p=none; ruf=mailto:a@b.example!1g; rua=mailto:c@d.example",
     "none/~none/~none mailto:c@d.example ruf:mailto:a@b.example", NULL},
    {"v=DMARC1; p=none; ruf=bad", "none/~none/~none", "malformed URI in ruf"},
};

static void policy_record_reads_every_row(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof versions / sizeof *versions; i++)
		check(&versions[i]);
	for (size_t i = 0; i < sizeof requests / sizeof *requests; i++)
		check(&requests[i]);
	for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
		check(&tags[i]);
	for (size_t i = 0; i < sizeof uris / sizeof *uris; i++)
		check(&uris[i]);
}

static void policy_record_survives_zero_octets(void **state)
{
	static const char text[] = "v=DMARC1; p=reject; x=a\0; sp=none\0; np=quarantine";
	struct arena *arena = arena_new();
	const struct policy_record *record = policy_record_read(arena, text, sizeof text - 1);

	(void)state;
	assert_non_null(record);
	assert_true(record->has_p && !record->has_sp && record->has_np);
	assert_non_null(strstr(record->error, "no tag"));
	assert_null(policy_record_read(arena, "v=DMARC1\0; p=none", 17));
	arena_free(arena);
}

static void policy_record_is_bounded(void **state)
{
	static const char *const pieces[] = {
	    "; p=none", "; x", "; a=b", ";", "; rua=mailto:a@b.example", ",", "\\"};

	(void)state;
	for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
		struct arena *arena = arena_new();
		const struct policy_record *record;
		struct text text;

		text_begin(&text, arena, 65000);
		text_add(&text, "v=DMARC1; p=reject; rua=mailto:a@b.example");
		while (!text.cut)
			text_add(&text, pieces[i]);
		size_t before = arena_used(arena);

		record = policy_record_read(arena, text.bytes, text.length);
		assert_true(record->has_p && record->p == REQUEST_REJECT);
		assert_true(record->rua.count <= 1);
		assert_true(record->error == NULL || strlen(record->error) <= 500);
		assert_true(arena_used(arena) - before < 300000);
		arena_free(arena);
	}
}

static void policy_record_keeps_a_limited_number_of_uris(void **state)
{
	struct arena *arena = arena_new();
	const struct policy_record *record;
	struct text text;

	(void)state;
	text_begin(&text, arena, 65000);
	text_add(&text, "v=DMARC1; p=none; rua=mailto:a0@b.example");
	for (int i = 1; i < 100; i++)
		text_add_format(&text, ",mailto:a%d@b.example", i);
	record = policy_record_read(arena, text.bytes, text.length);
	assert_int_equal(record->rua.count, 32);
	assert_string_equal(record->rua.items[31], "mailto:a31@b.example");
	assert_non_null(strstr(record->error, "68 URI too many in rua"));
	assert_int_equal(strncmp(record->text, "v=DMARC1; p=none; rua=mailto:a0", 31), 0);
	arena_free(arena);
}

static void policy_record_says_where_the_first_fault_is(void **state)
{
	static const struct {
		const char *text, *at;
	} rows[] = {{"v=DMARC1; p=rejct; adkim=strict", "p=rejct; adkim=strict"},
	            {"v=DMARC1 ;p = none;  sp =\t= ; t=z", "sp =\t= ; t=z"},
	            {"v=DMARC1; p=none; frob ; t=z", "frob ; t=z"},
	            {"v=DMARC1; p=none;p=none", "p=none"},
	            {"v=DMARC1; p=none; rua=a@b.example", "rua=a@b.example"},
	            {"v=DMARC1; sp=none", ""}};
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct policy_record *record =
		    policy_record_read(arena, rows[i].text, strlen(rows[i].text));

		assert_non_null(record->error);
		assert_string_equal(rows[i].text + record->error_at, rows[i].at);
	}
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(policy_record_reads_every_row),
	    cmocka_unit_test(policy_record_survives_zero_octets),
	    cmocka_unit_test(policy_record_is_bounded),
	    cmocka_unit_test(policy_record_keeps_a_limited_number_of_uris),
	    cmocka_unit_test(policy_record_says_where_the_first_fault_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
