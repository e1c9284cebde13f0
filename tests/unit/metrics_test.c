/*
 * metrics_test.c - what is counted and what is reported of it: counters from many threads,
 * histograms, the last hour, health, warnings, the page for Prometheus, the JSON, and the setting
 * taken apart.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "metrics/health.h"
#include "metrics/history.h"
#include "metrics/listen_address.h"
#include "metrics/metrics_table.h"
#include "metrics/metrics_text.h"
#include "metrics/status_text.h"
#include "metrics/warnings.h"
#include "settings/settings_check.h"

enum {
	THREADS = 8,
	EACH = 2000
};

static void *count_many(void *with)
{
	const struct findings foreign = {.judged = true, .spf = {.result = RESULT_PASS}};
	const struct verdict verdict = {.action = ACTION_REJECT, .kind = VERDICT_DMARC_FAIL};
	struct metrics *metrics = with;

	for (int i = 0; i < EACH; i++) {
		metrics_message(metrics, &(struct metrics_message){&foreign, &verdict, RULE_FOLLOW,
		                                                   0.002, 0.0004});
		metrics_connection(metrics);
	}
	return NULL;
}

static void threads_lose_nothing(void **state)
{
	struct metrics *metrics = metrics_new();
	pthread_t threads[THREADS];
	struct metrics_counts counts;

	(void)state;
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, count_many, metrics), 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	metrics_sum(metrics, &counts);
	assert_int_equal(counts.messages[METRICS_FOREIGN][ACTION_REJECT], THREADS * EACH);
	assert_int_equal(counts.messages[METRICS_OUTBOUND][ACTION_REJECT], 0);
	assert_int_equal(counts.kinds[VERDICT_DMARC_FAIL], THREADS * EACH);
	assert_int_equal(counts.results[METRICS_SPF][RESULT_PASS], THREADS * EACH);
	assert_int_equal(counts.results[METRICS_DKIM][RESULT_NONE], THREADS * EACH);
	assert_int_equal(counts.connections, THREADS * EACH);
	assert_int_equal(histogram_count(&counts.message), THREADS * EACH);
	assert_int_equal(counts.message.buckets[2], THREADS * EACH);
	assert_int_equal(counts.end_of_message.buckets[0], THREADS * EACH);
	metrics_free(metrics);
}

static void nothing_to_count_in_is_allowed(void **state)
{
	const struct findings findings = {.judged = true};
	const struct verdict verdict = {.action = ACTION_ACCEPT};

	(void)state;
	metrics_message(NULL, &(struct metrics_message){&findings, &verdict, RULE_FOLLOW, 0, 0});
	metrics_connection(NULL);
	metrics_refused(NULL, METRICS_TOO_MANY);
	metrics_aborted(NULL);
}

static void durations_fall_into_buckets(void **state)
{
	static const struct {
		unsigned long microseconds;
		size_t bucket;
	} rows[] = {
	    {0, 0},    {500, 0},      {501, 1},       {1000, 1},      {2500, 2},
	    {2501, 3}, {1000000, 10}, {30000000, 14}, {30000001, 15}, {(unsigned long)-1, 15}};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_int_equal(histogram_bucket(rows[i].microseconds), rows[i].bucket);
	for (size_t i = 0; i < HISTOGRAM_BOUNDS; i++) {
		assert_true(fabs(strtod(histogram_bound_names[i], NULL) - histogram_bounds[i]) <
		            1e-9);
		assert_int_equal(histogram_bucket((unsigned long)(histogram_bounds[i] * 1e6 + 0.5)),
		                 i);
	}
}

static void quantiles_lie_between_bounds(void **state)
{
	struct histogram histogram = {.buckets = {0}};

	(void)state;
	assert_true(histogram_quantile(&histogram, 0.5) == 0);
	histogram.buckets[2] = 100; /* 1 ms to 2.5 ms */
	assert_true(fabs(histogram_quantile(&histogram, 0.5) - 0.00175) < 1e-9);
	histogram.buckets[15] = 100;
	assert_true(fabs(histogram_quantile(&histogram, 0.5) - 0.0025) < 1e-9);
	assert_true(histogram_quantile(&histogram, 0.99) == 30);
}

