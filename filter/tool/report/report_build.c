/*
 * report_build.c - `assay report build FOLDER`: the reports as files, for looking at them. Nothing is sent
 * and nothing is marked.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "report/report_file.h"
#include "report/sender.h"
#include "settings/settings.h"
#include "text.h"
#include "tool/report/report_tool.h"

struct run {
	const struct report_asked *asked;
	const struct report_settings *settings;
	struct store *store;
	struct problem problem;
	unsigned long files, records, messages, octets;
};

static bool write_file(struct run *run, const struct report_file *file, const char *path)
{
	FILE *to = fopen(path, "wxe");
	bool good;

	if (to == NULL)
		return problem_say(&run->problem, "cannot create %s: %s", path, strerror(errno));
	good = fwrite(file->bytes, 1, file->length, to) == file->length;
	good = fclose(to) == 0 && good;
	return good || problem_say(&run->problem, "cannot write %s: %s", path, strerror(errno));
}

/* A report that was not taken has no id yet: this one's number in the store is as good for looking at it. */
static bool build(struct run *run, int64_t number, struct arena *arena)
{
	struct outbox_report report;
	struct report_file file;
	const char *path;
	bool good = true;

	if (!store_outbox_read(run->store, number, arena, &report, &run->problem))
		return false;
	if (report.report_id[0] == '\0')
		report.report_id = arena_format(arena, "draft%lld", (long long)number);
	if (!report_file_build(run->store, &report, run->settings, arena, &file, &run->problem))
		return false;
	if (file.shortened[0] != '\0')
		fprintf(stderr, "assay: the report on %s: %s\n", report.policy->policy_domain,
		        file.shortened);
	path = arena_format(
	    arena, "%s/%s", run->asked->argument,
	    report_file_name(&report, report_file_submitter(run->settings, arena), report.report_id, arena));
	if (file.records > 0) {
		good = write_file(run, &file, path);
		run->files++;
		run->records += file.records;
		run->messages += file.messages;
		run->octets += file.length;
	}
	report_file_release(&file);
	return good;
}

static int build_all(struct run *run)
{
	struct arena *list = arena_new(), *arena = arena_new();
	const int64_t *reports;
	size_t count;
	bool good = store_outbox_unsent(run->store, run->asked->now - SENDER_SETTLE_S, list, &count, &reports,
	                                &run->problem);

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
	if (good)
		return EX_OK;
	fprintf(stderr, "assay: %s\n", run->problem.words);
	return EX_CANTCREAT;
}

int report_build(const struct report_asked *asked)
{
	struct settings *settings = report_settings_of(asked);
	struct store_query *query;
	struct run run = {.asked = asked};
	int status = EX_NOINPUT;

	if (settings == NULL)
		return EX_CONFIG;
	run.settings = &settings->reports;
	query = store_query_open(asked->store != NULL ? asked->store : settings->reports.store, &run.problem);
	if (query == NULL) {
		fprintf(stderr, "assay: %s\n", run.problem.words);
	} else if (settings->reports.email[0] == '\0') {
		fputs("assay: reports.email is empty: the settings do not say who sends the reports\n",
		      stderr);
		status = EX_CONFIG;
	} else {
		run.store = store_query_store(query);
		status = build_all(&run);
	}
	store_query_close(query);
	settings_release(settings);
	return status;
}
