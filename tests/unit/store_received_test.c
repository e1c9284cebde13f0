/*
 * store_received_test.c - reports of others in the store: what is one report, what its sums are,
 * what a forger can and cannot do, and what a kill leaves.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "recorder_fixture.h"
#include "store/received_sums.h"
#include "store/store_received.h"

enum {
	DAY = 24 * 60 * 60,
	BEGIN = 1730419200 /* 2024-11-01 */
};

static const struct received_signature own_failed[] = {
    {.domain = "example.org", .selector = "s1", .result = "fail"}};
static const struct received_signature service_passed[] = {
    {.domain = "mail.example.org", .selector = "s1", .result = "fail"},
    {.domain = "service.example", .selector = "k", .result = "pass"}};

static const struct received_record records[] = {
    {.count = 10,
     .source = "192.0.2.1",
     .disposition = "none",
     .dkim_aligned = true,
     .spf_aligned = true,
     .header_from = "example.org"},
    {.count = 5,
     .source = "192.0.2.2",
     .disposition = "none",
     .dkim_aligned = true,
     .header_from = "example.org"},
    {.count = 3,
     .source = "192.0.2.3",
     .disposition = "none",
     .override_type = "mailing_list",
     .header_from = "example.org",
     .signature_count = 1,
     .signatures = own_failed},
    {.count = 7,
     .source = "192.0.2.4",
     .disposition = "reject",
     .header_from = "example.org",
     .spf_domain = "service.example",
     .spf_result = "pass",
     .signature_count = 2,
     .signatures = service_passed},
};

static struct received_report an_aggregate(void)
{
	return (struct received_report){.kind = RECEIVED_DMARC,
	                                .organization = "Reporter",
	                                .report_id = "id-1",
	                                .domain = "example.org",
	                                .begin = BEGIN,
	                                .end = BEGIN + DAY - 1,
	                                .messages = 25,
	                                .p = "none",
	                                .record_count = 4,
	                                .records = records};
}

static struct received_arrival from(const char *reporter)
{
	return (struct received_arrival){.received = BEGIN + 2 * DAY,
	                                 .reporter = reporter,
	                                 .trusted = reporter != NULL,
	                                 .why = reporter == NULL ? "nobody signed it" : NULL,
	                                 .place = "queue id"};
}

static enum received_outcome add(struct fixture *fixture, const struct received_report *report,
                                 struct received_arrival arrival)
{
	enum received_outcome outcome = RECEIVED_DUPLICATE;
	struct problem problem = {{0}};
	struct store *store = NULL;

	assert_int_equal(store_open(fixture->store, &store, &problem), STORE_DONE);
	if (store_received_add(store, report, &arrival, &outcome, &problem) != STORE_DONE)
		fail_msg("%s", problem.message);
	store_close(store);
	return outcome;
}

#define ASK(question) recorder_fixture_ask(fixture, question)

static void messages_are_counted_not_rows(void **state)
{
	struct fixture *fixture = *state;
	struct received_report report = an_aggregate();

	assert_int_equal(add(fixture, &report, from("reporter.example")), RECEIVED_STORED);
	assert_int_equal(ASK("SELECT messages FROM received_days"), 25);
	assert_int_equal(ASK("SELECT both_aligned FROM received_days"), 10);
	assert_int_equal(ASK("SELECT dkim_only FROM received_days"), 5);
	assert_int_equal(ASK("SELECT spf_only FROM received_days"), 0);
	assert_int_equal(ASK("SELECT forwarded FROM received_days"), 3);
	assert_int_equal(ASK("SELECT listed FROM received_days"), 3);
	assert_int_equal(ASK("SELECT failing FROM received_days"), 7);
	assert_int_equal(ASK("SELECT rejected FROM received_days"), 7);
	assert_int_equal(ASK("SELECT quarantined FROM received_days"), 0);
	assert_int_equal(ASK("SELECT broken FROM received_days"), 10);
	assert_int_equal(ASK("SELECT day FROM received_days"), BEGIN);
	assert_int_equal(ASK("SELECT sum(messages) FROM received_sources"), 25);
	assert_int_equal(ASK("SELECT messages FROM received_sources WHERE source = '192.0.2.4' AND"
	                     " signer = 'service.example' AND spf_domain = 'service.example'"),
	                 7);
	assert_int_equal(ASK("SELECT sum(count) FROM received_records"), 25);
}