static struct history_totals totals_of(unsigned long messages)
{
	return (struct history_totals){.messages = {[ACTION_ACCEPT] = messages},
	                               .lookups = 2 * messages};
}

/* One message a second for two hours, then none. */
static void the_last_hour_is_remembered(void **state)
{
	struct history *history = history_new(1000);
	struct history_totals totals = totals_of(0);
	struct facts_recent recent;

	(void)state;
	history_report(history, 1000, &totals, &recent);
	assert_true(recent.minute == 0 && recent.hour == 0);
	for (time_t at = 10; at <= 7200; at += 10) {
		totals = totals_of((unsigned long)at);
		history_add(history, 1000 + at, &totals);
		if (at == 3600)
			history_begin_day(history, &totals);
	}
	history_report(history, 1000 + 7200, &totals, &recent);
	assert_true(fabs(recent.minute - 1) < 1e-9 && fabs(recent.hour - 1) < 1e-9);
	assert_int_equal(recent.lookups, 2 * 3600);
	assert_int_equal(recent.today[ACTION_ACCEPT], 3600);
	for (time_t at = 7210; at <= 9000; at += 10)
		history_add(history, 1000 + at, &totals);
	history_report(history, 1000 + 9000, &totals, &recent);
	assert_true(recent.minute == 0 && fabs(recent.hour - 0.5) < 1e-9);
	history_free(history);
}

/* A daemon that has just begun: the minute is as long as it runs. */
static void a_young_daemon_has_a_rate(void **state)
{
	struct history *history = history_new(1000);
	struct history_totals totals = totals_of(20);
	struct facts_recent recent;

	(void)state;
	history_report(history, 1010, &totals, &recent);
	assert_true(fabs(recent.minute - 2) < 1e-9 && fabs(recent.hour - 2) < 1e-9);
	totals = totals_of(5);
	history_begin_day(history, &(struct history_totals){.messages = {[ACTION_ACCEPT] = 9}});
	history_report(history, 1010, &totals, &recent);
	assert_int_equal(recent.today[ACTION_ACCEPT], 0);
	history_free(history);
}

static struct facts healthy(void)
{
	return (struct facts){.now = 2000000,
	                      .under_way_limit = 200,
	                      .keeps_rows = true,
	                      .sends_reports = true,
	                      .settings_file = "/etc/assay/assay.conf",
	                      .generation = 1,
	                      .loaded = 1000000,
	                      .build = 1,
	                      .process = {.started = 1000000, .open_files = 10, .max_files = 1000}};
}

static void only_some_trouble_takes_a_host_out(void **state)
{
	struct facts facts = healthy();
	struct problem problem;

	(void)state;
	assert_true(health_is_good(&facts, &problem));
	facts.trouble[FACTS_STORE_LOCKED] = facts.trouble[FACTS_JOURNAL] = 1;
	facts.rows_lost = 7;
	facts.failed = facts.loaded + 1;
	facts.dns.silent_seconds = HEALTH_SILENT_S - 1;
	assert_true(health_is_good(&facts, &problem));
	facts.dns.silent_seconds = HEALTH_SILENT_S;
	assert_false(health_is_good(&facts, &problem));
	assert_non_null(strstr(problem.message, "resolver.servers"));
	facts.stopping = true;
	assert_false(health_is_good(&facts, &problem));
	assert_int_equal(strncmp(problem.message, "stopping", 8), 0);
}

