/*
 * store_count_test.c - what senders can add to the store has a ceiling, and no message is lost by
 * it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "recorder_fixture.h"
#include "rows/row_fold.h"
#include "rows/row_text.h"
#include "store/store_outbox.h"
#include "store/store_rows.h"

enum {
	LIST_MESSAGES = 10000,
	LIST_ORIGINS = 1000,
	MESSAGES = 2000,
	OF_SOURCE = 220 /* rows: 100 whole ones, 100 with less, and those folded to the source */
};

static void add(struct recorder *recorder, const struct report_row *row)
{
	while (!recorder_add(recorder, row))
		assert_true(recorder_flush(recorder, LONG_MS));
}

static struct report_row forged(void)
{
	struct report_row row = recorder_fixture_row("example.org", "192.0.2.66");

	row.dkim_aligned = row.spf_aligned = row.dmarc = "fail";
	row.disposition = row.action = "reject";
	row.dkim_count = 0;
	return row;
}

/* What a sender can choose, one thing each. */
static const size_t chosen[] = {offsetof(struct report_row, envelope_from),
                                offsetof(struct report_row, spf_domain),
                                offsetof(struct report_row, header_from),
                                offsetof(struct report_row, envelope_to),
                                offsetof(struct report_row, override_comment),
                                offsetof(struct report_row, spf_reason),
                                offsetof(struct report_row, sealer)};

static const size_t chosen_of_dkim[] = {offsetof(struct row_dkim, domain),
                                        offsetof(struct row_dkim, selector),
                                        offsetof(struct row_dkim, reason)};

static void flood(struct recorder *recorder, size_t offset)
{
	struct report_row row = forged();
	char value[64];

	*(const char **)((char *)&row + offset) = value;
	for (int i = 0; i < MESSAGES; i++) {
		snprintf(value, sizeof value, "x%d.example.org", i);
		add(recorder, &row);
	}
}

static void flood_dkim(struct recorder *recorder, size_t offset)
{
	struct row_dkim dkim = {"example.org", "s", "fail", ""};
	struct report_row row = forged();
	char value[64];

	*(const char **)((char *)&dkim + offset) = value;
	row.dkim = &dkim;
	row.dkim_count = 1;
	for (int i = 0; i < MESSAGES; i++) {
		snprintf(value, sizeof value, "x%d.example.org", i);
		add(recorder, &row);
	}
}

static void expect_ceiling(struct fixture *fixture, long messages)
{
	long rows =
	    recorder_fixture_ask(fixture, "SELECT count(*) FROM counted WHERE source = '192.0.2.66'"
	                                  " AND dmarc = 'fail'");

	assert_in_range(rows, 1, OF_SOURCE);
	assert_int_equal(recorder_fixture_messages(fixture), messages);
	assert_int_equal(
	    recorder_fixture_ask(fixture, "SELECT passed_rows + failed_rows FROM reports"),
	    recorder_fixture_ask(fixture, "SELECT count(*) FROM counted"));
}

static void what_a_sender_chooses_makes_no_end_of_rows(void **state)
{
	struct fixture *fixture = *state;
	struct recorder *recorder = recorder_fixture_open(fixture);
	long messages = 0;

	for (size_t i = 0; i < sizeof chosen / sizeof chosen[0]; i++) {
		flood(recorder, chosen[i]);
		assert_true(recorder_flush(recorder, LONG_MS));
		expect_ceiling(fixture, messages += MESSAGES);
	}
	for (size_t i = 0; i < sizeof chosen_of_dkim / sizeof chosen_of_dkim[0]; i++) {
		flood_dkim(recorder, chosen_of_dkim[i]);
		assert_true(recorder_flush(recorder, LONG_MS));
		expect_ceiling(fixture, messages += MESSAGES);
	}
	/* the true rows of the owner stand beside them as they are */
	recorder_fixture_add(recorder, 3);
	struct report_row beside = recorder_fixture_row("example.org", "192.0.2.66");

	add(recorder, &beside);
	recorder_close(recorder);
	assert_int_equal(recorder_fixture_ask(fixture,
	                                      "SELECT sum(count) FROM counted WHERE dmarc = 'pass'"
	                                      " AND envelope_from = 'bounce.example.net'"
	                                      " AND dkim LIKE '%\"s1\"%'"),
	                 4);
}

