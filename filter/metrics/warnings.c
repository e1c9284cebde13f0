/*
 * warnings.c - what needs attention, in sentences (warnings.h). Called by status_text.c.
 * contrib/prometheus/alerts.yml has alerts with the same meaning.
 */
#include "metrics/warnings.h"

#include <stdio.h>

#include "base/invariant.h"

#include "metrics/health.h"

enum {
	LOOKUPS_MIN = 20,     /* of fewer in an hour, the share that fails means nothing */
	COPIES_LATE_S = 3600, /* they are read within a minute */
	LATE_S = 6 * 3600,    /* normally reports are sent within two hours after their period */
	HOUR = 3600
};

/* The ending of a noun, and its verb. */
static const char *were(unsigned long count)
{
	return count == 1 ? " was" : "s were";
}

static const char *wait_on(unsigned long count)
{
	return count == 1 ? " waits" : "s wait";
}

typedef bool finding(const struct facts *facts, struct problem *text);

static bool is_ill(const struct facts *facts, struct problem *text)
{
	return !health_is_good(facts, text);
}

static bool reload_failed(const struct facts *facts, struct problem *text)
{
	if (facts->failed <= 0 || facts->failed < facts->loaded)
		return false;
	snprintf(text->message, sizeof text->message,
	         "the settings were not reloaded, the former ones stay: %.900s",
	         facts->why_failed.message);
	return true;
}

static bool dns_fails(const struct facts *facts, struct problem *text)
{
	const struct facts_recent *recent = &facts->recent;

	if (recent->lookups < LOOKUPS_MIN || recent->failed_lookups * 4 < recent->lookups)
		return false;
	problem_say(
	    text,
	    "%lu of %lu DNS lookups of the last hour failed: check that the name servers answer "
	    "(setting \"resolver.servers\", or /etc/resolv.conf)",
	    recent->failed_lookups, recent->lookups);
	return true;
}

static bool lookups_are_refused(const struct facts *facts, struct problem *text)
{
	if (facts->cache[FACTS_REFUSED_LOOKUP] == 0)
		return false;
	problem_say(text,
	            "%lu DNS lookup%s refused because too many were in flight: find out why the "
	            "name servers are slow, or raise resolver.in_flight",
	            facts->cache[FACTS_REFUSED_LOOKUP], were(facts->cache[FACTS_REFUSED_LOOKUP]));
	return true;
}

static bool mail_was_not_evaluated(const struct facts *facts, struct problem *text)
{
	unsigned long count = facts->counts.kinds[VERDICT_NOT_EVALUATED];

	if (count == 0)
		return false;
	problem_say(text,
	            "%lu message%s deferred because a limit was reached before it was known "
	            "whether they pass: search the log for \"not evaluated\" and the client's "
	            "address",
	            count, were(count));
	return true;
}

static bool mail_is_put_off(const struct facts *facts, struct problem *text)
{
	if (facts->counts.refused[METRICS_TOO_MANY] == 0)
		return false;
	problem_say(
	    text,
	    "%lu message%s deferred because %lu were under way: raise limits.messages if the host "
	    "can handle more",
	    facts->counts.refused[METRICS_TOO_MANY], were(facts->counts.refused[METRICS_TOO_MANY]),
	    facts->under_way_limit);
	return true;
}

static bool client_is_put_off(const struct facts *facts, struct problem *text)
{
	unsigned long count = facts->counts.refused[METRICS_CLIENT_MESSAGES];

	if (count == 0)
		return false;
	problem_say(text,
	            "%lu message%s deferred because their client had its share of limits.messages "
	            "under way: the log names the clients (\"messages under way\")",
	            count, were(count));
	return true;
}

static bool rows_are_stuck(const struct facts *facts, struct problem *text)
{
	static const char *const sentences[FACTS_TROUBLES] = {
	    [FACTS_STORE_LOCKED] =
	        "another program holds the report store: end that program's transaction",
	    [FACTS_STORE_FULL] = "the report store cannot grow: make room on its file system",
	    [FACTS_STORE_READ_ONLY] =
	        "the report store cannot be written: give the file and its folder to the user of "
	        "assayd",
	    [FACTS_STORE_NEWER] =
	        "the report store was used by a later version of Assay: install that, or name "
	        "another file in reports.store",
	    [FACTS_STORE_BROKEN] = "the report store cannot be used: the log says why",
	    [FACTS_JOURNAL] = "the folder beside the report store (STORE.rows) cannot be written: "
	                      "make room there",
	};

	for (size_t i = 0; i < FACTS_TROUBLES; i++) {
		if (facts->trouble[i] == 0)
			continue;
		problem_say(text, "%s (%lu report row%s; mail goes on)", sentences[i],
		            facts->rows_waiting, wait_on(facts->rows_waiting));
		return true;
	}
	return false;
}