static void every_trouble_has_its_sentence(void **state)
{
	struct facts facts = healthy();
	struct warnings warnings;

	(void)state;
	warnings_find(&facts, &warnings);
	assert_int_equal(warnings.count, 0);
	facts.dns.silent_seconds = 40;
	facts.failed = facts.loaded + 1;
	facts.recent.lookups = 100;
	facts.recent.failed_lookups = 25;
	facts.cache[FACTS_REFUSED_LOOKUP] = 1;
	facts.counts.refused[METRICS_TOO_MANY] = 1;
	facts.trouble[FACTS_STORE_FULL] = 1;
	facts.rows_lost = 1;
	facts.reports = (struct facts_reports){
	    .due = 1, .oldest_due = facts.now - 7 * 3600, .ended = {0, 0, 1}};
	facts.process.open_files = 950;
	facts.counts.received[METRICS_RECEIVED_FULL] = 2;
	facts.received.waiting = 1;
	facts.received_oldest = facts.now - 2 * 3600;
	warnings_find(&facts, &warnings);
	assert_int_equal(warnings.count, 12);
	assert_non_null(strstr(warnings.items[6].message, "1 report row was lost"));
	assert_non_null(strstr(warnings.items[8].message, "1 report mail was given up"));
	assert_non_null(strstr(warnings.items[9].message, "2 mails were delivered"));
	assert_non_null(strstr(warnings.items[10].message, "1 mail waits to be read"));
	assert_non_null(strstr(warnings.items[10].message, "for 2.0 hours"));
	facts.received_oldest = facts.now - 60;
	facts.counts.received[METRICS_RECEIVED_FULL] = 0;
	facts.reports.oldest_due = facts.now - 3600;
	facts.recent.failed_lookups = 24;
	facts.failed = facts.loaded - 1;
	warnings_find(&facts, &warnings);
	assert_int_equal(warnings.count, 7);
}

static void the_page_has_each_number_in_its_place(void **state)
{
	struct arena *arena = arena_new();
	struct facts facts = healthy();
	const char *page;

	(void)state;
	facts.counts.messages[METRICS_OUTBOUND][ACTION_TEMPFAIL] = 11;
	facts.counts.results[METRICS_DKIM][RESULT_PERMERROR] = 12;
	facts.counts.message.buckets[0] = 3;
	facts.counts.message.buckets[HISTOGRAM_BOUNDS] = 4;
	facts.counts.message.microseconds = 1500000;
	facts.oldest_key = facts.now - 60.5;
	facts.reports.oldest = facts.now + 60;
	page = metrics_text(&facts, arena);
	assert_non_null(
	    strstr(page, "\nassay_messages_total{origin=\"ours\",verdict=\"tempfail\"} 11\n"));
	assert_non_null(
	    strstr(page, "\nassay_results_total{method=\"dkim\",result=\"permerror\"} 12\n"));
	assert_non_null(strstr(page, "\nassay_message_duration_seconds_bucket{le=\"0.0005\"} 3\n"));
	assert_non_null(strstr(page, "\nassay_message_duration_seconds_bucket{le=\"30\"} 3\n"));
	assert_non_null(strstr(page, "\nassay_message_duration_seconds_bucket{le=\"+Inf\"} 7\n"));
	assert_non_null(strstr(page, "\nassay_message_duration_seconds_sum 1.5\n"));
	assert_non_null(strstr(page, "\nassay_signing_key_oldest_age_seconds 60.5\n"));
	assert_non_null(strstr(page, "\nassay_report_oldest_age_seconds 0\n"));
	assert_int_equal(page[strlen(page) - 1], '\n');
	arena_free(arena);
}

/* Each row's numbers lie within the facts, whatever its labels. */
static void the_table_stays_within_the_facts(void **state)
{
	size_t rows = 0;

	(void)state;
	for (const struct metric *metric = metrics_table; metric->name != NULL; metric++, rows++) {
		size_t count = 1;

		for (size_t i = 0; i < METRIC_LABELS && metric->labels[i].name != NULL; i++) {
			size_t words = 0;

			while (metric->labels[i].names[words] != NULL)
				words++;
			assert_true(words > 0);
			count *= words;
		}
		assert_true(metric->offset + count * sizeof(double) <= sizeof(struct facts));
	}
	assert_true(rows > 30);
}