/* As many sources as that, and the owner's rows. */
static void flood_sources(struct fixture *fixture, bool ipv6, int sources)
{
	struct recorder *recorder = recorder_fixture_open(fixture);
	struct report_row row = forged();
	char source[64];

	row.source = source;
	for (int i = 0; i < sources; i++) {
		if (ipv6)
			snprintf(source, sizeof source, "2001:db8:1:2::%x:%x", i >> 8, i & 255);
		else
			snprintf(source, sizeof source, "10.%d.%d.%d", i >> 16, i >> 8 & 255,
			         i & 255);
		add(recorder, &row);
	}
	recorder_fixture_add(recorder, 3);
	recorder_close(recorder);
	assert_int_equal(recorder_fixture_messages(fixture), sources + 3);
	assert_int_equal(recorder_fixture_ask(fixture,
	                                      "SELECT count FROM counted WHERE dmarc = 'pass' AND"
	                                      " envelope_from = 'bounce.example.net'"),
	                 3);
	assert_int_equal(recorder_fixture_ask(fixture, "SELECT folded FROM reports"),
	                 sources - (ipv6 ? 100 : 10000));
}

static void sources_have_a_ceiling_too(void **state)
{
	struct fixture *fixture = *state;

	flood_sources(fixture, false, 101000);
	assert_int_equal(
	    recorder_fixture_ask(fixture, "SELECT count(*) FROM counted WHERE dmarc = 'fail'"),
	    100001);
	assert_int_equal(
	    recorder_fixture_ask(fixture, "SELECT count FROM counted WHERE source = '0.0.0.0'"),
	    1000);
}

static void a_network_of_ipv6_is_a_source(void **state)
{
	struct fixture *fixture = *state;

	flood_sources(fixture, true, 21000);
	assert_int_equal(
	    recorder_fixture_ask(fixture, "SELECT count(*) FROM counted WHERE dmarc = 'fail'"),
	    201);
	assert_int_equal(recorder_fixture_ask(
	                     fixture, "SELECT count FROM counted WHERE source = '2001:db8:1:2::'"),
	                 21000 - 200);
}

static void rows_are_folded_step_by_step(void **state)
{
	static const struct row_dkim dkim[] = {
	    {"esp.example", "k", "pass", ""},           {"sub.example.org", "s1", "fail", "why"},
	    {"sub.example.org", "s2", "fail", "why"},   {"example.org", "s3", "fail", "why"},
	    {"other.example.org", "s4", "fail", "why"}, {"example.org", "s5", "fail", "why"}};
	struct arena *arena = arena_new();
	struct report_row row = recorder_fixture_row("sub.example.org", "2001:db8::1:2:3:4");
	const struct report_row *folded;

	(void)state;
	row.dkim = dkim;
	row.dkim_count = 6;
	folded = row_fold(&row, ROW_WHOLE, arena);
	assert_memory_equal(folded, &row, sizeof row);
	folded = row_fold(&row, ROW_RELATED, arena);
	assert_string_equal(folded->source, "2001:db8::1:2:3:4");
	assert_string_equal(folded->header_from, "sub.example.org");
	assert_string_equal(folded->spf_domain, "");
	assert_int_equal(folded->dkim_count, ROW_RELATED_DKIM_MAX);
	assert_string_equal(folded->dkim[0].selector, "s1");
	assert_string_equal(folded->dkim[0].reason, "");
	folded = row_fold(&row, ROW_SOURCE, arena);
	assert_string_equal(folded->source, "2001:db8::");
	assert_string_equal(folded->header_from, "example.org");
	assert_int_equal(folded->dkim_count, 0);
	assert_string_equal(folded->spf_result, row.spf_result);
	assert_string_equal(row_fold(&row, ROW_REST, arena)->source, ROW_REST_SOURCE);
	row.source = "192.0.2.1";
	assert_string_equal(row_fold(&row, ROW_SOURCE, arena)->source, "192.0.2.1");
	row.source = "";
	assert_string_equal(row_fold(&row, ROW_REST, arena)->source, "");
	arena_free(arena);
}

/* What a report folds, the database folds: as row_fold() does it. */
struct comparison {
	struct arena *arena;
	const struct report_row *row;
	unsigned long rows;
};