static void the_same_again_counts_once(void **state)
{
	struct fixture *fixture = *state;
	struct received_report report = an_aggregate();

	assert_int_equal(add(fixture, &report, from("reporter.example")), RECEIVED_STORED);
	assert_int_equal(add(fixture, &report, from("reporter.example")), RECEIVED_DUPLICATE);
	assert_int_equal(add(fixture, &report, from("reporter.example")), RECEIVED_DUPLICATE);
	assert_int_equal(ASK("SELECT count(*) FROM received"), 1);
	assert_int_equal(ASK("SELECT repeated FROM received"), 2);
	assert_int_equal(ASK("SELECT sum(messages) FROM received_days"), 25);
	assert_int_equal(ASK("SELECT count FROM received_counts WHERE outcome = 'duplicate'"), 2);
	report.begin += DAY;
	report.end += DAY;
	assert_int_equal(add(fixture, &report, from("reporter.example")), RECEIVED_STORED);
	assert_int_equal(ASK("SELECT count(*) FROM received"), 2);
	assert_int_equal(ASK("SELECT sum(messages) FROM received_days"), 50);
}

static void a_forger_takes_no_place(void **state)
{
	struct fixture *fixture = *state;
	struct received_report report = an_aggregate(), forged = an_aggregate();

	forged.record_count = 1;
	assert_int_equal(add(fixture, &forged, from(NULL)), RECEIVED_UNTRUSTED);
	assert_int_equal(ASK("SELECT count(*) FROM received_days"), 0);
	assert_int_equal(ASK("SELECT count(*) FROM received_sources"), 0);
	assert_int_equal(add(fixture, &forged, from("forger.example")), RECEIVED_STORED);
	assert_int_equal(add(fixture, &report, from("reporter.example")), RECEIVED_STORED);
	assert_int_equal(add(fixture, &forged, from(NULL)), RECEIVED_DUPLICATE);
	assert_int_equal(
	    ASK("SELECT messages FROM received_days WHERE reporter = 'reporter.example'"), 25);
	assert_int_equal(
	    ASK("SELECT messages FROM received_days WHERE reporter = 'forger.example'"), 10);
	assert_int_equal(ASK("SELECT count(*) FROM received WHERE trusted = 0 AND why <> ''"), 1);
	assert_int_equal(ASK("SELECT count(*) FROM received"), 3);
}

static void members_do_not_run_together(void **state)
{
	struct fixture *fixture = *state;
	struct received_report report = an_aggregate();

	report.report_id = "1";
	report.domain = "example.org2:";
	assert_int_equal(add(fixture, &report, from("reporter.example")), RECEIVED_STORED);
	report.report_id = "2:1";
	report.domain = "example.org";
	assert_int_equal(add(fixture, &report, from("reporter.example")), RECEIVED_STORED);
}

static void long_ranges_are_split_over_their_days(void **state)
{
	struct fixture *fixture = *state;
	struct received_report report = an_aggregate();

	report.end = BEGIN + 7 * DAY - 1;
	assert_int_equal(add(fixture, &report, from("reporter.example")), RECEIVED_STORED);
	assert_int_equal(ASK("SELECT count(*) FROM received_days"), 7);
	assert_int_equal(ASK("SELECT min(day) FROM received_days"), BEGIN);
	assert_int_equal(ASK("SELECT max(day) FROM received_days"), BEGIN + 6 * DAY);
	assert_int_equal(ASK("SELECT sum(messages) FROM received_days"), 25);
	assert_int_equal(ASK("SELECT min(messages) FROM received_days"), 3);
	assert_int_equal(ASK("SELECT max(messages) FROM received_days"), 4);
	assert_int_equal(ASK("SELECT sum(messages) FROM received_sources"), 25);
}