static void words_from_outside_stay_json(void **state)
{
	struct arena *arena = arena_new();
	struct facts facts = healthy();
	const char *json;

	(void)state;
	facts.settings_file = "/etc/\"odd\"\n\\name";
	facts.failed = facts.loaded + 1;
	strcpy(facts.why_failed.message, "line 3: \"x\" is unknown\t");
	json = status_text(&facts, arena);
	assert_non_null(strstr(json, "\"file\":\"/etc/\\\"odd\\\"\\"));
	assert_non_null(strstr(json, "\"why\":\"line 3: \\\"x\\\" is unknown\\"));
	assert_null(strchr(json, '\t'));
	assert_int_equal(strchr(json, '\n') - json, (long)strlen(json) - 1);
	assert_non_null(strstr(json, "\"warnings\":[\"the settings were not reloaded"));
	arena_free(arena);
}

static void the_setting_is_taken_apart(void **state)
{
	static const struct {
		const char *listen;
		bool good;
		const char *path, *host, *port;
		bool local, any;
	} rows[] = {
	    {"", false, NULL, NULL, NULL, false, false},
	    {"8892", false, NULL, NULL, NULL, false, false},
	    {"inet:8892", false, NULL, NULL, NULL, false, false},
	    {"unix:/run/a.sock", true, "/run/a.sock", NULL, NULL, true, false},
	    {"local:/run/a.sock", true, "/run/a.sock", NULL, NULL, true, false},
	    {"inet:8892@127.0.0.1", true, NULL, "127.0.0.1", "8892", true, false},
	    {"inet:8892@127.9.9.9", true, NULL, "127.9.9.9", "8892", true, false},
	    {"inet:8892@localhost", true, NULL, "localhost", "8892", true, false},
	    {"inet:80@0.0.0.0", true, NULL, "0.0.0.0", "80", false, true},
	    {"inet:80@192.0.2.1", true, NULL, "192.0.2.1", "80", false, false},
	    {"inet:80@mx.example.net", true, NULL, "mx.example.net", "80", false, false},
	    {"inet6:80@[::1]", true, NULL, "::1", "80", true, false},
	    {"inet6:80@::", true, NULL, "::", "80", false, true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct arena *arena = arena_new();
		struct listen_address place;

		assert_int_equal(listen_address_read(rows[i].listen, arena, &place), rows[i].good);
		if (rows[i].good) {
			assert_string_equal(place.path == NULL ? "" : place.path,
			                    rows[i].path == NULL ? "" : rows[i].path);
			assert_string_equal(place.host == NULL ? "" : place.host,
			                    rows[i].host == NULL ? "" : rows[i].host);
			assert_string_equal(place.port == NULL ? "" : place.port,
			                    rows[i].port == NULL ? "" : rows[i].port);
			assert_int_equal(listen_address_is_local(&place), rows[i].local);
			assert_int_equal(listen_address_is_any(&place), rows[i].any);
		}
		arena_free(arena);
	}
}

static void the_setting_is_checked(void **state)
{
	static const struct {
		const char *listen;
		bool good;
	} rows[] = {{"", true},
	            {"inet:8892@127.0.0.1", true},
	            {"inet6:8892@[::1]", true},
	            {"unix:/a", true},
	            {"8892", false},
	            {"inet:0@127.0.0.1", false},
	            {"unix:a", false},
	            {"inet:1@", false}};
	struct arena *arena = arena_new();
	const char *taken, *wrong;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_int_equal(
		    settings_check_text("metrics.listen", rows[i].listen, arena, &taken, &wrong),
		    rows[i].good);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(threads_lose_nothing),
	    cmocka_unit_test(nothing_to_count_in_is_allowed),
	    cmocka_unit_test(durations_fall_into_buckets),
	    cmocka_unit_test(quantiles_lie_between_bounds),
	    cmocka_unit_test(the_last_hour_is_remembered),
	    cmocka_unit_test(a_young_daemon_has_a_rate),
	    cmocka_unit_test(only_some_trouble_takes_a_host_out),
	    cmocka_unit_test(every_trouble_has_its_sentence),
	    cmocka_unit_test(the_page_has_each_number_in_its_place),
	    cmocka_unit_test(the_table_stays_within_the_facts),
	    cmocka_unit_test(words_from_outside_stay_json),
	    cmocka_unit_test(the_setting_is_taken_apart),
	    cmocka_unit_test(the_setting_is_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