static bool compare(const struct report_row *row, unsigned long count, void *with)
{
	struct comparison *comparison = with;
	const struct report_row *expected = comparison->row;

	assert_int_equal(count, 2);
	for (size_t i = 0; i < ROW_TEXT_ROW; i++)
		if (row_text_row[i] != offsetof(struct report_row, action) &&
		    row_text_row[i] != offsetof(struct report_row, dmarc))
			assert_string_equal(
			    *(char *const *)((const char *)row + row_text_row[i]),
			    *(char *const *)((const char *)expected + row_text_row[i]));
	assert_string_equal(row_text_dkim_json(row, comparison->arena),
	                    row_text_dkim_json(expected, comparison->arena));
	comparison->rows++;
	return true;
}

static void reports_fold_as_the_store_does(void **state)
{
	static const struct row_dkim dkim[] = {
	    {"esp.example", "k", "pass", ""},
	    {"a.example.org", "s\"1\\", "fail", "why, <\"you\">"},
	    {"example.org", "s2", "fail", ""},
	    {"example.org", "s3", "fail", "why"},
	    {"b.example.org", "s4", "fail", "why"}};
	static const char *const sources[] = {"192.0.2.1", "2001:db8:1:2:3:4:5:6", "::1"};
	static const char *const envelopes[] = {"mail.example.org", "other.example", ""};
	struct fixture *fixture = *state;
	struct recorder *recorder = recorder_fixture_open(fixture);
	struct arena *arena = arena_new();
	struct report_row rows[3];
	struct store *store;

	for (int i = 0; i < 3; i++) {
		rows[i] = recorder_fixture_row("sub.example.org", sources[i]);
		rows[i].policy_domain = sources[i];
		rows[i].envelope_from = rows[i].spf_domain = envelopes[i];
		rows[i].spf_reason = rows[i].override_comment = "some words";
		rows[i].dkim = dkim;
		rows[i].dkim_count = 5 - (size_t)i * 2;
		add(recorder, &rows[i]);
		add(recorder, &rows[i]);
	}
	recorder_close(recorder);
	assert_int_equal(store_outbox_open(fixture->store, &store, &fixture->problem), STORE_DONE);
	for (int i = 0; i < 3; i++)
		for (enum row_detail detail = ROW_WHOLE; detail < ROW_DETAILS; detail++) {
			static const unsigned long none[ROW_DETAILS];
			struct comparison comparison = {.arena = arena,
			                                .row = row_fold(&rows[i], detail, arena)};

			assert_true(store_rows_each(store, i + 1, detail, none, compare,
			                            &comparison, &fixture->problem));
			assert_int_equal(comparison.rows, 1);
		}
	store_close(store);
	arena_free(arena);
}

static bool count_record(const struct report_row *row, unsigned long count, void *with)
{
	unsigned long *sums = with;

	(void)row;
	sums[0]++;
	sums[1] += count;
	return true;
}

static void rows_that_are_folded_alike_are_one_record(void **state)
{
	static const unsigned long records[ROW_DETAILS] = {60, 60, 11, 1};
	static const unsigned long none[ROW_DETAILS];
	struct fixture *fixture = *state;
	struct recorder *recorder = recorder_fixture_open(fixture);
	struct report_row row = forged();
	struct store *store;
	char source[64], envelope[64];

	row.source = source;
	row.envelope_from = envelope;
	for (int i = 0; i < 60; i++) {
		snprintf(source, sizeof source, i < 50 ? "2001:db8::%x" : "192.0.2.%d", i);
		snprintf(envelope, sizeof envelope, "x%d.example.org", i);
		add(recorder, &row);
	}
	recorder_close(recorder);
	assert_int_equal(store_outbox_open(fixture->store, &store, &fixture->problem), STORE_DONE);
	for (enum row_detail detail = ROW_WHOLE; detail < ROW_DETAILS; detail++) {
		unsigned long sums[2] = {0, 0};

		assert_true(
		    store_rows_each(store, 1, detail, none, count_record, sums, &fixture->problem));
		assert_int_equal(sums[0], records[detail]);
		assert_int_equal(sums[1], 60);
	}
	store_close(store);
}

/* As version 3 would have it, where the domain's record changed and one of its reports went out. */
static const char to_version_3[] = RECORDER_FIXTURE_TO_VERSION_5
    "DROP INDEX counted_by_network; ALTER TABLE counted DROP COLUMN network;"
    " ALTER TABLE reports DROP COLUMN policy_seen;ALTER TABLE reports "
    "DROP COLUMN passed_rows; ALTER TABLE reports DROP COLUMN failed_rows;ALTER TABLE reports DROP "
    "COLUMN folded;UPDATE reports SET state = 'sent', identity = randomblob(17) WHERE "
    "policy_domain = 'c.example';UPDATE reports SET policy_domain = 'example.org', rua = 'mailto:' "
    "|| policy_domain;PRAGMA user_version = 3";

