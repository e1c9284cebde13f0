/*
 * store_outbox_test.c - what the store knows about sending: taking, marking, aging out; while a
 * recorder adds rows.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "recorder_fixture.h"
#include "store/retention.h"
#include "store/store_outbox.h"
#include "store/store_query.h"
#include "store/store_rows.h"

enum {
	DAY = 24 * 60 * 60,
	BEGIN = 1799971200, /* of the day of recorder_fixture_row() */
	END = BEGIN + DAY
};

static struct store *open_outbox(struct fixture *fixture)
{
	struct store *store = NULL;

	if (store_outbox_open(fixture->store, &store, &fixture->problem) != STORE_DONE)
		fail_msg("%s", fixture->problem.message);
	return store;
}

static void add(struct recorder *recorder, struct report_row row, int count)
{
	while (count-- > 0)
		assert_true(recorder_add(recorder, &row));
	assert_true(recorder_flush(recorder, LONG_MS));
}

static size_t due(struct fixture *fixture, struct store *store, time_t now, struct arena *arena,
                  const int64_t **numbers)
{
	size_t count;

	const struct outbox_times times = {.now = now, .ended = now, .next_latest = now + DAY};

	assert_true(store_outbox_due(store, &times, arena, &count, numbers, &fixture->problem));
	return count;
}

static struct outbox_report take(struct fixture *fixture, struct store *store, int64_t number,
                                 struct arena *arena)
{
	struct outbox_report report;

	assert_true(store_outbox_read(store, number, arena, &report, &fixture->problem));
	assert_int_equal(report.state, OUTBOX_OPEN);
	report.report_id = "id";
	report.file_name = "a!b!1!2.xml.gz";
	report.taken = END;
	report.deliveries = arena_allocate(arena, 2 * sizeof *report.deliveries);
	report.delivery_count = 2;
	for (int i = 0; i < 2; i++)
		report.deliveries[i] =
		    (struct outbox_delivery){.uri = i == 0 ? "mailto:a@b" : "mailto:c@d",
		                             .addresses = "",
		                             .changed = END,
		                             .next_attempt = END,
		                             .text = ""};
	assert_true(store_outbox_take(store, &report, &fixture->problem));
	return report;
}

static bool sum_up(const struct report_row *row, unsigned long count, void *with)
{
	unsigned long *sums = with;

	assert_string_equal(row->spf_domain, "bounce.example.net");
	assert_int_equal(row->dkim_count, 1);
	assert_string_equal(row->dkim[0].selector, "s1");
	sums[0]++;
	sums[1] += count;
	return true;
}

static void expect_rows(struct fixture *fixture, struct store *store, int64_t number,
                        unsigned long rows, unsigned long messages)
{
	unsigned long sums[2] = {0, 0};

	assert_true(
	    store_rows_each(store, number, ROW_WHOLE, NULL, sum_up, sums, &fixture->problem));
	assert_int_equal(sums[0], rows);
	assert_int_equal(sums[1], messages);
}

/* A recorder that writes, and the store for sending beside it. */
struct bench {
	struct fixture *fixture;
	struct recorder *recorder;
	struct arena *arena;
	struct store *store;
};

static struct bench begin(struct fixture *fixture)
{
	return (struct bench){
	    .fixture = fixture, .recorder = recorder_fixture_open(fixture), .arena = arena_new()};
}

static void finish(struct bench *bench)
{
	store_close(bench->store);
	recorder_close(bench->recorder);
	arena_free(bench->arena);
}

static void rows_that_come_late_begin_another_report(void **state)
{
	struct bench bench = begin(*state);
	struct report_row row = recorder_fixture_row("example.org", "192.0.2.1");
	const int64_t *numbers;

	add(bench.recorder, row, 3);
	bench.store = open_outbox(bench.fixture);
	assert_int_equal(due(bench.fixture, bench.store, END - 1, bench.arena, &numbers), 0);
	assert_int_equal(due(bench.fixture, bench.store, END, bench.arena, &numbers), 1);
	take(bench.fixture, bench.store, numbers[0], bench.arena);
	add(bench.recorder, row, 2);
	row.source = "192.0.2.2";
	add(bench.recorder, row, 5);
	expect_rows(bench.fixture, bench.store, numbers[0], 1, 3);
	assert_int_equal(due(bench.fixture, bench.store, END, bench.arena, &numbers), 2);
	expect_rows(bench.fixture, bench.store, numbers[1], 2, 7);
	assert_int_equal(recorder_fixture_messages(bench.fixture), 10);
	finish(&bench);
}

