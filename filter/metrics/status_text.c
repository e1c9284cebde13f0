/*
 * status_text.c - writes the page /status (status_text.h). Called by monitoring/pages.c;
 * tool/status/status_read.c reads it.
 */
#include "metrics/status_text.h"

#include <unistd.h>

#include "metrics/health.h"
#include "metrics/warnings.h"
#include "rows/json_text.h"

enum {
	PAGE_MAX = 64 * 1024
};

/* With a comma, unless it is the first of its object. */
static void add_name(struct text *page, const char *name)
{
	if (page->length > 0 && page->bytes[page->length - 1] != '{')
		text_add(page, ",");
	json_text_add(page, name);
	text_add(page, ":");
}

static void add_count(struct text *page, const char *name, unsigned long number)
{
	add_name(page, name);
	text_add_format(page, "%lu", number);
}

static void add_real(struct text *page, const char *name, double number)
{
	add_name(page, name);
	text_add_format(page, "%.15g", number);
}

/* 0 (never) becomes null. */
static void add_time(struct text *page, const char *name, double moment)
{
	add_name(page, name);
	if (moment > 0)
		text_add_format(page, "%.0f", moment);
	else
		text_add(page, "null");
}

static void add_flag(struct text *page, const char *name, bool flag)
{
	add_name(page, name);
	text_add(page, flag ? "true" : "false");
}

/* NULL becomes null. */
static void status_text_add_string(struct text *page, const char *name, const char *string)
{
	add_name(page, name);
	if (string == NULL)
		text_add(page, "null");
	else
		json_text_add(page, string);
}

static void begin_group(struct text *page, const char *name)
{
	add_name(page, name);
	text_add(page, "{");
}

static void end_group(struct text *page)
{
	text_add(page, "}");
}

static void add_counts(struct text *page, const char *name, const char *const *names,
                       const unsigned long *counts)
{
	begin_group(page, name);
	for (size_t i = 0; names[i] != NULL; i++)
		add_count(page, names[i], counts[i]);
	end_group(page);
}

static void add_settings(struct text *page, const struct facts *facts)
{
	bool failed = facts->failed > 0 && facts->failed >= facts->loaded;

	begin_group(page, "settings");
	status_text_add_string(page, "file", facts->settings_file);
	add_time(page, "loaded", facts->loaded);
	add_count(page, "generation", facts->generation);
	add_time(page, "failed", facts->failed);
	status_text_add_string(page, "why", failed ? facts->why_failed.message : NULL);
	end_group(page);
}

static void add_health(struct text *page, const struct facts *facts)
{
	struct problem problem;
	bool good = health_is_good(facts, &problem);

	begin_group(page, "health");
	add_flag(page, "ok", good);
	status_text_add_string(page, "why", good ? NULL : problem.message);
	end_group(page);
}

static void add_messages(struct text *page, const struct facts *facts)
{
	unsigned long all[METRICS_ACTIONS] = {0};

	for (size_t origin = 0; origin < METRICS_ORIGINS; origin++)
		for (size_t action = 0; action < METRICS_ACTIONS; action++)
			all[action] += facts->counts.messages[origin][action];
	begin_group(page, "messages");
	add_counts(page, "since_start", action_names, all);
	add_counts(page, "today", action_names, facts->recent.today);
	add_real(page, "per_second_last_minute", facts->recent.minute);
	add_real(page, "per_second_last_hour", facts->recent.hour);
	add_count(page, "under_way", facts->under_way);
	add_count(page, "under_way_limit", facts->under_way_limit);
	add_count(page, "refused",
	          facts->counts.refused[METRICS_TOO_MANY] +
	              facts->counts.refused[METRICS_CLIENT_MESSAGES]);
	add_real(page, "p50_seconds", histogram_quantile(&facts->recent.message, 0.5));
	add_real(page, "p99_seconds", histogram_quantile(&facts->recent.message, 0.99));
	add_counts(page, "dmarc", result_names, facts->counts.results[METRICS_DMARC]);
	add_count(page, "connections", facts->connections);
	end_group(page);
}

