/*
 * spf_record_test.c - the grammar of SPF records: what is selected, what is sound, and where a
 * record is at fault.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "spf/spf_record.h"

struct row {
	const char *text;
	size_t length;
};

#define ROW(text)                                                                                  \
	{                                                                                          \
		text, sizeof text - 1                                                              \
	}

static const struct row sound[] = {
    ROW("v=spf1 ip4:192.0.2.1 -all"),
    ROW("v=spf1   +IP4:192.0.2.1/32   -ALL   "),
    ROW("v=spf1 all a mx ptr"),
    ROW("v=spf1 all a/0//0 mx:%{d}/32//128 a:x.example//0"),
    ROW("v=spf1 all x=%{d2r.+} y= z.-_=/:"),
    ROW("v=spf1 all exp=x.example Redirect=y.example"),
    ROW("v=spf1 all exists:%{D127R-.+,/_=}"),
    ROW("v=spf1 all a:%{h}.1-2.a-1"),
    ROW("v=spf1 all ip6:::ffff:192.0.2.1/0"),
    ROW("v=spf1"),
};

static const struct row broken[] = {
    ROW("v=spf1 all a:x.example/"),
    ROW("v=spf1 all a:x.example/33"),
    ROW("v=spf1 all a:x.example/032"),
    ROW("v=spf1 all a/24/64"),
    ROW("v=spf1 all a//64/24"),
    ROW("v=spf1 all a//129"),
    ROW("v=spf1 all a/4294967328"),
    ROW("v=spf1 all a:"),
    ROW("v=spf1 all mx:/24"),
    ROW("v=spf1 all ptr/24"),
    ROW("v=spf1 all ptr:"),
    ROW("v=spf1 all include"),
    ROW("v=spf1 all include:x.example/24"),
    ROW("v=spf1 all exists"),
    ROW("v=spf1 all exists:museum"),
    ROW("v=spf1 all a:192.0.2.1"),
    ROW("v=spf1 all a:x.example,"),
    ROW("v=spf1 all a:x.-a"),
    ROW("v=spf1 all a:%{d}."),
    ROW("v=spf1 all a:%{d0}.example"),
    ROW("v=spf1 all a:%{dr2}.example"),
    ROW("v=spf1 all a:%{d!}.example"),
    ROW("v=spf1 all a:%{}.example"),
    ROW("v=spf1 all a:%{d"),
    ROW("v=spf1 all a:%"),
    ROW("v=spf1 all a:%{c}"),
    ROW("v=spf1 all x=%{t}"),
    ROW("v=spf1 all x=%z"),
    ROW("v=spf1 all ip4:192.0.2"),
    ROW("v=spf1 all ip4:192.0.02.1"),
    ROW("v=spf1 all ip4:192.0.2.1/-1"),
    ROW("v=spf1 all ip4:192.0.2.1//32"),
    ROW("v=spf1 all ip4=192.0.2.1 redirect:x.example"),
    ROW("v=spf1 all ip6:192.0.2.1"),
    ROW("v=spf1 all ip6:fe80::1%eth0"),
    ROW("v=spf1 all ip4:192.0.2.1.111111111111111111111111111111111111111111111"),
    ROW("v=spf1 all allx"),
    ROW("v=spf1 all all:x"),
    ROW("v=spf1 all -"),
    ROW("v=spf1 all --all"),
    ROW("v=spf1 all -redirect=x.example"),
    ROW("v=spf1 all exp=x.example exp=y.example"),
    ROW("v=spf1 all redirect=x.example REDIRECT=y.example"),
    ROW("v=spf1 all redirect="),
    ROW("v=spf1 all 1x=y"),
    ROW("v=spf1 all\x09"
        "a"),
    ROW("v=spf1 all x=\x7F"
        ""),
    ROW("v=spf1 all x=\x00"
        ""),
    ROW("v=spf1 all a\x00"
        ""),
    ROW("v=spf1 all \x00"
        ""),
    ROW("v=spf1 all ip4:192.0.2.1\x00"
        ""),
    ROW("v=spf1 all a:%{\x00"
        "}"),
    ROW("v=spf1 all a:%{d\x00"
        "}"),
    ROW("v=spf1 all a:\xE4"
        ".example"),
};

static const struct row other[] = {
    ROW("v=spf1\x09"
        "all"),
    ROW("v=spf1.all"),
    ROW(" v=spf1 all"),
    ROW(""),
    ROW("v=spf"),
    ROW("v=spf1\0"),
    ROW("v=spf2.0/pra all"),
};

static size_t select_one(const struct row *row, const char **text, size_t *length)
{
	const struct record record = {.text = row->text, .text_length = row->length};
	const struct answer answer = {.status = LOOKUP_FOUND, .count = 1, .records = &record};

	return spf_record_select(&answer, text, length);
}

static void sound_records_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof sound / sizeof sound[0]; i++) {
		struct spf_record record;
		struct spf_fault fault;
		const char *text;
		size_t length;

		assert_int_equal(select_one(&sound[i], &text, &length), 1);
		if (!spf_record_read(text, length, &record, &fault))
			fail_msg("%s: %s", sound[i].text, fault.what);
	}
}

static void broken_records_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
		struct spf_record record;
		struct spf_fault fault;
		const char *text;
		size_t length;

		assert_int_equal(select_one(&broken[i], &text, &length), 1);
		if (spf_record_read(text, length, &record, &fault))
			fail_msg("%s is not refused", broken[i].text);
		assert_non_null(fault.what);
		assert_true(fault.term > text && fault.term + fault.length <= text + length);
		assert_true(fault.at >= fault.term && fault.at <= fault.term + fault.length);
	}
}

/* The second line has a caret below the octet at fault. */
static void faults_have_a_place(void **state)
{
	static const struct {
		const char *text, *caret;
	} rows[] = {
	    {"v=spf1 mx frob:x -all", "          ^"},
	    {"v=spf1 mx ?frob:x -all", "           ^"},
	    {"v=spf1 ip4:192.0.2.0/33", "                     ^"},
	    {"v=spf1 ip4:192.0.2 -all", "           ^"},
	    {"v=spf1 ip4 -all", "          ^"},
	    {"v=spf1 include -all", "              ^"},
	    {"v=spf1 include: -all", "               ^"},
	    {"v=spf1 a:%{i}.%{d!}.example", "              ^"},
	    {"v=spf1 a:x\tz.example", "          ^"},
	    {"v=spf1 a/33", "         ^"},
	    {"v=spf1 a;b -all", "        ^"},
	    {"v=spf1 exists:localhost", "              ^"},
	    {"v=spf1 allx all:x", "       ^"},
	    {"v=spf1 all:x", "          ^"},
	    {"v=spf1 exp=a.example exp=b.example", "                     ^"},
	    {"v=spf1 x=%z", "         ^"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const char *text = rows[i].text;
		struct spf_record record;
		struct spf_fault fault;

		assert_false(spf_record_read(text, strlen(text), &record, &fault));
		if ((size_t)(fault.at - text) != strlen(rows[i].caret) - 1)
			fail_msg("%s: at %zu", text, (size_t)(fault.at - text));
	}
}

static void other_texts_are_no_records(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof other / sizeof other[0]; i++) {
		const char *text;
		size_t length;

		assert_int_equal(select_one(&other[i], &text, &length), 0);
	}
}