static void days_of_ranges(void **state)
{
	static const struct {
		int64_t begin, end;
		int days;
		int64_t first;
	} cases[] = {
	    {BEGIN, BEGIN + DAY - 1, 1, BEGIN},
	    {BEGIN, BEGIN + DAY, 1, BEGIN},
	    {BEGIN, BEGIN + DAY + 1800, 1, BEGIN},
	    {BEGIN, BEGIN, 1, BEGIN},
	    {BEGIN + 100, BEGIN, 1, BEGIN},
	    {BEGIN - 7 * 3600, BEGIN + 17 * 3600, 1, BEGIN},
	    {BEGIN, BEGIN + 2 * DAY - 1, 2, BEGIN},
	    {BEGIN, BEGIN + 31 * DAY - 1, 31, BEGIN},
	    {BEGIN, BEGIN + 400 * (int64_t)DAY, 31, BEGIN + 185 * (int64_t)DAY},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int64_t first;

		assert_int_equal(received_sums_days(cases[i].begin, cases[i].end, &first),
		                 cases[i].days);
		assert_int_equal(first, cases[i].first);
	}
}

static void tls_reports_are_added_up(void **state)
{
	static const struct received_tls_failure failures[] = {
	    {.result_type = "certificate-expired", .receiving_host = "mx1.example.org", .count = 4},
	    {.result_type = "starttls-not-supported", .count = 2}};
	static const struct received_tls_policy policies[] = {{.type = "sts",
	                                                       .domain = "example.org",
	                                                       .mx_host = "mx2.example.org",
	                                                       .successes = 100,
	                                                       .failures = 6,
	                                                       .failure_count = 2,
	                                                       .failure = failures}};
	struct fixture *fixture = *state;
	struct received_report report = {.kind = RECEIVED_TLS,
	                                 .report_id = "tls",
	                                 .domain = "example.org",
	                                 .begin = BEGIN,
	                                 .end = BEGIN + DAY - 1,
	                                 .messages = 106,
	                                 .policy_count = 1,
	                                 .policies = policies};

	assert_int_equal(add(fixture, &report, from("reporter.example")), RECEIVED_STORED);
	assert_int_equal(ASK("SELECT successes FROM received_tls_days"), 100);
	assert_int_equal(ASK("SELECT failures FROM received_tls_days"), 6);
	assert_int_equal(
	    ASK("SELECT failures FROM received_tls_reasons WHERE mx = 'mx1.example.org'"), 4);
	assert_int_equal(
	    ASK("SELECT failures FROM received_tls_reasons WHERE mx = 'mx2.example.org'"), 2);
	assert_int_equal(ASK("SELECT count(*) FROM received_tls_failures"), 2);
	report.kind = RECEIVED_FAILURE;
	report.policy_count = 0;
	assert_int_equal(add(fixture, &report, from("reporter.example")), RECEIVED_STORED);
	assert_int_equal(ASK("SELECT count(*) FROM received_days"), 0);
}

/* A stranger with a domain of his own fills no disk. */
static void a_reporter_has_a_ceiling(void **state)
{
	struct fixture *fixture = *state;
	struct received_report report = an_aggregate();

	assert_int_equal(add(fixture, &report, from("reporter.example")), RECEIVED_STORED);
	recorder_fixture_tell(fixture, "UPDATE received SET records = 499997");
	report.report_id = "id-2";
	assert_int_equal(add(fixture, &report, from("reporter.example")), RECEIVED_UNTRUSTED);
	assert_int_equal(ASK("SELECT sum(messages) FROM received_days"), 25);
	assert_int_equal(add(fixture, &report, from("a.b.reporter.example")), RECEIVED_UNTRUSTED);
	assert_int_equal(add(fixture, &report, from("other.example")), RECEIVED_STORED);
}

