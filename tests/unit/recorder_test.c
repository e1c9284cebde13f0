/*
 * recorder_test.c - rows from recorder_add() to the store: adding up, many at once, torn records.
 *
 * Whatever happens, an added row counts once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "recorder_fixture.h"
#include "rows/row_text.h"

enum {
	DAY = 24 * 60 * 60
};

/* What adding up means */

static void rows_that_are_equal_are_one(void **state)
{
	struct fixture *fixture = *state;
	struct recorder *recorder = recorder_fixture_open(fixture);
	struct report_row row = recorder_fixture_row("example.org", "192.0.2.1");

	for (int i = 0; i < 3; i++, row.received += 5)
		assert_true(recorder_add(recorder, &row));
	assert_true(recorder_flush(recorder, LONG_MS));
	assert_true(recorder_add(recorder, &row));
	assert_true(recorder_flush(recorder, LONG_MS));
	assert_int_equal(recorder_fixture_ask(fixture, "SELECT count(*) FROM rows"), 1);
	assert_int_equal(recorder_fixture_ask(fixture, "SELECT count FROM rows"), 4);
	assert_int_equal(
	    recorder_fixture_ask(fixture, "SELECT last_seen - first_seen FROM counted"), 15);
	recorder_close(recorder);
}

static void rows_that_differ_in_anything_are_several(void **state)
{
	struct fixture *fixture = *state;
	struct recorder *recorder = recorder_fixture_open(fixture);
	struct report_row row = recorder_fixture_row("example.org", "192.0.2.1");
	struct row_dkim dkim = {"example.org", "s2", "pass", ""};

	assert_true(recorder_add(recorder, &row));
	for (size_t i = 0; i < ROW_TEXT_ROW; i++) {
		struct report_row other = row;

		*(const char **)((char *)&other + row_text_row[i]) = "different";
		assert_true(recorder_add(recorder, &other));
	}
	row.dkim = &dkim;
	assert_true(recorder_add(recorder, &row));
	row.dkim_count = 0;
	assert_true(recorder_add(recorder, &row));
	row.received += DAY;
	assert_true(recorder_add(recorder, &row));
	recorder_close(recorder);
	assert_int_equal(recorder_fixture_ask(fixture, "SELECT count(*) FROM rows"),
	                 ROW_TEXT_ROW + 4);
	assert_int_equal(recorder_fixture_ask(fixture, "SELECT max(count) FROM rows"), 1);
	assert_int_equal(recorder_fixture_ask(fixture, "SELECT count(*) FROM reports"), 2);
	assert_int_equal(
	    recorder_fixture_ask(fixture,
	                         "SELECT count(*) FROM reports WHERE period_begin % 86400 <> 0"),
	    0);
	assert_int_equal(
	    recorder_fixture_ask(fixture, "SELECT count(*) FROM rows, json_each(rows.dkim) WHERE "
	                                  "json_extract(value, '$.selector') = 's2'"),
	    1);
}

/* Whatever changes in its record: the report tells the one of the newest message. */
static void a_domain_has_one_report_a_period(void **state)
{
	struct fixture *fixture = *state;
	struct recorder *recorder = recorder_fixture_open(fixture);
	struct report_row row = recorder_fixture_row("example.org", "192.0.2.1");

	assert_true(recorder_add(recorder, &row));
	for (size_t i = 0; i < ROW_TEXT_POLICY; i++) {
		struct report_row other = row;

		*(const char **)((char *)&other + row_text_policy[i]) = "different";
		other.received += (time_t)i;
		assert_true(recorder_add(recorder, &other));
		assert_true(i % 2 == 0 || recorder_flush(recorder, LONG_MS));
	}
	row.rua = "mailto:old@example.org";
	row.received -= 1;
	assert_true(recorder_add(recorder, &row));
	recorder_close(recorder);
	assert_int_equal(recorder_fixture_ask(fixture, "SELECT count(*) FROM reports"), 2);
	assert_int_equal(recorder_fixture_ask(
	                     fixture, "SELECT count FROM rows WHERE policy_domain = 'example.org'"),
	                 ROW_TEXT_POLICY + 1);
	assert_int_equal(recorder_fixture_ask(fixture,
	                                      "SELECT count(*) FROM reports WHERE policy_domain ="
	                                      " 'example.org' AND record_error = 'different'"
	                                      " AND rua = 'mailto:reports@example.org'"),
	                 1);
}

