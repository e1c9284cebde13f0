/*
 * report_captured.c - `assay report read --captured`: the mail that assayd kept, to an address of
 * received.addresses, comes into the store. assayd starts it soon after a copy was kept.
 *
 * A file is removed after all that is in it is in the store: whatever is killed whenever, nothing
 * is lost, and what is read again the store knows already. What cannot be read is copied aside with
 * its reason. As long as the store is away, everything stays where it is.
 */
#include <errno.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/invariant.h"
#include "base/log.h"
#include "base/text.h"
#include "received/aside.h"
#include "received/captured.h"
#include "received/reader.h"
#include "settings/settings.h"
#include "store/store_received.h"
#include "tool/common/tool.h"
#include "tool/report/report_tool.h"
#include "tool/report/report_user.h"

enum {
	FILES_A_ROUND = 1000,
	REFUSED_MAX = 10, /* files that the store refuses, until it is the store that is broken */
	SHOWN_MAX = 200   /* octets of a text of strangers in the log */
};

/* What becomes of a file. */
enum captured_step {
	CAPTURED_DONE,
	CAPTURED_REFUSED, /* by the store, which may be broken or not: the others tell */
	CAPTURED_LATER    /* nothing more can be done now */
};

struct captured_run {
	const struct settings *settings;
	const char *path; /* of the store */
	struct store *store;
	struct arena *arena; /* of a file */
	struct arena *names; /* of a round */
	size_t done, left, refused_count;
	const char *refused[REFUSED_MAX];
	struct problem problem; /* of CAPTURED_LATER and CAPTURED_REFUSED */
};

static const char *shown(struct captured_run *run, const char *text)
{
	return text == NULL ? "-" : text_printable(run->arena, text, SHOWN_MAX);
}

static void log_report(struct captured_run *run, const struct received_report *report,
                       const struct received_arrival *arrival, enum received_outcome outcome)
{
	const char *kind = received_kind_names[report->kind];
	const char *sender = shown(run, report->organization);

	if (outcome == RECEIVED_UNTRUSTED)
		log_info("%s: the %s report of \"%s\" on %s does not count: %s", arrival->place,
		         kind, sender, shown(run, report->domain),
		         arrival->why == NULL ? "there were too many" : arrival->why);
	else
		log_info(
		    "%s: %s report of \"%s\", by %s, on %s, %s: %s", arrival->place, kind, sender,
		    shown(run, arrival->reporter), shown(run, report->domain),
		    text_count(run->arena, (unsigned long)report->messages, "message", "messages"),
		    received_outcome_names[outcome]);
}

/* Strangers write to these addresses too: only what came from somebody who proved who he is, is
 * worth a warning. */
static void log_unreadable(struct captured_run *run, const struct capture_facts *facts,
                           const char *reason)
{
	const char *place = facts->queue_id == NULL ? "mail" : facts->queue_id;

	if (capture_facts_may_count(facts, run->arena))
		log_warning("%s: mail of %s is no report that can be read: %s; it is kept in "
		            "%s.received/unreadable",
		            place, shown(run, facts->author), shown(run, reason), run->path);
	else
		log_info("%s: mail of a sender that is not known for sure is no report: %s", place,
		         shown(run, reason));
}

static enum captured_step step_of(enum store_outcome status)
{
	return status == STORE_DONE     ? CAPTURED_DONE
	       : status == STORE_BROKEN ? CAPTURED_REFUSED
	                                : CAPTURED_LATER;
}

static enum captured_step store_reports(struct captured_run *run, const struct capture_facts *facts,
                                        const struct reader_result *result)
{
	enum captured_step step = CAPTURED_DONE;

	for (size_t i = 0; i < result->count && step == CAPTURED_DONE; i++) {
		const struct received_report *report = &result->reports[i];
		struct received_arrival arrival;
		enum received_outcome outcome;

		capture_facts_arrival(facts, report->kind, run->arena, &arrival);
		step = step_of(
		    store_received_add(run->store, report, &arrival, &outcome, &run->problem));
		if (step == CAPTURED_DONE)
			log_report(run, report, &arrival, outcome);
	}
	return step;
}

static bool has_failure(const struct reader_result *result)
{
	for (size_t i = 0; i < result->count; i++)
		if (result->reports[i].kind == RECEIVED_FAILURE)
			return true;
	return false;
}

static bool keep_aside(struct captured_run *run, int file, const char *part, const char *reason,
                       const struct capture_facts *facts)
{
	return aside_keep(run->path, part, file, reason,
	                  facts->queue_id == NULL ? "mail" : facts->queue_id, &run->problem);
}

/* What people may want to look at, before the file goes. */
static enum captured_step keep_what_is_odd(struct captured_run *run, int file,
                                           const struct capture_facts *facts,
                                           const struct reader_result *result)
{
	bool good = true;

	if (result->reason_count > 0) {
		log_unreadable(run, facts, result->reasons[0]);
		good = keep_aside(run, file, ASIDE_UNREADABLE, result->reasons[0], facts);
	}
	if (good && run->settings->received.keep_failures && has_failure(result))
		good = keep_aside(run, file, ASIDE_FAILURES, "a failure report", facts);
	return good ? CAPTURED_DONE : CAPTURED_LATER;
}

