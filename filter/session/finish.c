/*
 * finish.c - the last stage: judge, decide, act, record, log. The one exit of every message. Before
 * it: body.c.
 */
#include "base/clock.h"
#include "base/invariant.h"
#include "base/log.h"
#include "decision/rules.h"
#include "recorder/recorder.h"
#include "recorder/report_loop.h"
#include "session/apply.h"
#include "session/copy.h"
#include "session/outcome_log.h"
#include "session/trail_findings.h"

static struct rule_match find_rule(const struct session *session, const struct findings *findings)
{
	const struct settings *settings = session->settings;

	struct rule_match rule = {.dmarc = RULE_FOLLOW};

	if (!findings->judged)
		return rule;
	rule = rules_find(&settings->rules, &settings->networks.forwarders, &session->message,
	                  findings, session->arena);
	session_debug(session, "rules: %s applies, dmarc %s%s",
	              rule.name == NULL ? "none of them" : rule.name, rule_dmarc_names[rule.dmarc],
	              rule.some_follow ? ", though not to every recipient or author" : "");
	return rule;
}

static void add_row(struct session *session, const struct report_row *row)
{
	bool kept = recorder_add(session->shared->recorder, row);

	session_debug(session, "record: the row for the report is %s",
	              kept ? "kept" : "lost, reports.waiting is used up");
}

/* Nothing is done, and nothing logged, where no failure reports are sent. */
static void record_failure(struct session *session, const struct findings *findings,
                           const struct verdict *verdict)
{
	const struct settings *settings = session->settings;
	struct recorder *recorder = session->shared->recorder;
	struct failure_key key;
	const char *unwanted;

	if (!failure_settings_send(&settings->failures, &settings->reports))
		return;
	unwanted =
	    failure_unwanted(&session->message, findings, verdict, &settings->failures.domains,
	                     settings->reports.email, session->arena);
	if (unwanted == NULL && !recorder_failure_key(recorder, &key))
		unwanted = "the store has given no key to redact with yet";
	if (unwanted == NULL &&
	    !recorder_add_failure(recorder,
	                          failure_make(&session->message, findings, verdict,
	                                       &settings->networks.ours, &key, session->arena)))
		unwanted = "the journal has no room";
	session_debug(session, "record: %s%s",
	              unwanted == NULL ? "kept for a failure report" : "no failure report: ",
	              unwanted == NULL ? "" : unwanted);
}

/* The row is recorded before the server gets the answer, so that no answered message is missing
 * from the report. */
static const struct report_row *record(struct session *session, const struct findings *findings,
                                       const struct verdict *verdict)
{
	struct recorder *recorder = session->shared->recorder;
	const struct report_row *row;

	if (!findings->judged)
		return NULL;
	invariant(verdict->kind < VERDICT_KINDS);
	row = row_make(&session->message, findings, verdict, session->arena);
	if (recorder == NULL)
		session_debug(session, "record: no row, since reports.store is empty");
	else if (session->only_received ||
	         report_loop_found(&session->message, findings, &session->settings->reports,
	                           session->arena))
		session_debug(session, "record: no row, since it is a report or comes from one");
	else {
		add_row(session, row);
		record_failure(session, findings, verdict);
	}
	return row;
}

/* The two readers of the policy differ, so one of them has a defect. Our own reading counts. */
static void report_defect(const struct message *message, const struct findings *findings,
                          struct arena *arena)
{
	if (findings->dmarc.crosscheck != NULL)
		log_warning("%s: please report this: libopendmarc reads the DMARC policy of %s "
		            "otherwise: %s",
		            outcome_log_queue_id(message, arena), findings->dmarc.author.domain,
		            findings->dmarc.crosscheck);
}

/* The copy is on the disk, and nobody else wants the message. */
static void discard(struct session *session, const struct mta *mta)
{
	session_debug(session, "apply: the message is taken and not delivered (received.after)");
	mta->discard(mta->context);
}

enum action finish_message(struct session *session, const struct mta *mta)
{
	const struct findings *findings;
	struct verdict *verdict;
	const struct report_row *row;
	enum action applied;
	enum copy_outcome copy;
	struct rule_match rule;
	struct timespec began;
	double seconds;

	if (!session->under_way)
		return ACTION_TEMPFAIL;
	invariant(session->evaluation != NULL && mta != NULL);
	began = clock_deadline_after(0);
	session->message.queue_id = arena_string(session->arena, mta->queue_id(mta->context));
	verdict = arena_allocate(session->arena, sizeof *verdict);

	session_queue_id(session, session->message.queue_id);
	if (session->message.queue_id == NULL || session->message.queue_id[0] == '\0')
		session_debug(session, "end of message: the mail server sent no macro i");
	session_debug(session, "end of message: %zu octets of body, recipients: %zu",
	              session->message.body_bytes, session->message.recipient_count);
	findings = evaluate_judge(session->evaluation);
	if (session->trail != NULL)
		trail_findings(session->trail, findings);
	rule = find_rule(session, findings);
	*verdict = decision_make(&session->message, findings, &rule, &session->settings->decision,
	                         session->arena);
	if (session->trail != NULL)
		trail_findings_verdict(session->trail, verdict);
	copy = copy_finish(session, findings, verdict);
	applied = apply_verdict(&session->message, findings, verdict, mta, session->trail,
	                        session->arena);
	if (copy == COPY_DISCARDED)
		discard(session, mta);
	row = record(session, findings, verdict);
	report_defect(&session->message, findings, session->arena);
	seconds = clock_monotonic_since(&session->began);
	metrics_message(session->shared->metrics,
	                &(struct metrics_message){findings, verdict, rule.dmarc, seconds,
	                                          clock_monotonic_since(&began)});
	outcome_log(&session->message, findings, verdict,
	            copy == COPY_NONE ? NULL : copy_outcome_names[copy], session->query_session,
	            seconds * 1e3, session->arena);
	session_debug(session, "answered: %s after %.1f ms", action_names[applied], seconds * 1e3);

	session->outcome =
	    (struct outcome){&session->message, findings, verdict, row, session->query_session};
	if (!session->remember)
		session_end_message(session);
	return applied;
}

void finish_abort(struct session *session)
{
	if (session->under_way) {
		metrics_aborted(session->shared->metrics);
		session_debug(session, "a message from <%s> ended before its end",
		              session->message.mail_from);
	}
	session_end_message(session);
}
