/*
 * report_build.c - `assay report build FOLDER`: the reports as files, for looking at them. Nothing
 * is sent and nothing is marked.
 */
#include <stdio.h>
#include <sysexits.h>

#include "base/text.h"
#include "report/report_file.h"
#include "report/sender.h"
#include "settings/settings.h"
#include "tool/common/tool.h"
#include "tool/report/report_tool.h"
#include "tool/report/report_user.h"
#include "tool/report/report_writer.h"

struct run {
	const struct report_arguments *arguments;
	const struct report_settings *settings;
	struct store *store;
	struct report_writer writer;
	struct problem problem;
	unsigned long files, records, messages, octets;
};

/* The writer tells by itself what it cannot do. */
static bool add_file(struct run *run, const char *name, const struct report_file *file)
{
	if (!report_writer_add(&run->writer, name, file->bytes, file->length)) {
		run->problem.message[0] = '\0';
		return false;
	}
	run->files++;
	run->records += file->records;
	run->messages += file->messages;
	run->octets += file->length;
	return true;
}

/* A report that was not taken has no id yet: this one's number in the store is as good for looking
 * at it. */
static bool build(struct run *run, int64_t number, struct arena *arena)
{
	struct outbox_report report;
	struct report_file file;
	bool good = true;

	if (!store_outbox_read(run->store, number, arena, &report, &run->problem))
		return false;
	if (report.report_id[0] == '\0')
		report.report_id = arena_format(arena, "draft%lld", (long long)number);
	if (!report_file_build(run->store, &report, run->settings, arena, &file, &run->problem))
		return false;
	if (file.shortened[0] != '\0')
		tool_complain(EX_OK, "the report on %s: %s", report.policy->policy_domain,
		              file.shortened);
	if (file.records > 0)
		good =
		    add_file(run,
		             report_file_name(&report, report_file_submitter(run->settings, arena),
		                              report.report_id, arena),
		             &file);
	report_file_release(&file);
	return good;
}

static int build_all(struct run *run)
{
	struct arena *list = arena_new(), *arena = arena_new();
	const int64_t *reports;
	size_t count;
	bool good = store_outbox_unsent(run->store, run->arguments->now - SENDER_SETTLE_S, list,
	                                &count, &reports, &run->problem);

	for (size_t i = 0; good && i < count; i++) {
		good = build(run, reports[i], arena);
		arena_reset(arena);
	}
	printf("%s with %s on %s, %s\n", text_count(list, run->files, "report", "reports"),
	       text_count(list, run->records, "record", "records"),
	       text_count(list, run->messages, "message", "messages"),
	       text_count(list, run->octets, "byte", "bytes"));
	arena_free(arena);
	arena_free(list);
	if (!good && run->problem.message[0] != '\0')
		tool_complain(EX_CANTCREAT, "%s", run->problem.message);
	return good ? EX_OK : EX_CANTCREAT;
}

/* The writer is at work: from here on, root is given up. */
static int build_from(struct run *run, const char *path)
{
	struct store_query *query = report_user_become_owner(path, &run->problem)
	                                ? store_query_open(path, &run->problem)
	                                : NULL;
	int status;

	if (query == NULL)
		return tool_complain(EX_NOINPUT, "%s", run->problem.message);
	run->store = store_query_store(query);
	status = build_all(run);
	store_query_close(query);
	return status;
}

static int build_with_settings(struct run *run, const char *path)
{
	int status, written;

	if (run->settings->email[0] == '\0')
		return tool_complain(
		    EX_CONFIG,
		    "reports.email is empty: the settings do not say who sends the reports");
	if (!report_writer_start(&run->writer, run->arguments->argument, &run->problem))
		return tool_complain(EX_CANTCREAT, "%s", run->problem.message);
	status = build_from(run, path);
	written = report_writer_end(&run->writer);
	return status == EX_OK ? written : status;
}

int report_build(const struct report_arguments *arguments)
{
	struct settings *settings = report_settings_of(arguments);
	struct run run = {.arguments = arguments};
	int status;

	if (settings == NULL)
		return EX_CONFIG;
	run.settings = &settings->reports;
	status = build_with_settings(&run, arguments->store != NULL ? arguments->store
	                                                            : settings->reports.store);
	settings_release(settings);
	return status;
}