static bool rows_were_lost(const struct facts *facts, struct problem *text)
{
	if (facts->rows_lost == 0)
		return false;
	problem_say(
	    text,
	    "%lu report row%s lost since the start; the log says why, and reports of these days "
	    "have fewer messages than came",
	    facts->rows_lost, were(facts->rows_lost));
	return true;
}

static bool reports_are_late(const struct facts *facts, struct problem *text)
{
	double age = facts->now - facts->reports.oldest_due;
	unsigned long due = facts->reports.due;

	if (due == 0 || age < LATE_S)
		return false;
	problem_say(text,
	            "%lu report%s to be sent, for %.0f hours: check that reports.automatic or "
	            "assay-reports.timer is on; assay report send sends now",
	            due, wait_on(due), age / HOUR);
	return true;
}

static bool mails_were_given_up(const struct facts *facts, struct problem *text)
{
	unsigned long count = facts->reports.ended[FACTS_GIVEN_UP];

	if (count == 0)
		return false;
	problem_say(text, "%lu report mail%s given up since the start: assay report list says why",
	            count, were(count));
	return true;
}

static bool new_sources_fail(const struct facts *facts, struct problem *text)
{
	unsigned long count = facts->reported.new_sources;

	if (count == 0)
		return false;
	problem_say(text,
	            "%lu source%s not been seen before and %d messages or more of each fail "
	            "DMARC, by the reports of others: assay report sources DOMAIN says who it is",
	            count, count == 1 ? " has" : "s have", RECEIVED_WATCH_NEW);
	return true;
}

static bool reporters_are_silent(const struct facts *facts, struct problem *text)
{
	unsigned long count = facts->reported.silent_reporters;

	if (count == 0)
		return false;
	problem_say(text,
	            "%lu reporter%s no report for %d days: assay report received says which; check "
	            "rua of the DMARC records, and that reports are read",
	            count, count == 1 ? " has sent" : "s have sent", RECEIVED_WATCH_SILENT);
	return true;
}

static bool copies_are_lost(const struct facts *facts, struct problem *text)
{
	unsigned long lost = facts->counts.received[METRICS_RECEIVED_FULL] +
	                     facts->counts.received[METRICS_RECEIVED_FAILED];

	if (lost == 0)
		return false;
	problem_say(text,
	            "%lu mail%s delivered since the start that could not be kept to be read as "
	            "reports: the log says what keeps copies from STORE.received",
	            lost, were(lost));
	return true;
}

static bool copies_wait(const struct facts *facts, struct problem *text)
{
	double age = facts->now - facts->received_oldest;
	unsigned long waiting = facts->received.waiting;

	if (waiting == 0 || (age < COPIES_LATE_S && waiting < CAPTURE_FOLDER_FILES / 2))
		return false;
	problem_say(text,
	            "%lu mail%s to be read as reports, for %.1f hours: see why with assay report "
	            "read --captured",
	            waiting, wait_on(waiting), age / HOUR);
	return true;
}

static bool files_run_out(const struct facts *facts, struct problem *text)
{
	const struct facts_process *process = &facts->process;

	if (process->max_files == 0 || process->open_files < process->max_files / 10 * 9)
		return false;
	problem_say(text, "%lu of %lu file descriptors are open: raise LimitNOFILE of the service",
	            process->open_files, process->max_files);
	return true;
}

static finding *const findings[] = {
    is_ill,
    reload_failed,
    dns_fails,
    lookups_are_refused,
    mail_was_not_evaluated,
    mail_is_put_off,
    client_is_put_off,
    rows_are_stuck,
    rows_were_lost,
    reports_are_late,
    mails_were_given_up,
    new_sources_fail,
    reporters_are_silent,
    copies_are_lost,
    copies_wait,
    files_run_out,
};

_Static_assert(sizeof findings / sizeof findings[0] <= WARNINGS_MAX, "room for each");

void warnings_find(const struct facts *facts, struct warnings *warnings)
{
	warnings->count = 0;
	for (size_t i = 0; i < sizeof findings / sizeof findings[0]; i++)
		warnings->count += findings[i](facts, &warnings->items[warnings->count]);
	invariant(warnings->count <= WARNINGS_MAX);
}