static void reports_of_the_older_scheme_are_put_together(void **state)
{
	static const char *const domains[] = {"a.example", "b.example", "c.example", "a.example"};
	struct fixture *fixture = *state;
	struct recorder *recorder = recorder_fixture_open(fixture);
	struct report_row row = recorder_fixture_row("example.org", "192.0.2.1");

	for (int i = 0; i < 4; i++) {
		row.policy_domain = domains[i];
		row.source = i == 3 ? "192.0.2.2" : "192.0.2.1";
		row.received += i == 1 ? 10 : -1;
		add(recorder, &row);
	}
	recorder_close(recorder);
	recorder_fixture_tell(fixture, to_version_3);
	recorder = recorder_fixture_open(fixture);
	row.policy_domain = "example.org";
	row.rua = "mailto:older@example.org";
	add(recorder, &row);
	recorder_close(recorder);
	assert_int_equal(recorder_fixture_messages(fixture), 5);
	assert_int_equal(
	    recorder_fixture_ask(fixture, "SELECT count(*) FROM reports WHERE state = 'open'"), 1);
	assert_int_equal(recorder_fixture_ask(fixture,
	                                      "SELECT passed_rows FROM reports WHERE state = 'open'"
	                                      " AND rua = 'mailto:b.example'"),
	                 2);
	assert_int_equal(recorder_fixture_ask(fixture,
	                                      "SELECT sum(count) FROM counted JOIN reports ON"
	                                      " reports.id = report WHERE state = 'open'"
	                                      " AND source = '192.0.2.1'"),
	                 2);
	assert_int_equal(recorder_fixture_ask(fixture,
	                                      "SELECT sum(count) FROM counted JOIN reports ON"
	                                      " reports.id = report WHERE state = 'open'"
	                                      " AND source = '192.0.2.2'"),
	                 2);
	assert_int_equal(
	    recorder_fixture_ask(fixture, "SELECT count(*) FROM reports WHERE state = 'sent'"), 1);
}

/* A list sends what many authors' servers gave to it: the comment about its chain has the address
 * of each of them. The messages count, the rows have the ceiling of one source. */
static void a_list_makes_no_end_of_rows(void **state)
{
	struct fixture *fixture = *state;
	struct recorder *recorder = recorder_fixture_open(fixture);
	struct report_row row = forged();
	char comment[128];

	row.override_type = "local_policy";
	row.override_comment = comment;
	row.disposition = "none";
	row.action = "accept";
	row.sealer = "lists.example";
	row.sealer_outcome = "restored";
	for (int i = 0; i < LIST_MESSAGES; i++) {
		snprintf(comment, sizeof comment,
		         "arc=pass as[1].d=lists.example as[1].s=s1 remote-ip[1]=192.0.%d.%d",
		         i % LIST_ORIGINS / 250, i % LIST_ORIGINS % 250);
		add(recorder, &row);
	}
	recorder_close(recorder);
	assert_int_equal(recorder_fixture_messages(fixture), LIST_MESSAGES);
	assert_in_range(recorder_fixture_ask(fixture, "SELECT count(*) FROM counted"), 1,
	                OF_SOURCE);
	assert_in_range(
	    recorder_fixture_ask(fixture,
	                         "SELECT sum(count) FROM counted WHERE sealer = 'lists.example'"),
	    1, LIST_MESSAGES);
}

#define TEST(name)                                                                                 \
	cmocka_unit_test_setup_teardown(name, recorder_fixture_set_up, recorder_fixture_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(what_a_sender_chooses_makes_no_end_of_rows),
	    TEST(a_list_makes_no_end_of_rows),
	    TEST(sources_have_a_ceiling_too),
	    TEST(a_network_of_ipv6_is_a_source),
	    cmocka_unit_test(rows_are_folded_step_by_step),
	    TEST(rows_that_are_folded_alike_are_one_record),
	    TEST(reports_fold_as_the_store_does),
	    TEST(reports_of_the_older_scheme_are_put_together),
	};

	return cmocka_run_group_tests_name("store count", tests, NULL, NULL);
}