static void the_oldest_untrusted_go(void **state)
{
	struct fixture *fixture = *state;
	struct received_report report = an_aggregate();

	report.record_count = 1;
	assert_int_equal(add(fixture, &report, from(NULL)), RECEIVED_UNTRUSTED);
	recorder_fixture_tell(
	    fixture,
	    "INSERT INTO received SELECT id + n, randomblob(16), kind, reporter, trusted,"
	    " domain, report_id, range_begin, range_end, got + n, repeated, organization,"
	    " email, why, place, messages, records, p, sp, np, adkim, aspf, pct, fo,"
	    " testing, discovery, generator, repairs FROM received, (WITH RECURSIVE c(n) AS"
	    " (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 9999) SELECT n FROM c)");
	report.report_id = "id-2";
	assert_int_equal(add(fixture, &report, from(NULL)), RECEIVED_UNTRUSTED);
	assert_int_equal(ASK("SELECT count(*) FROM received"), 10000);
	assert_int_equal(ASK("SELECT count(*) FROM received WHERE report_id = 'id-2'"), 1);
	assert_int_equal(ASK("SELECT count(*) FROM received_records"), 1);
}

static void add_many(struct fixture *fixture, struct store *store, int *stored)
{
	enum {
		REPORTS = 60
	};
	struct received_report report = an_aggregate();
	struct received_arrival arrival = from("reporter.example");
	enum received_outcome outcome;
	char id[16];

	report.report_id = id;
	for (int i = 0; i < REPORTS; i++) {
		snprintf(id, sizeof id, "id-%d", i);
		if (store_received_add(store, &report, &arrival, &outcome, &fixture->problem) !=
		    STORE_DONE)
			_exit(3);
		*stored += outcome == RECEIVED_STORED;
	}
}

static void reports_outlive_kills_and_count_once(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = NULL;
	int rounds = 40, stored = 0, early = 0;

	srand((unsigned)time(NULL));
	for (int round = 0; round < rounds; round++) {
		struct timespec life = {.tv_nsec = rand() % 12 * 1000000L};
		pid_t child = fork();
		int status;

		assert_true(child >= 0);
		if (child == 0) {
			if (store_open(fixture->store, &store, &fixture->problem) != STORE_DONE)
				_exit(2);
			add_many(fixture, store, &stored);
			_exit(0);
		}
		nanosleep(&life, NULL);
		kill(child, SIGKILL);
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
		early += WIFSIGNALED(status);
	}
	assert_true(early > 0);
	assert_int_equal(store_open(fixture->store, &store, &fixture->problem), STORE_DONE);
	add_many(fixture, store, &stored);
	store_close(store);
	print_message("%d of %d were killed before the end\n", early, rounds);
	assert_int_equal(ASK("SELECT count(*) FROM received"), 60);
	assert_int_equal(ASK("SELECT sum(messages) FROM received_days"), 60 * 25);
	assert_int_equal(ASK("SELECT sum(messages) FROM received_sources"), 60 * 25);
	assert_int_equal(ASK("SELECT sum(count) FROM received_records"), 60 * 25);
}

#define TEST(function)                                                                             \
	cmocka_unit_test_setup_teardown(function, recorder_fixture_set_up,                         \
	                                recorder_fixture_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(messages_are_counted_not_rows),
	    TEST(the_same_again_counts_once),
	    TEST(a_forger_takes_no_place),
	    TEST(members_do_not_run_together),
	    TEST(long_ranges_are_split_over_their_days),
	    TEST(days_of_ranges),
	    TEST(tls_reports_are_added_up),
	    TEST(a_reporter_has_a_ceiling),
	    TEST(the_oldest_untrusted_go),
	    TEST(reports_outlive_kills_and_count_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
