/*
 * status_read.c - reads the daemon's answer. Called by status.c. Knows jansson, as check_json.c
 * does for writing.
 */
#include "tool/status/status.h"

#include <jansson.h>
#include <limits.h>

#include "decision/decision.h"

static double status_read_number(const json_t *group, const char *name)
{
	return json_number_value(json_object_get(group, name));
}

/* A number so small that a few can be added without overflow: the answer may be of any program. */
static long whole(const json_t *group, const char *name)
{
	json_int_t value = json_integer_value(json_object_get(group, name));

	return value < 0 || value > LONG_MAX / 4 ? 0 : (long)value;
}

static const char *string(const json_t *group, const char *name, struct arena *arena)
{
	return arena_string(arena, json_string_value(json_object_get(group, name)));
}

static void read_actions(const json_t *group, struct status_messages *messages)
{
	for (size_t i = 0; i < STATUS_ACTIONS; i++)
		messages->of[i] = whole(group, action_names[i]);
}

static void read_daemon(const json_t *root, struct arena *arena, struct status *status)
{
	const json_t *settings = json_object_get(root, "settings"),
	             *process = json_object_get(root, "process");

	status->version = string(root, "version", arena);
	status->now = (time_t)whole(root, "now");
	status->started = (time_t)whole(root, "started");
	status->problem = string(json_object_get(root, "health"), "why", arena);
	status->settings_file = string(settings, "file", arena);
	status->loaded = (time_t)whole(settings, "loaded");
	status->process = whole(process, "id");
	status->resident_bytes = whole(process, "resident_bytes");
	status->open_files = whole(process, "open_files");
	status->max_files = whole(process, "most_files");
}

static void read_messages(const json_t *group, struct status *status)
{
	read_actions(json_object_get(group, "today"), &status->today);
	read_actions(json_object_get(group, "since_start"), &status->since_start);
	status->minute = status_read_number(group, "per_second_last_minute");
	status->hour = status_read_number(group, "per_second_last_hour");
	status->under_way = whole(group, "under_way");
	status->under_way_limit = whole(group, "under_way_limit");
	status->connections = whole(group, "connections");
	status->message_p50 = status_read_number(group, "p50_seconds");
	status->message_p99 = status_read_number(group, "p99_seconds");
}

static void read_dns(const json_t *group, struct status *status)
{
	const json_t *cache = json_object_get(group, "cache");

	status->lookups = whole(group, "lookups_last_hour");
	status->failed_lookups = whole(group, "failed_last_hour");
	status->dns_p50 = status_read_number(group, "p50_seconds");
	status->dns_p99 = status_read_number(group, "p99_seconds");
	status->in_flight = whole(group, "in_flight");
	status->entries = whole(group, "cache_entries");
	status->hits = whole(cache, "hit");
	status->misses = whole(cache, "miss");
	status->joined = whole(cache, "joined");
}

static void read_reports(const json_t *root, struct status *status)
{
	const json_t *rows = json_object_get(root, "report_rows"),
	             *reports = json_object_get(root, "reports");
	const json_t *deliveries = json_object_get(reports, "deliveries");
	const json_t *keys = json_object_get(root, "keys");

	status->keeps_rows = json_is_true(json_object_get(rows, "kept"));
	status->rows_written = whole(rows, "written");
	status->rows_waiting = whole(rows, "waiting");
	status->rows_lost = whole(rows, "lost");
	status->sends_reports = json_is_true(json_object_get(reports, "sending"));
	status->sent = whole(deliveries, "sent");
	status->refused = whole(deliveries, "refused");
	status->given_up = whole(deliveries, "given_up");
	status->waiting = whole(reports, "waiting");
	status->due = whole(reports, "due");
	status->oldest_report = (time_t)whole(reports, "oldest");
	status->keys = whole(keys, "count");
	status->oldest_key = (time_t)whole(keys, "oldest");
}

static void read_warnings(const json_t *list, struct arena *arena, struct status *status)
{
	status->warning_count = json_array_size(list);
	status->warnings =
	    arena_allocate(arena, (status->warning_count + 1) * sizeof *status->warnings);
	for (size_t i = 0; i < status->warning_count; i++) {
		const char *text = json_string_value(json_array_get(list, i));

		status->warnings[i] = text == NULL ? "" : arena_string(arena, text);
	}
}

char *status_ascii(const char *json)
{
	json_t *root = json_loads(json, 0, NULL);
	char *ascii =
	    json_is_object(root) ? json_dumps(root, JSON_COMPACT | JSON_ENSURE_ASCII) : NULL;

	json_decref(root);
	return ascii;
}

bool status_read(const char *json, struct arena *arena, struct status *status)
{
	json_t *root = json_loads(json, 0, NULL);
	bool good = json_is_string(json_object_get(root, "version")) &&
	            json_is_object(json_object_get(root, "messages"));

	*status = (struct status){.version = NULL};
	if (good) {
		read_daemon(root, arena, status);
		read_messages(json_object_get(root, "messages"), status);
		read_dns(json_object_get(root, "dns"), status);
		read_reports(root, status);
		read_warnings(json_object_get(root, "warnings"), arena, status);
	}
	json_decref(root);
	return good;
}