static void rows_that_say_the_same_are_one_record(void **state)
{
	struct bench bench = begin(*state);
	struct report_row row = recorder_fixture_row("example.org", "192.0.2.1");
	const int64_t *numbers;

	add(bench.recorder, row, 1);
	row.dmarc = "permerror"; /* not in a report */
	add(bench.recorder, row, 2);
	row.action = "tempfail"; /* came again */
	add(bench.recorder, row, 4);
	row.action = "accept";
	row.source = ""; /* no place for it */
	add(bench.recorder, row, 8);
	bench.store = open_outbox(bench.fixture);
	assert_int_equal(due(bench.fixture, bench.store, END, bench.arena, &numbers), 1);
	expect_rows(bench.fixture, bench.store, numbers[0], 1, 3);
	finish(&bench);
}

static void no_report_to_domains_that_did_not_ask(void **state)
{
	struct bench bench = begin(*state);
	struct report_row row = recorder_fixture_row("example.org", "192.0.2.1");
	const int64_t *numbers;

	row.rua = "";
	add(bench.recorder, row, 1);
	row.policy_domain = "";
	row.rua = "mailto:a@b";
	add(bench.recorder, row, 1);
	bench.store = open_outbox(bench.fixture);
	assert_int_equal(due(bench.fixture, bench.store, END + DAY, bench.arena, &numbers), 0);
	finish(&bench);
}

static void marks_are_kept(void **state)
{
	struct fixture *fixture = *state;
	struct recorder *recorder = recorder_fixture_open(fixture);
	struct arena *arena = arena_new();
	struct outbox_report report;
	const int64_t *numbers;
	unsigned char *bytes;
	struct store *store;
	size_t length;

	recorder_fixture_add(recorder, 1);
	recorder_close(recorder);
	store = open_outbox(fixture);
	assert_int_equal(due(fixture, store, END, arena, &numbers), 1);
	report = take(fixture, store, numbers[0], arena);
	assert_true(store_outbox_content(store, report.number, &bytes, &length, &fixture->problem));
	assert_null(bytes);
	assert_true(store_outbox_keep(store, report.number, (const unsigned char *)"one\0two", 7,
	                              &fixture->problem));
	/* what was built once stays */
	assert_true(store_outbox_keep(store, report.number, (const unsigned char *)"other", 5,
	                              &fixture->problem));
	report.deliveries[0].state = OUTBOX_HANDING;
	report.deliveries[0].addresses = "a@b";
	report.deliveries[0].attempts = 3;
	report.deliveries[0].next_attempt = END + 100;
	report.deliveries[0].text = "it's late";
	report.deliveries[1].state = OUTBOX_SENT;
	assert_true(store_outbox_mark(store, &report.deliveries[0], &fixture->problem));
	assert_true(store_outbox_mark(store, &report.deliveries[1], &fixture->problem));
	store_close(store);

	store = open_outbox(fixture);
	assert_int_equal(due(fixture, store, END + 99, arena, &numbers), 0);
	assert_int_equal(due(fixture, store, END + 100, arena, &numbers), 1);
	assert_true(store_outbox_read(store, numbers[0], arena, &report, &fixture->problem));
	assert_int_equal(report.state, OUTBOX_TAKEN);
	assert_string_equal(report.report_id, "id");
	assert_string_equal(report.file_name, "a!b!1!2.xml.gz");
	assert_string_equal(report.policy->policy_domain, "example.org");
	assert_int_equal(report.delivery_count, 2);
	assert_int_equal(report.deliveries[0].state, OUTBOX_HANDING);
	assert_string_equal(report.deliveries[0].addresses, "a@b");
	assert_int_equal(report.deliveries[0].attempts, 3);
	assert_string_equal(report.deliveries[0].text, "it's late");
	assert_int_equal(report.deliveries[1].state, OUTBOX_SENT);
	assert_true(store_outbox_content(store, report.number, &bytes, &length, &fixture->problem));
	assert_int_equal(length, 7);
	assert_memory_equal(bytes, "one\0two", 7);
	free(bytes);
	/* all sent, but nobody has noted it: still due */
	report.deliveries[0].state = OUTBOX_SENT;
	assert_true(store_outbox_mark(store, &report.deliveries[0], &fixture->problem));
	assert_int_equal(due(fixture, store, END, arena, &numbers), 1);
	assert_true(store_outbox_finish(store, report.number, OUTBOX_DONE, "", &fixture->problem));
	assert_int_equal(due(fixture, store, END + DAY, arena, &numbers), 0);
	assert_true(store_outbox_content(store, report.number, &bytes, &length, &fixture->problem));
	assert_null(bytes);
	store_close(store);
	arena_free(arena);
}

