/*
 * failure_sender.c - which failure reports are sent now. `assay report send` calls it after the
 * aggregate reports.
 */
#include "report/failure_sender.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "base/invariant.h"
#include "base/log.h"
#include "base/text.h"
#include "dns/query_session.h"
#include "report/audience.h"
#include "report/destination.h"
#include "report/failure_mail.h"
#include "report/sendmail.h"
#include "rows/failure_text.h"
#include "store/store_failures.h"

enum {
	DNS_MS = 30000, /* for all lookups of one report */
	RETRY_S = 15 * 60,
	ID_BYTES = 16,
	URIS_MAX = 5,   /* of ruf */
	KEEP_S = 86400, /* after which a report is of no use any more */
	MINUTE = 60
};

/* One report under way. */
struct failure_work {
	const struct failure_sender *run;
	struct arena *arena;
	struct failure_report report;
	struct problem *problem;
	bool full; /* the limit of all reports is reached: the run ends */
};

static void failure_event(const struct failure_work *work, bool good, const char *what,
                          const char *why)
{
	const struct failure_report *report = &work->report;

	work->run->event(
	    arena_format(work->arena, "failure report %lld on %s, %s: %s%s%s",
	                 (long long)report->number, report->policy_domain,
	                 text_count(work->arena, report->incidents, "message", "messages"), what,
	                 why[0] == '\0' ? "" : ": ", text_printable(work->arena, why, 1000)),
	    good, work->run->context);
}

static bool set_failure(struct failure_work *work, enum failure_state state, const char *text)
{
	static const char *const said[] = {[FAILURE_OPEN] = "has to wait",
	                                   [FAILURE_WAITING] = "has to wait",
	                                   [FAILURE_HANDING] = "",
	                                   [FAILURE_SENT] = "sent to ",
	                                   [FAILURE_REFUSED] = "not sent",
	                                   [FAILURE_DROPPED] = "not sent",
	                                   [FAILURE_UNKNOWN] = "may have been sent"};
	const struct sender *sender = work->run->sender;

	invariant(state != FAILURE_HANDING && state < FAILURE_STATES);
	work->report.state = state;
	work->report.text = text;
	work->report.next_attempt = sender->now + RETRY_S;
	failure_event(work, state == FAILURE_SENT || state == FAILURE_REFUSED,
	              state == FAILURE_SENT
	                  ? arena_format(work->arena, "%s%s%s", sender->dry_run ? "would be " : "",
	                                 said[state], work->report.addresses)
	                  : said[state],
	              text);
	return sender->dry_run || store_failures_mark(sender->store, &work->report, work->problem);
}

/* Is there room for a mail to the address, beside `more` others of this report? */
static bool has_room(struct failure_work *work, const char *address, long more, bool *room)
{
	const struct failure_settings *settings = work->run->settings;
	struct failure_usage usage;

	if (!store_failures_used(work->run->sender->store, work->run->sender->now,
	                         work->report.policy_domain, address, &usage, work->problem))
		return false;
	work->full = usage.day >= settings->per_day;
	*room = usage.domain_hour + more < settings->per_domain_hour &&
	        usage.destination_day < settings->per_destination_day &&
	        usage.day + more < settings->per_day;
	return true;
}

/* Of addresses with ", " between, those that there is room for. False: the store failed. */
static bool failure_sender_has_room(struct failure_work *work, const char *addresses,
                                    const char **allowed)
{
	struct text text;
	long count = 0;
	bool room;

	text_begin(&text, work->arena, 8192);
	for (const char *at = addresses; *at != '\0'; at = destination_next(at)) {
		const char *address = arena_copy(work->arena, at, destination_first(at));

		if (!has_room(work, address, count, &room))
			return false;
		if (room)
			text_add_format(&text, "%s%s", count++ > 0 ? ", " : "", address);
	}
	*allowed = count == 0 || text.cut ? "" : text.bytes;
	return true;
}