static void terms_come_in_order_with_their_parts(void **state)
{
	static const char text[] =
	    "v=spf1 ~a:%{d}.x.example/24//64 ?ip6:2001:db8::/32  mx exp=e.example -all";
	struct spf_record record;
	struct spf_fault fault;
	struct spf_term term;
	const char *at;

	(void)state;
	assert_true(spf_record_read(text, strlen(text), &record, &fault));
	assert_true(record.has_all);
	assert_null(record.redirect.spec);
	assert_memory_equal(record.explanation.spec, "e.example", 9);
	at = record.terms;
	assert_true(spf_record_next(&at, record.end, &term, &fault));
	assert_int_equal(term.kind, SPF_TERM_A);
	assert_int_equal(term.qualifier, RESULT_SOFTFAIL);
	assert_int_equal(term.spec_length, strlen("%{d}.x.example"));
	assert_int_equal(term.bits4, 24);
	assert_int_equal(term.bits6, 64);
	assert_true(term.use.any && !term.use.validated_name && !term.use.local_part);
	assert_true(spf_record_next(&at, record.end, &term, &fault));
	assert_int_equal(term.kind, SPF_TERM_IP6);
	assert_int_equal(term.qualifier, RESULT_NEUTRAL);
	assert_int_equal(term.bits6, 32);
	assert_int_equal(term.address.family, ADDRESS_IPV6);
	assert_true(spf_record_next(&at, record.end, &term, &fault));
	assert_int_equal(term.kind, SPF_TERM_MX);
	assert_null(term.spec);
	assert_int_equal(term.bits4, 32);
	assert_int_equal(term.bits6, 128);
	assert_true(spf_record_next(&at, record.end, &term, &fault));
	assert_int_equal(term.kind, SPF_TERM_EXPLANATION);
	assert_true(spf_record_next(&at, record.end, &term, &fault));
	assert_int_equal(term.kind, SPF_TERM_ALL);
	assert_false(spf_record_next(&at, record.end, &term, &fault));
	assert_null(fault.what);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(sound_records_are_read),
	    cmocka_unit_test(broken_records_are_refused),
	    cmocka_unit_test(faults_have_a_place),
	    cmocka_unit_test(other_texts_are_no_records),
	    cmocka_unit_test(terms_come_in_order_with_their_parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