static void one_sends_at_a_time(void **state)
{
	struct fixture *fixture = *state;
	struct store *one, *other = NULL;

	assert_int_equal(store_outbox_open(fixture->store, &one, &fixture->problem), STORE_BROKEN);
	assert_non_null(strstr(fixture->problem.message, "there is no report store"));
	recorder_close(recorder_fixture_open(fixture));
	one = open_outbox(fixture);
	assert_int_equal(store_outbox_open(fixture->store, &other, &fixture->problem),
	                 STORE_LOCKED);
	assert_null(other);
	store_close(one);
	store_close(open_outbox(fixture));
}

/* As version 1 left it. */
static const char to_version_1[] = RECORDER_FIXTURE_TO_VERSION_5
    "DROP INDEX counted_by_network; ALTER TABLE counted DROP COLUMN network;"
    " ALTER TABLE reports DROP COLUMN policy_seen;ALTER TABLE reports "
    "DROP COLUMN passed_rows; ALTER TABLE reports DROP COLUMN failed_rows;ALTER TABLE reports DROP "
    "COLUMN folded;DROP TABLE clock; DROP TABLE files; DROP TABLE deliveries; DROP INDEX "
    "reports_unfinished;ALTER TABLE reports DROP COLUMN state; ALTER TABLE reports DROP COLUMN "
    "taken;ALTER TABLE reports DROP COLUMN report_id; ALTER TABLE reports DROP COLUMN "
    "file_name;ALTER TABLE reports DROP COLUMN words; PRAGMA user_version = 1";

static void an_older_store_is_brought_up_to_date(void **state)
{
	struct fixture *fixture = *state;
	struct recorder *recorder = recorder_fixture_open(fixture);
	struct arena *arena = arena_new();
	const int64_t *numbers;
	struct store *store;

	recorder_fixture_add(recorder, 7);
	recorder_close(recorder);
	recorder_fixture_tell(fixture, to_version_1);
	assert_null(store_query_open(fixture->store, &fixture->problem));
	assert_non_null(strstr(fixture->problem.message, "earlier version"));
	store = open_outbox(fixture);
	assert_int_equal(due(fixture, store, END, arena, &numbers), 1);
	expect_rows(fixture, store, numbers[0], 1, 7);
	take(fixture, store, numbers[0], arena);
	store_close(store);
	/* and the recorder goes on with it */
	recorder = recorder_fixture_open(fixture);
	recorder_fixture_add(recorder, 2);
	recorder_close(recorder);
	assert_int_equal(recorder_fixture_messages(fixture), 9);
	assert_int_equal(recorder_fixture_ask(fixture, "SELECT count(*) FROM reports"), 2);
	arena_free(arena);
}

/* Reports of names NAMEn.SUFFIX with ids after `first`, made like the one that is there. */
struct many {
	int first, count, messages;
	const char *name, *suffix, *rua, *dmarc;
};