static struct destination_question failure_question(const struct failure_work *work)
{
	const struct sender *sender = work->run->sender;
	const struct services *services =
	    query_session_services(query_session_open(sender->resolver, NULL, DNS_MS, work->arena));

	return (struct destination_question){.services = services,
	                                     .walks = tree_walk_begin(services, work->arena),
	                                     .arena = work->arena,
	                                     .policy_domain = work->report.policy_domain,
	                                     .skip = &sender->settings->skip};
}

/* All addresses of ruf that may get it (RFC 9991 5). */
static struct destination find_addresses(const struct failure_work *work, const char *ruf)
{
	const struct destination_question question = failure_question(work);
	struct strings entries = destination_distinct(&question, ruf);
	struct destination all = {.outcome = DESTINATION_REFUSED, .addresses = "", .why = ""};

	for (size_t i = 0; i < entries.count && i < URIS_MAX; i++)
		destination_prefetch(&question, entries.items[i]);
	for (size_t i = 0; i < entries.count && i < URIS_MAX; i++) {
		struct destination one = destination_find(&question, entries.items[i]);
		const char *fresh =
		    one.outcome != DESTINATION_GOOD
		        ? ""
		        : destination_new(work->arena, one.addresses, all.addresses, URIS_MAX);

		log_debug("failure report %lld: %s: %s", (long long)work->report.number,
		          entries.items[i],
		          one.outcome == DESTINATION_GOOD ? "may get it" : one.why);
		if (fresh[0] != '\0')
			all.addresses = arena_format(work->arena, "%s%s%s", all.addresses,
			                             all.addresses[0] == '\0' ? "" : ", ", fresh);
		else if (one.why != NULL && one.outcome != DESTINATION_GOOD)
			all.why = one.why;
		if (one.outcome < all.outcome)
			all.outcome = one.outcome;
	}
	return all;
}

static const char *new_failure_id(struct arena *arena)
{
	unsigned char bytes[ID_BYTES];
	char digits[2 * ID_BYTES + 1];

	if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
		return NULL;
	for (size_t i = 0; i < ID_BYTES; i++)
		snprintf(digits + 2 * i, 3, "%02x", bytes[i]);
	return arena_string(arena, digits);
}

static const char *write_failure(struct failure_work *work, const struct failure *failure,
                                 const char **unsigned_why)
{
	const struct sender *sender = work->run->sender;
	const struct failure_mail mail = {.from = sender->settings->email,
	                                  .organization = sender->settings->organization,
	                                  .contact = sender->settings->contact,
	                                  .reporter = work->run->reporter,
	                                  .to = work->report.addresses,
	                                  .report_id = work->report.report_id,
	                                  .date = time(NULL),
	                                  .incidents = work->report.incidents,
	                                  .failure = failure};
	struct report_mail_text text = failure_mail_write(&mail, sender->sign, work->arena);

	*unsigned_why = text.unsigned_why;
	return text.bytes;
}

/* The store is marked before and after. */
static bool hand_failure(struct failure_work *work, const char *remark)
{
	const struct sender *sender = work->run->sender;
	const struct sendmail_request request = {.command = sender->settings->sendmail,
	                                         .envelope_sender =
	                                             sender->settings->envelope_sender,
	                                         .recipients = work->report.addresses,
	                                         .text = work->report.mail,
	                                         .length = strlen(work->report.mail)};
	struct problem why;

	if (sender->dry_run)
		return set_failure(work, FAILURE_SENT, "");
	work->report.attempts++;
	if (!store_failures_take(sender->store, &work->report, sender->now, work->problem))
		return false;
	if (!sendmail_submit(&request, &why))
		return set_failure(work, FAILURE_WAITING, arena_string(work->arena, why.message));
	return set_failure(work, FAILURE_SENT, remark);
}

