/*
 * store_query_test.c - what `assay report` asks the store, while the recorder is at work on it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "recorder_fixture.h"
#include "store/store_query.h"

enum {
	DAY = 24 * 60 * 60
};

static const struct store_query_range always = {0, (time_t)LONG_MAX};

/* What the callbacks were given, a line each. */
struct notes {
	int lines;
	char text[4096];
};

static void note_line(struct notes *notes, const char *text)
{
	size_t length = strlen(notes->text);

	snprintf(notes->text + length, sizeof notes->text - length, "%s\n", text);
	notes->lines++;
}

static void note_period(const struct store_query_period *period, void *notes)
{
	char text[512];

	snprintf(text, sizeof text, "%ld +%ld %s %s %lu %lu %lu", (long)period->begin,
	         (long)(period->end - period->begin), period->policy_domain, period->p,
	         period->messages, period->passed, period->sources);
	note_line(notes, text);
}

static void note_sender(const struct store_query_sender *sender, void *notes)
{
	char text[1024];

	snprintf(text, sizeof text, "%lu %s %s %s %s|%s", sender->messages, sender->source,
	         sender->header_from, sender->dmarc, sender->dkim_words, sender->dkim);
	note_line(notes, text);
}

static void add(struct recorder *recorder, struct report_row row, int count)
{
	while (count-- > 0)
		assert_true(recorder_add(recorder, &row));
}

/* Two days. */
static struct recorder *fill(struct fixture *fixture)
{
	static const struct row_dkim two[] = {{"example.org", "s1", "fail", "changed"},
	                                      {"esp.example", "k", "pass", ""}};
	struct recorder *recorder = recorder_fixture_open(fixture);
	struct report_row row = recorder_fixture_row("example.org", "192.0.2.1");

	add(recorder, row, 3);
	row.received += DAY;
	add(recorder, row, 4);
	row.source = "2001:db8::1";
	row.header_from = "sub.example.org";
	row.dmarc = "fail";
	row.dkim_aligned = "fail";
	row.dkim = two;
	row.dkim_count = 2;
	add(recorder, row, 5);
	row.action = "tempfail";
	add(recorder, row, 100);
	row.action = "accept";
	row.header_from = "notexample.org";
	row.policy_domain = "notexample.org";
	add(recorder, row, 2);
	row.header_from = "plain.example";
	row.policy_domain = row.p = row.sp = row.np = "";
	row.dkim_count = 0;
	add(recorder, row, 1);
	assert_true(recorder_flush(recorder, LONG_MS));
	return recorder;
}

static void periods_are_listed(void **state)
{
	struct fixture *fixture = *state;
	struct recorder *recorder = fill(fixture);
	struct store_query *query = store_query_open(fixture->store, &fixture->problem);
	struct notes notes = {0};

	assert_non_null(query);
	assert_true(store_query_periods(query, &always, note_period, &notes, &fixture->problem));
	assert_string_equal(notes.text, "1800057600 +86400 example.org reject 9 4 2\n"
	                                "1800057600 +86400 notexample.org reject 2 0 1\n"
	                                "1800057600 +86400   1 0 1\n"
	                                "1799971200 +86400 example.org reject 3 3 1\n");
	notes = (struct notes){0};
	assert_true(store_query_periods(query, &(struct store_query_range){0, 1800057600},
	                                note_period, &notes, &fixture->problem));
	assert_int_equal(notes.lines, 1);
	store_query_close(query);
	recorder_close(recorder);
}

static void senders_of_a_domain_are_shown(void **state)
{
	static const char *const expected =
	    "7 192.0.2.1 example.org pass pass example.org/s1|"
	    "[{\"domain\":\"example.org\",\"selector\":\"s1\",\"result\":\"pass\",\"reason\":\"\"}]"
	    "\n"
	    "5 2001:db8::1 sub.example.org fail fail example.org/s1, pass esp.example/k|"
	    "[{\"domain\":\"example.org\",\"selector\":\"s1\",\"result\":\"fail\",\"reason\":"
	    "\"changed\"},"
	    "{\"domain\":\"esp.example\",\"selector\":\"k\",\"result\":\"pass\",\"reason\":\"\"}]"
	    "\n";
	struct fixture *fixture = *state;
	struct recorder *recorder = fill(fixture);
	struct store_query *query = store_query_open(fixture->store, &fixture->problem);
	struct store_query_total total;
	struct notes notes = {0};

	assert_non_null(query);
	assert_true(store_query_senders(query, "example.org", &always, 100, note_sender, &notes,
	                                &fixture->problem));
	assert_string_equal(notes.text, expected);
	assert_true(store_query_totals(query, "example.org", &always, &total, &fixture->problem));
	assert_int_equal(total.messages, 12);
	assert_int_equal(total.passed, 7);
	assert_int_equal(total.sources, 2);
	assert_int_equal(total.rows, 2);
	notes = (struct notes){0};
	assert_true(store_query_senders(query, "example.org", &always, 1, note_sender, &notes,
	                                &fixture->problem));
	assert_int_equal(notes.lines, 1);
	store_query_close(query);
	recorder_close(recorder);
}