static const char many_reports[] =
    "CREATE TEMP TABLE named AS WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n "
    "WHERE n < %d) SELECT %d + n AS number, '%s' || n || '.%s' AS name FROM n;INSERT INTO reports"
    " (id, identity, period_begin, period_end, policy_domain, p, sp, np, adkim, aspf, fo, "
    "testing, psd, discovery, rua, record_error) SELECT number, randomblob(16), period_begin, "
    "period_end, name, p, sp, np, adkim, aspf, fo, testing, psd, discovery, '%s', record_error "
    "FROM named, reports WHERE reports.id = 1; INSERT INTO counted (report, identity, count, "
    "first_seen, last_seen, source, disposition, dkim_aligned, spf_aligned, override_type, "
    "override_comment, action, dmarc, header_from, envelope_from, envelope_to, spf_domain, "
    "spf_scope, spf_result, spf_reason, dkim) SELECT number, randomblob(16), %d, first_seen, "
    "last_seen, source, disposition, dkim_aligned, spf_aligned, override_type, override_comment, "
    "action, '%s', header_from, envelope_from, envelope_to, spf_domain, spf_scope, spf_result, "
    "spf_reason, dkim FROM named, counted WHERE report = 1";

static void add_many(const struct fixture *fixture, const struct many *many)
{
	char text[4096];

	snprintf(text, sizeof text, many_reports, many->count, many->first, many->name,
	         many->suffix, many->rua, many->messages, many->dmarc);
	recorder_fixture_tell(fixture, text);
}

/* How many reports are due: in all, and of those after `first`. */
static void expect_due(struct fixture *fixture, int first, size_t all, size_t after)
{
	struct store *store = open_outbox(fixture);
	struct arena *arena = arena_new();
	const int64_t *numbers;
	size_t count = due(fixture, store, END, arena, &numbers), found = 0;

	for (size_t i = 0; i < count; i++)
		found += numbers[i] > first;
	assert_int_equal(count, all);
	assert_int_equal(found, after);
	arena_free(arena);
	store_close(store);
}

static void start_with_one_report(struct fixture *fixture)
{
	struct recorder *recorder = recorder_fixture_open(fixture);

	recorder_fixture_tell(fixture, "DELETE FROM counted; DELETE FROM reports");
	recorder_fixture_add(recorder, 1);
	recorder_close(recorder);
	recorder_fixture_tell(fixture, "UPDATE counted SET report = 1; UPDATE reports SET id = 1");
}

/* Whatever a stranger has below his own label, and however many of his messages pass. */
static void neighbours_crowd_out_nobodys_first_report(void **state)
{
	static const char *const suffixes[] = {"govt.nz", "eu.org", "gouv.fr", "k12.ca.us"};
	struct fixture *fixture = *state;

	recorder_close(recorder_fixture_open(fixture));
	for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
		char evil[32];
		struct many theirs = {1, 600, 9, "x", evil, "mailto:d@evil.example", "pass"};
		struct many good = {1000, 60, 1, "agency", suffixes[i], "mailto:d@x", "pass"};

		snprintf(evil, sizeof evil, "evil.%s", suffixes[i]);
		start_with_one_report(fixture);
		add_many(fixture, &theirs);
		add_many(fixture, &good);
		expect_due(fixture, 1000, 1 + 500, 60);
		/* and where nothing passed and all go to the same addresses */
		theirs.dmarc = good.dmarc = "fail";
		theirs.rua = good.rua;
		good.count = 40;
		start_with_one_report(fixture);
		add_many(fixture, &theirs);
		add_many(fixture, &good);
		expect_due(fixture, 1000, 1 + 50, 40);
	}
}

static void organizations_below_a_registry_take_turns(void **state)
{
	struct fixture *fixture = *state;

	recorder_close(recorder_fixture_open(fixture));
	start_with_one_report(fixture);
	add_many(fixture, &(struct many){1, 600, 9, "x", "evil.co.uk", "mailto:d@x", "pass"});
	add_many(fixture, &(struct many){1000, 9900, 1, "good", "co.uk", "mailto:d@x", "pass"});
	expect_due(fixture, 1000, 1 + 10000, 9900);
}

