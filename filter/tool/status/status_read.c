/*
 * status_read.c - the daemon's answer (filter/metrics/status_text.c) as rows of fields, by which it
 * is read. Called by status.c.
 */
#include "tool/common/fields_json.h"
#include "tool/status/status.h"

#define ROW(path, kind, member)                                                                    \
	{                                                                                          \
		FIELD_AS(path, kind, struct status, member)                                        \
	}

static const struct field rows[] = {
    {FIELD(FIELD_TEXT, struct status, version), .needed = true},
    {.name = "messages", .type = FIELD_OBJECT, .needed = true},
    ROW("now", FIELD_NUMBER, now),
    ROW("started", FIELD_NUMBER, started),
    ROW("health.why", FIELD_TEXT, problem),
    ROW("settings.file", FIELD_TEXT, settings_file),
    ROW("settings.loaded", FIELD_NUMBER, loaded),
    ROW("process.id", FIELD_NUMBER, process),
    ROW("process.resident_bytes", FIELD_NUMBER, resident_bytes),
    ROW("process.open_files", FIELD_NUMBER, open_files),
    ROW("process.most_files", FIELD_NUMBER, max_files),
    ROW("messages.today.accept", FIELD_NUMBER, today.of[0]),
    ROW("messages.today.quarantine", FIELD_NUMBER, today.of[1]),
    ROW("messages.today.reject", FIELD_NUMBER, today.of[2]),
    ROW("messages.today.tempfail", FIELD_NUMBER, today.of[3]),
    ROW("messages.since_start.accept", FIELD_NUMBER, since_start.of[0]),
    ROW("messages.since_start.quarantine", FIELD_NUMBER, since_start.of[1]),
    ROW("messages.since_start.reject", FIELD_NUMBER, since_start.of[2]),
    ROW("messages.since_start.tempfail", FIELD_NUMBER, since_start.of[3]),
    ROW("messages.per_second_last_minute", FIELD_DECIMAL, minute),
    ROW("messages.per_second_last_hour", FIELD_DECIMAL, hour),
    ROW("messages.under_way", FIELD_NUMBER, under_way),
    ROW("messages.under_way_limit", FIELD_NUMBER, under_way_limit),
    ROW("messages.connections", FIELD_NUMBER, connections),
    ROW("messages.p50_seconds", FIELD_DECIMAL, message_p50),
    ROW("messages.p99_seconds", FIELD_DECIMAL, message_p99),
    ROW("dns.lookups_last_hour", FIELD_NUMBER, lookups),
    ROW("dns.failed_last_hour", FIELD_NUMBER, failed_lookups),
    ROW("dns.p50_seconds", FIELD_DECIMAL, dns_p50),
    ROW("dns.p99_seconds", FIELD_DECIMAL, dns_p99),
    ROW("dns.in_flight", FIELD_NUMBER, in_flight),
    ROW("dns.cache_entries", FIELD_NUMBER, entries),
    ROW("dns.cache.hit", FIELD_NUMBER, hits),
    ROW("dns.cache.miss", FIELD_NUMBER, misses),
    ROW("dns.cache.joined", FIELD_NUMBER, joined),
    ROW("report_rows.kept", FIELD_FLAG, keeps_rows),
    ROW("report_rows.written", FIELD_NUMBER, rows_written),
    ROW("report_rows.waiting", FIELD_NUMBER, rows_waiting),
    ROW("report_rows.lost", FIELD_NUMBER, rows_lost),
    ROW("reports.sending", FIELD_FLAG, sends_reports),
    ROW("reports.deliveries.sent", FIELD_NUMBER, sent),
    ROW("reports.deliveries.refused", FIELD_NUMBER, refused),
    ROW("reports.deliveries.given_up", FIELD_NUMBER, given_up),
    ROW("reports.waiting", FIELD_NUMBER, waiting),
    ROW("reports.due", FIELD_NUMBER, due),
    ROW("reports.oldest", FIELD_NUMBER, oldest_report),
    ROW("keys.count", FIELD_NUMBER, keys),
    ROW("keys.oldest", FIELD_NUMBER, oldest_key),
    {FIELD(FIELD_TEXTS, struct status, warnings), .count = offsetof(struct status, warning_count)},
    FIELD_END};

bool status_read(const char *json, struct arena *arena, struct status *status)
{
	*status = (struct status){.version = NULL};
	return fields_json_read(json, rows, status, arena);
}