static void domains_above_and_below_and_without_policy(void **state)
{
	static const struct {
		const char *domain;
		unsigned long messages;
	} rows[] = {{"sub.example.org", 5},
	            {"org", 14},
	            {"plain.example", 1},
	            {"other.example", 0},
	            {"ple.org", 0}};
	struct fixture *fixture = *state;
	struct recorder *recorder = fill(fixture);
	struct store_query *query = store_query_open(fixture->store, &fixture->problem);

	assert_non_null(query);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct store_query_total total;

		assert_true(
		    store_query_totals(query, rows[i].domain, &always, &total, &fixture->problem));
		assert_int_equal(total.messages, rows[i].messages);
	}
	store_query_close(query);
	recorder_close(recorder);
}

static void note_sealer(const struct store_query_sealer *sealer, void *notes)
{
	char text[512];

	snprintf(text, sizeof text, "%s %lu %lu %lu %lu", sealer->domain, sealer->messages,
	         sealer->restored, sealer->would_restore, sealer->authors);
	note_line(notes, text);
}

static void add_sealed(struct recorder *recorder, const char *sealer, const char *outcome,
                       int count)
{
	struct report_row row = recorder_fixture_row("example.org", "192.0.2.1");

	row.received += DAY;
	row.dmarc = "fail";
	row.sealer = sealer;
	row.sealer_outcome = outcome;
	add(recorder, row, count);
	row.action = "tempfail";
	add(recorder, row, 100);
}

static void sealers_are_listed(void **state)
{
	struct fixture *fixture = *state;
	struct recorder *recorder = fill(fixture);
	struct store_query *query;
	struct notes notes = {0};

	add_sealed(recorder, "one.example", "nothing", 50);
	add_sealed(recorder, "two.example", "would restore", 3);
	add_sealed(recorder, "two.example", "nothing", 2);
	add_sealed(recorder, "three.example", "restored", 4);
	assert_true(recorder_flush(recorder, LONG_MS));
	query = store_query_open(fixture->store, &fixture->problem);
	assert_true(
	    store_query_sealers(query, &always, 100, note_sealer, &notes, &fixture->problem));
	assert_string_equal(notes.text, "three.example 4 4 0 1\ntwo.example 5 0 3 1\n"
	                                "one.example 50 0 0 1\n");
	notes = (struct notes){0};
	assert_true(store_query_sealers(query, &always, 1, note_sealer, &notes, &fixture->problem));
	assert_int_equal(notes.lines, 1);
	notes = (struct notes){0};
	assert_true(store_query_sealers(query, &(struct store_query_range){0, 1800057600}, 100,
	                                note_sealer, &notes, &fixture->problem));
	assert_int_equal(notes.lines, 0);
	store_query_close(query);
	recorder_close(recorder);
}

static void a_store_that_is_not_there_is_a_problem(void **state)
{
	struct fixture *fixture = *state;

	assert_null(store_query_open(fixture->store, &fixture->problem));
	assert_non_null(strstr(fixture->problem.message, fixture->store));
	fclose(fopen(fixture->store, "w"));
	assert_null(store_query_open(fixture->store, &fixture->problem));
	assert_non_null(strstr(fixture->problem.message, "still empty"));
}

#define TEST(name)                                                                                 \
	cmocka_unit_test_setup_teardown(name, recorder_fixture_set_up, recorder_fixture_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(periods_are_listed),
	    TEST(senders_of_a_domain_are_shown),
	    TEST(domains_above_and_below_and_without_policy),
	    TEST(sealers_are_listed),
	    TEST(a_store_that_is_not_there_is_a_problem),
	};

	return cmocka_run_group_tests_name("store query", tests, NULL, NULL);
}