static void add_dns(struct text *page, const struct facts *facts)
{
	begin_group(page, "dns");
	add_count(page, "lookups_last_hour", facts->recent.lookups);
	add_count(page, "failed_last_hour", facts->recent.failed_lookups);
	add_real(page, "p50_seconds", histogram_quantile(&facts->recent.dns, 0.5));
	add_real(page, "p99_seconds", histogram_quantile(&facts->recent.dns, 0.99));
	add_count(page, "in_flight", facts->dns.in_flight);
	add_count(page, "cache_entries", facts->dns.entries);
	add_counts(page, "cache", facts_cache_names, facts->cache);
	end_group(page);
}

static void add_reports(struct text *page, const struct facts *facts)
{
	begin_group(page, "report_rows");
	add_flag(page, "kept", facts->keeps_rows);
	add_count(page, "written", facts->rows_written);
	add_count(page, "waiting", facts->rows_waiting);
	add_count(page, "lost", facts->rows_lost);
	end_group(page);
	begin_group(page, "reports");
	add_flag(page, "sending", facts->sends_reports);
	add_counts(page, "deliveries", facts_delivery_names, facts->reports.ended);
	add_count(page, "waiting", facts->reports.waiting);
	add_count(page, "due", facts->reports.due);
	add_time(page, "oldest", facts->reports.oldest);
	end_group(page);
}

static void add_reported(struct text *page, const struct facts *facts)
{
	unsigned long all[RECEIVED_OUTCOMES] = {0};

	for (size_t kind = 0; kind < RECEIVED_KINDS; kind++)
		for (size_t outcome = 0; outcome < RECEIVED_OUTCOMES; outcome++)
			all[outcome] += facts->reported.reports[kind][outcome];
	begin_group(page, "received");
	add_counts(page, "reports", received_outcome_names, all);
	add_time(page, "newest", facts->reported.newest);
	add_count(page, "new_failing_sources", facts->reported.new_sources);
	add_count(page, "silent_reporters", facts->reported.silent_reporters);
	end_group(page);
}

static void add_received(struct text *page, const struct facts *facts)
{
	begin_group(page, "received_mails");
	add_counts(page, "since_start", facts_received_names, facts->counts.received);
	add_count(page, "waiting", facts->received.waiting);
	add_count(page, "waiting_bytes", facts->received.octets);
	add_time(page, "oldest", facts->received_oldest);
	add_count(page, "unreadable", facts->received.unreadable);
	end_group(page);
}

static void add_keys(struct text *page, const struct facts *facts)
{
	begin_group(page, "keys");
	add_count(page, "count", facts->keys);
	add_time(page, "oldest", facts->oldest_key);
	end_group(page);
}

static void add_process(struct text *page, const struct facts *facts)
{
	begin_group(page, "process");
	add_count(page, "id", (unsigned long)getpid());
	add_count(page, "resident_bytes", facts->process.resident_bytes);
	add_count(page, "open_files", facts->process.open_files);
	add_count(page, "most_files", facts->process.max_files);
	end_group(page);
}

static void add_warnings(struct text *page, const struct facts *facts)
{
	struct warnings warnings;

	warnings_find(facts, &warnings);
	add_name(page, "warnings");
	text_add(page, "[");
	for (size_t i = 0; i < warnings.count; i++) {
		text_add(page, i == 0 ? "" : ",");
		json_text_add(page, warnings.items[i].message);
	}
	text_add(page, "]");
}

const char *status_text(const struct facts *facts, struct arena *arena)
{
	struct text page;

	text_begin(&page, arena, PAGE_MAX);
	text_add(&page, "{");
	status_text_add_string(&page, "version", VERSION);
	add_time(&page, "now", facts->now);
	add_time(&page, "started", facts->process.started);
	add_settings(&page, facts);
	add_health(&page, facts);
	add_messages(&page, facts);
	add_dns(&page, facts);
	add_reports(&page, facts);
	add_reported(&page, facts);
	add_received(&page, facts);
	add_keys(&page, facts);
	add_process(&page, facts);
	add_warnings(&page, facts);
	text_add(&page, "}\n");
	return page.bytes;
}