static enum captured_step captured_read(struct captured_run *run, int file,
                                        const struct capture_facts *facts)
{
	struct reader_result result = {.count = 0};
	enum captured_step step;

	if (reader_read(file, &reader_limits_default, run->arena, &result) == READER_FAILED) {
		problem_say(&run->problem, "no process can be made that reads them: %s",
		            strerror(errno));
		return CAPTURED_LATER;
	}
	step = store_reports(run, facts, &result);
	return step == CAPTURED_DONE ? keep_what_is_odd(run, file, facts, &result) : step;
}

static enum captured_step captured_take(struct captured_run *run, const char *name)
{
	struct capture_facts facts;
	enum captured_step step = CAPTURED_DONE;
	int file;

	switch (captured_open(run->path, name, run->arena, &file, &facts, &run->problem)) {
	case CAPTURED_OPEN:
		step = captured_read(run, file, &facts);
		close(file);
		break;
	case CAPTURED_GONE:
		return CAPTURED_DONE;
	case CAPTURED_FOREIGN:
		log_warning("a file in the folder of kept mail is removed and not read: %s",
		            run->problem.message);
		break;
	case CAPTURED_FAILED:
		return CAPTURED_LATER;
	}
	if (step == CAPTURED_DONE && !captured_remove(run->path, name, &run->problem))
		step = CAPTURED_LATER;
	run->done += step == CAPTURED_DONE;
	return step;
}

/* Those that the store refused, while it took others: they would be refused for ever. */
static void drop_refused(struct captured_run *run)
{
	for (size_t i = 0; i < run->refused_count; i++) {
		struct capture_facts facts;
		int file;

		if (captured_open(run->path, run->refused[i], run->arena, &file, &facts,
		                  &run->problem) != CAPTURED_OPEN)
			continue;
		log_unreadable(run, &facts, "the store refuses it");
		if (keep_aside(run, file, ASIDE_UNREADABLE, "the store refuses it", &facts) &&
		    captured_remove(run->path, run->refused[i], &run->problem))
			run->left--;
		close(file);
	}
}

static enum captured_step take_all(struct captured_run *run, const char *const *names, size_t count)
{
	enum captured_step step = CAPTURED_DONE;

	for (size_t i = 0; i < count && step != CAPTURED_LATER; i++) {
		step = captured_take(run, names[i]);
		if (step == CAPTURED_REFUSED && run->refused_count < REFUSED_MAX)
			run->refused[run->refused_count++] = names[i];
		else if (step == CAPTURED_REFUSED)
			step = CAPTURED_LATER;
		run->left += step != CAPTURED_DONE;
		arena_reset(run->arena);
	}
	return step == CAPTURED_LATER ? CAPTURED_LATER : CAPTURED_DONE;
}

/* Rounds of the oldest, until there is none left, or one that only had what stays. */
static void take_rounds(struct captured_run *run)
{
	const char *const *names;
	size_t count, before;
	enum captured_step step;

	do {
		arena_reset(run->names);
		run->refused_count = run->left = 0;
		before = run->done;
		if (!capture_folder_list(run->path, "new", FILES_A_ROUND, run->names, &names,
		                         &count)) {
			problem_say(&run->problem, "cannot read %s.received/new: %s", run->path,
			            strerror(errno));
			run->left = 1;
			return;
		}
		step = take_all(run, names, count);
		if (run->done > 0)
			drop_refused(run);
	} while (step == CAPTURED_DONE && run->done > before);
}

static int captured_status(const struct captured_run *run)
{
	log_debug("captured: %zu files are done, %zu stay", run->done, run->left);
	if (run->left == 0)
		return EX_OK;
	log_warning("mail that was kept to be read as reports stays in %s.received: %s", run->path,
	            run->problem.message);
	return EX_TEMPFAIL;
}

static bool is_empty(const char *path, struct arena *arena)
{
	const char *const *names;
	size_t count;

	return capture_folder_list(path, "new", 1, arena, &names, &count) && count == 0;
}

/* The folder is locked, and has something. */
static int run_over_folder(struct captured_run *run)
{
	int status;

	if (store_open(run->path, &run->store, &run->problem) != STORE_DONE) {
		run->left = 1;
		return captured_status(run);
	}
	take_rounds(run);
	status = captured_status(run);
	store_close(run->store);
	return status;
}

static int captured_begin(struct captured_run *run)
{
	bool there;

	if (!report_user_become(run->settings->user, &run->problem)) {
		log_warning("reading reports of others: %s", run->problem.message);
		return EX_NOUSER;
	}
	if (!captured_lock(run->path, &there, &run->problem)) {
		if (run->problem.message[0] != '\0')
			log_warning("reading reports of others: %s", run->problem.message);
		else
			log_debug("captured: another reader is at work");
		return EX_TEMPFAIL;
	}
	invariant(run->arena != NULL);
	return there && !is_empty(run->path, run->arena) ? run_over_folder(run) : EX_OK;
}

int report_captured(const struct report_arguments *arguments)
{
	struct settings *settings = report_settings_of(arguments);
	struct captured_run run = {.settings = settings};
	int status;

	if (settings == NULL)
		return EX_CONFIG;
	if (!isatty(STDERR_FILENO))
		log_open(&settings->log);
	run.path = arguments->store != NULL ? arguments->store : settings->reports.store;
	if (run.path[0] == '\0') {
		settings_release(settings);
		return EX_OK;
	}
	run.arena = arena_new();
	run.names = arena_new();
	status = captured_begin(&run);
	arena_free(run.arena);
	arena_free(run.names);
	settings_release(settings);
	return status;
}