/* One that was handed over before, or was being handed over. */
static bool repeat_failure(struct failure_work *work)
{
	const char *allowed;

	if (work->report.state == FAILURE_HANDING && work->report.doubts > 0)
		return set_failure(work, FAILURE_UNKNOWN,
		                   "the process ended twice while it was handed over");
	if (!failure_sender_has_room(work, work->report.addresses, &allowed))
		return false;
	if (strcmp(allowed, work->report.addresses) != 0)
		return true; /* the same mail to the same addresses, or nothing */
	work->report.doubts += work->report.state == FAILURE_HANDING;
	return hand_failure(work, "");
}

static bool send_failure(struct failure_work *work, const struct failure *failure)
{
	struct destination found = find_addresses(work, failure->ruf);
	const char *unsigned_why;

	if (found.addresses[0] == '\0' && found.outcome == DESTINATION_LATER)
		return true; /* equal ones are still added to it */
	if (found.addresses[0] == '\0')
		return set_failure(work, FAILURE_REFUSED, found.why);
	if (!failure_sender_has_room(work, found.addresses, &work->report.addresses))
		return false;
	if (work->report.addresses[0] == '\0')
		return true;
	work->report.report_id = new_failure_id(work->arena);
	if (work->report.report_id == NULL)
		return problem_say(work->problem,
		                   "the system has no random bytes for a report's id");
	work->report.mail = write_failure(work, failure, &unsigned_why);
	return hand_failure(work, unsigned_why == NULL
	                              ? ""
	                              : arena_format(work->arena, "not signed: %s", unsigned_why));
}

static bool do_failure(struct failure_work *work, int64_t number)
{
	const struct sender *sender = work->run->sender;
	const struct failure *failure;
	const char *excluded;

	if (!store_failures_read(sender->store, number, work->arena, &work->report, work->problem))
		return false;
	excluded = audience_excluded(sender->settings, work->report.policy_domain, work->arena);
	if (excluded == NULL &&
	    !failure_names_domain(&work->run->settings->domains, work->report.policy_domain))
		excluded = "the setting failures.domains does not name the domain";
	if (excluded != NULL)
		return set_failure(work, FAILURE_REFUSED, excluded);
	if (work->report.state != FAILURE_OPEN)
		return repeat_failure(work);
	failure = failure_text_read(work->report.record, strlen(work->report.record), work->arena);
	return failure == NULL
	           ? set_failure(work, FAILURE_DROPPED, "another version of Assay recorded it")
	           : send_failure(work, failure);
}

static bool do_failures(const struct failure_sender *run, const int64_t *numbers, size_t count,
                        struct problem *problem)
{
	struct failure_work work = {.run = run, .problem = problem};
	bool good = true;

	for (size_t i = 0; good && i < count && !work.full; i++) {
		if (run->sender->stop != NULL && *run->sender->stop != 0)
			break;
		work.arena = arena_new();
		good = do_failure(&work, numbers[i]);
		arena_free(work.arena);
	}
	return good;
}

bool failure_sender_run(const struct failure_sender *run, struct problem *problem)
{
	const struct sender *sender = run->sender;
	bool wanted = failure_settings_send(run->settings, sender->settings);
	time_t begun = sender->now - run->settings->consolidate_minutes * MINUTE;
	time_t done =
	    sender->clock_trusted ? sender->now - sender->settings->keep_days * KEEP_S : 0;
	struct arena *arena;
	int64_t *numbers;
	size_t count = 0;
	bool good;

	if (!sender->dry_run &&
	    !store_failures_expire(
	        sender->store, sender->now, wanted ? sender->now - KEEP_S : sender->now + KEEP_S,
	        done, wanted ? "not sent within a day" : "failure reports are turned off", problem))
		return false;
	if (!wanted)
		return true;
	arena = arena_new();
	good = store_failures_due(sender->store, sender->now, begun, arena, &count, &numbers,
	                          problem) &&
	       do_failures(run, numbers, count, problem);
	log_debug("sender: %zu failure reports were due", count);
	arena_free(arena);
	return good;
}