static void files_are_for_owner_and_group(void **state)
{
	struct fixture *fixture = *state;
	mode_t before = umask(0);
	struct recorder *recorder = recorder_fixture_open(fixture);
	struct stat status;
	char path[512];

	assert_true(recorder_flush(recorder, LONG_MS));
	assert_int_equal(stat(fixture->store, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0640);
	assert_int_equal(stat(fixture->journal, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0750);
	assert_int_equal(recorder_fixture_segments(fixture, path), 1);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0640);
	recorder_close(recorder);
	umask(before);
	assert_int_equal(recorder_fixture_segments(fixture, NULL), 0);
	assert_int_equal(recorder_fixture_ask(fixture, "PRAGMA user_version"), 8);
}

static void a_long_journal_is_cut_into_segments(void **state)
{
	enum {
		ROWS = 60000
	};
	struct fixture *fixture = *state;
	struct recorder *recorder = recorder_fixture_open(fixture);

	recorder_fixture_add(recorder, ROWS);
	assert_true(recorder_flush(recorder, LONG_MS));
	recorder_fixture_add(recorder, 1);
	assert_true(recorder_flush(recorder, LONG_MS));
	assert_int_equal(recorder_fixture_segments(fixture, NULL), 1);
	assert_int_equal(recorder_fixture_messages(fixture), ROWS + 1);
	recorder_close(recorder);
	assert_int_equal(recorder_fixture_ask(fixture, "SELECT count(*) FROM journals"), 0);
}

/* Many at once */

enum {
	THREADS = 4,
	EACH = 2500
};

static void *add_each(void *with)
{
	struct report_row row = recorder_fixture_row("example.org", "192.0.2.7");
	long added = 0;

	for (int i = 0; i < EACH; i++)
		added += recorder_add(with, &row);
	return (void *)added;
}

static void two_daemons_share_a_store(void **state)
{
	struct fixture *fixture = *state;
	struct recorder *recorders[2] = {recorder_fixture_open(fixture),
	                                 recorder_fixture_open(fixture)};
	pthread_t threads[THREADS];

	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, add_each, recorders[i % 2]), 0);
	for (int i = 0; i < THREADS; i++) {
		void *added;

		pthread_join(threads[i], &added);
		assert_int_equal((long)added, EACH);
	}
	for (int i = 0; i < 2; i++) {
		struct recorder_counts counts;

		assert_true(recorder_flush(recorders[i], LONG_MS));
		recorder_count(recorders[i], &counts);
		assert_int_equal(counts.added, THREADS / 2 * EACH);
		assert_int_equal(counts.stored, counts.added);
		assert_int_equal(counts.waiting, 0);
		assert_int_equal(counts.lost, 0);
	}
	recorder_close(recorders[0]);
	recorder_close(recorders[1]);
	assert_int_equal(recorder_fixture_messages(fixture), THREADS * EACH);
}

/* A record that was not written to its end */

/* A segment that a former process left, to be written. */
static FILE *segment_left(const struct fixture *fixture)
{
	char path[256];
	FILE *file;

	assert_int_equal(mkdir(fixture->journal, 0750), 0);
	snprintf(path, sizeof path, "%s/0000000001-left.rows", fixture->journal);
	file = fopen(path, "w");
	assert_non_null(file);
	return file;
}

static void torn_records_spoil_no_other(void **state)
{
	struct fixture *fixture = *state;
	struct arena *arena = arena_new();
	struct report_row row = recorder_fixture_row("example.org", "192.0.2.1");
	size_t length;
	const char *record = row_text_write(&row, arena, &length);
	struct recorder *recorder;
	char path[256];
	FILE *file;

	file = segment_left(fixture);
	for (size_t cut = 1; cut < length; cut++) {
		fwrite(record, 1, cut, file); /* "\n" alone is nothing at all */
		fwrite(record, 1, length, file);
	}
	fwrite("\n\n\0\0\0", 1, 5, file);
	fwrite(record, 1, length, file);
	fwrite(record, 1, length - 1, file);
	fclose(file);
	recorder = recorder_fixture_open(fixture);
	recorder_close(recorder);
	assert_int_equal(recorder_fixture_messages(fixture), length);
	assert_int_equal(recorder_fixture_segments(fixture, NULL), 0);
	snprintf(path, sizeof path, "%zu torn records", length - 2 + 2);
	assert_int_equal(recorder_fixture_said(path), 1);
	arena_free(arena);
}

static void a_segment_without_any_line_is_passed_over(void **state)
{
	struct fixture *fixture = *state;
	struct recorder *recorder;
	FILE *file;

	file = segment_left(fixture);
	for (int i = 0; i < 10 * 1024 * 1024; i++)
		putc('x', file);
	fclose(file);
	recorder = recorder_fixture_open(fixture);
	recorder_fixture_add(recorder, 1);
	assert_true(recorder_flush(recorder, LONG_MS));
	recorder_close(recorder);
	assert_int_equal(recorder_fixture_messages(fixture), 1);
	assert_int_equal(recorder_fixture_segments(fixture, NULL), 0);
}

#define TEST(name)                                                                                 \
	cmocka_unit_test_setup_teardown(name, recorder_fixture_set_up, recorder_fixture_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(rows_that_are_equal_are_one),
	    TEST(rows_that_differ_in_anything_are_several),
	    TEST(a_domain_has_one_report_a_period),
	    TEST(files_are_for_owner_and_group),
	    TEST(a_long_journal_is_cut_into_segments),
	    TEST(two_daemons_share_a_store),
	    TEST(torn_records_spoil_no_other),
	    TEST(a_segment_without_any_line_is_passed_over),
	};

	return cmocka_run_group_tests_name("recorder", tests, NULL, NULL);
}