static void the_same_store_counts_days_and_hours_apart(void **state)
{
	struct fixture *fixture = *state;
	static const long hours[] = {24, 6, 1, 24};
	struct report_row row = recorder_fixture_row("example.org", "192.0.2.1");

	for (size_t i = 0; i < sizeof hours / sizeof hours[0]; i++) {
		struct recorder *recorder;

		fixture->settings.period_hours = hours[i];
		recorder = recorder_fixture_open(fixture);
		row.received = BEGIN;
		add(recorder, row, 1);
		row.received = BEGIN + 7 * 3600;
		add(recorder, row, 1);
		recorder_close(recorder);
	}
	assert_int_equal(recorder_fixture_ask(fixture, "SELECT count(*) FROM reports"), 5);
	assert_int_equal(
	    recorder_fixture_ask(fixture, "SELECT sum(count) FROM rows WHERE day = '2027-01-15'"),
	    8);
	assert_int_equal(recorder_fixture_ask(
	                     fixture,
	                     "SELECT sum(count) FROM counted JOIN reports ON reports.id = report"
	                     " WHERE period_end - period_begin = 86400"),
	                 4);
	assert_int_equal(recorder_fixture_ask(
	                     fixture,
	                     "SELECT count(*) FROM reports WHERE period_end - period_begin = 21600"
	                     " AND period_begin % 21600 = 0"),
	                 2);
	fixture->settings.period_hours = 0;
}

static void old_rows_age_out(void **state)
{
	struct fixture *fixture = *state;
	struct recorder *recorder = recorder_fixture_open(fixture);
	struct report_row row = recorder_fixture_row("example.org", "192.0.2.1");
	struct arena *arena = arena_new();
	struct retention_size size, after;
	unsigned long deleted;
	const int64_t *numbers;
	struct store *store;
	char source[32];

	for (int i = 0; i < 30000; i++) {
		snprintf(source, sizeof source, "10.0.%d.%d", i >> 8, i & 255);
		row.source = source;
		while (!recorder_add(recorder, &row))
			assert_true(recorder_flush(recorder, LONG_MS));
	}
	row.received += 10 * DAY;
	add(recorder, row, 4);
	store = open_outbox(fixture);
	assert_int_equal(due(fixture, store, END, arena, &numbers), 1);
	take(fixture, store, numbers[0], arena);
	assert_true(
	    store_outbox_keep(store, numbers[0], (const unsigned char *)"x", 1, &fixture->problem));
	assert_true(retention_measure(store, &size, &fixture->problem));
	assert_int_equal(size.rows, 30001);
	assert_int_equal(size.oldest, BEGIN);
	assert_true(retention_expire(store, END, &deleted, &fixture->problem));
	assert_int_equal(deleted, 0);
	assert_true(retention_expire(store, END + 1, &deleted, &fixture->problem));
	assert_int_equal(deleted, 30000);
	assert_true(retention_measure(store, &after, &fixture->problem));
	assert_int_equal(after.rows, 1);
	assert_int_equal(after.reports, 1);
	assert_int_equal(after.unused > size.octets / 2 && after.octets > (16 << 20), 0);
	add(recorder, row, 1);
	store_close(store);
	recorder_close(recorder);
	assert_int_equal(recorder_fixture_messages(fixture), 5);
	assert_int_equal(recorder_fixture_ask(fixture, "SELECT (SELECT count(*) FROM deliveries) +"
	                                               " (SELECT count(*) FROM files)"),
	                 0);
	arena_free(arena);
}

#define TEST(name)                                                                                 \
	cmocka_unit_test_setup_teardown(name, recorder_fixture_set_up, recorder_fixture_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(rows_that_come_late_begin_another_report),
	    TEST(rows_that_say_the_same_are_one_record),
	    TEST(no_report_to_domains_that_did_not_ask),
	    TEST(marks_are_kept),
	    TEST(one_sends_at_a_time),
	    TEST(an_older_store_is_brought_up_to_date),
	    TEST(neighbours_crowd_out_nobodys_first_report),
	    TEST(organizations_below_a_registry_take_turns),
	    TEST(the_same_store_counts_days_and_hours_apart),
	    TEST(old_rows_age_out),
	};

	return cmocka_run_group_tests_name("store outbox", tests, NULL, NULL);
}
