/*
 * sender_report.c - one report on its way: store_outbox.c takes it, report_file.c builds it,
 * destination.c says who may get it, report_mail.c writes the mail and sendmail.c submits it.
 * sender.c calls it for each report that is due.
 */
#include "report/sender_report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "base/invariant.h"
#include "base/log.h"
#include "base/text.h"
#include "dns/query_session.h"
#include "report/audience.h"
#include "report/report_file.h"
#include "report/report_mail.h"
#include "report/sendmail.h"

enum {
	ID_BYTES = 16,
	DNS_MS = 30000, /* for all lookups of one report */
	RETRY_FIRST_S = 15 * 60,
	HOUR = 3600
};

static void report_event(const struct sender_work *work, const struct outbox_delivery *delivery,
                         const char *text)
{
	const struct sender_event event = {&work->report, delivery, work->messages, text};

	work->sender->event(&event, work->sender->context);
}

/* RFC 9990 3.5.2, and a file name's unique part: letters and digits alone suit all grammars. */
static const char *new_report_id(struct arena *arena)
{
	unsigned char bytes[ID_BYTES];
	char digits[2 * ID_BYTES + 1];

	if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
		return NULL;
	for (size_t i = 0; i < ID_BYTES; i++)
		snprintf(digits + 2 * i, 3, "%02x", bytes[i]);
	return arena_string(arena, digits);
}

static void open_query_session(struct sender_work *work)
{
	struct query_session *query_session =
	    query_session_open(work->sender->resolver, NULL, DNS_MS, work->arena);
	const struct services *services = query_session_services(query_session);

	work->question =
	    (struct destination_question){.services = services,
	                                  .walks = tree_walk_begin(services, work->arena),
	                                  .arena = work->arena,
	                                  .policy_domain = work->report.policy->policy_domain,
	                                  .skip = &work->sender->settings->skip};
}

/* Every address of rua: which of them can be used is seen when their turn comes. */
static void plan_deliveries(struct sender_work *work)
{
	struct strings entries = destination_distinct(&work->question, work->report.policy->rua);

	work->report.deliveries =
	    arena_allocate(work->arena, (entries.count + 1) * sizeof *work->report.deliveries);
	work->report.delivery_count = entries.count;
	for (size_t i = 0; i < entries.count; i++)
		work->report.deliveries[i] =
		    (struct outbox_delivery){.uri = entries.items[i],
		                             .state = OUTBOX_WAITING,
		                             .addresses = "",
		                             .changed = work->sender->now,
		                             .next_attempt = work->sender->now,
		                             .text = ""};
}

static bool take_report(struct sender_work *work)
{
	const struct sender *sender = work->sender;
	const char *id = new_report_id(work->arena);

	if (id == NULL)
		return problem_say(work->problem, "the system has no random bytes for a Report-ID");
	work->report.report_id = id;
	work->report.file_name = report_file_name(
	    &work->report, report_file_submitter(sender->settings, work->arena), id, work->arena);
	work->report.taken = sender->now;
	plan_deliveries(work);
	return sender->dry_run || store_outbox_take(sender->store, &work->report, work->problem);
}

static bool finish_report(struct sender_work *work, enum outbox_state state, const char *text)
{
	report_event(work, NULL, text);
	return work->sender->dry_run ||
	       store_outbox_finish(work->sender->store, work->report.number, state, text,
	                           work->problem);
}

static bool keep_content(struct sender_work *work, const struct report_file *file)
{
	const struct sender *sender = work->sender;

	if (!sender->dry_run && !store_outbox_keep(sender->store, work->report.number, file->bytes,
	                                           file->length, work->problem))
		return false;
	work->content = malloc(file->length);
	if (work->content == NULL)
		return problem_say(work->problem, "no memory for a report");
	memcpy(work->content, file->bytes, work->length = file->length);
	return true;
}

/* Builds the content, or takes what was built before. `length` 0: there is none that can be sent.
 */
static bool provide_content(struct sender_work *work)
{
	const struct sender *sender = work->sender;
	struct report_file file;
	bool good;

	if (!store_outbox_content(sender->store, work->report.number, &work->content, &work->length,
	                          work->problem))
		return false;
	if (work->length > 0)
		return true;
	if (!report_file_build(sender->store, &work->report, sender->settings, work->arena, &file,
	                       work->problem))
		return false;
	work->shortened = file.shortened;
	work->messages = file.messages;
	good = file.records == 0 || keep_content(work, &file);
	report_file_release(&file);
	return good;
}

static long retry_after(long attempts)
{
	long seconds = RETRY_FIRST_S;

	while (--attempts > 0 && seconds < SENDER_REPORT_RETRY_MAX_S)
		seconds *= 2;
	return seconds < SENDER_REPORT_RETRY_MAX_S ? seconds : SENDER_REPORT_RETRY_MAX_S;
}

/* When the tries began; where the clock was wrong at that time, they count from the end of the
 * period. */
static time_t tried_since(const struct sender_work *work)
{
	const struct outbox_report *report = &work->report;

	return report->taken >= report->end && report->taken <= work->sender->now ? report->taken
	                                                                          : report->end;
}

/* Notes the outcome, in the store too. */
static bool set_outcome(struct sender_work *work, struct outbox_delivery *delivery,
                        enum outbox_delivery_state state, const char *text)
{
	const struct sender *sender = work->sender;

	if (state == OUTBOX_WAITING &&
	    sender->now >= tried_since(work) + sender->settings->retry_hours * HOUR)
		state = OUTBOX_GIVEN_UP;
	delivery->state = state;
	delivery->text = text;
	delivery->changed = sender->now;
	delivery->next_attempt = sender->now + retry_after(delivery->attempts);
	work->totals->sent += state == OUTBOX_SENT;
	work->totals->waiting += state == OUTBOX_WAITING;
	work->waiting += state == OUTBOX_WAITING;
	work->totals->refused += state == OUTBOX_REFUSED;
	work->totals->given_up += state == OUTBOX_GIVEN_UP;
	report_event(work, delivery, text);
	return sender->dry_run || store_outbox_mark(sender->store, delivery, work->problem);
}

static struct report_mail_text write_mail(const struct sender_work *work,
                                          const struct outbox_delivery *delivery)
{
	const struct outbox_report *report = &work->report;
	const struct report_settings *settings = work->sender->settings;
	const char *submitter = report_file_submitter(settings, work->arena);
	const struct report_mail mail = {
	    .from = settings->email,
	    .organization = settings->organization,
	    .submitter = submitter,
	    .to = delivery->addresses,
	    .policy_domain = report->policy->policy_domain,
	    .report_id = report->report_id,
	    .file_name = report->file_name,
	    .begin = report->begin,
	    .end = report->end,
	    .date = time(NULL), /* not the sender's `now`: verifiers compare it with theirs */
	    .message_id = arena_format(work->arena, "%s.%lld@%s", report->report_id,
	                               (long long)delivery->number, submitter),
	    .file = work->content,
	    .length = work->length};

	return report_mail_write(&mail, work->sender->sign, work->arena);
}

static bool submit(const struct sender_work *work, const char *recipients,
                   const struct report_mail_text *text, struct problem *why)
{
	const struct sendmail_request request = {.command = work->sender->settings->sendmail,
	                                         .envelope_sender =
	                                             work->sender->settings->envelope_sender,
	                                         .recipients = recipients,
	                                         .text = text->bytes,
	                                         .length = text->length};

	return sendmail_submit(&request, why);
}

/* A mail of its own, once the owner's is on its way: nothing that is wrong with it holds that one
 * up. */
static void submit_copy(const struct sender_work *work, const struct outbox_delivery *delivery,
                        const char *copy, const struct report_mail_text *text)
{
	struct problem why;

	if (copy[0] != '\0' && !submit(work, copy, text, &why))
		report_event(work, delivery,
		             arena_format(work->arena,
		                          "but the copy to %s (reports.copy) was not sent: %s",
		                          copy, why.message));
}

/* What the operator is to know of a mail that goes out all the same. */
static const char *remarks_on(const struct sender_work *work, const struct report_mail_text *text)
{
	const char *shortened = work->shortened == NULL ? "" : work->shortened;

	if (text->unsigned_why == NULL)
		return shortened;
	return arena_format(work->arena, "not signed: %s%s%s", text->unsigned_why,
	                    shortened[0] == '\0' ? "" : "; ", shortened);
}

/* The mark before and the mark after. */
static bool submit_report(struct sender_work *work, struct outbox_delivery *delivery,
                          const struct report_mail_text *text)
{
	const char *copy =
	    audience_copy(work->sender->settings, &work->report, delivery, work->arena);
	struct problem why;

	delivery->state = OUTBOX_HANDING;
	delivery->text = "";
	if (!store_outbox_mark(work->sender->store, delivery, work->problem))
		return false;
	if (!submit(work, delivery->addresses, text, &why))
		return set_outcome(work, delivery, OUTBOX_WAITING,
		                   arena_string(work->arena, why.message));
	if (!set_outcome(work, delivery, OUTBOX_SENT, remarks_on(work, text)))
		return false;
	submit_copy(work, delivery, copy, text);
	return true;
}

/* `taken` are the addresses of the others, and `room` is how many more the cap allows. */
static bool deliver(struct sender_work *work, struct outbox_delivery *delivery, const char *taken,
                    size_t room)
{
	const struct sender *sender = work->sender;
	struct destination destination;
	struct report_mail_text text;

	delivery->attempts++;
	destination = destination_find(&work->question, delivery->uri);
	delivery->addresses =
	    destination.addresses == NULL
	        ? ""
	        : destination_new(work->arena, destination.addresses, taken, room);
	if (destination.outcome == DESTINATION_LATER)
		return set_outcome(work, delivery, OUTBOX_WAITING, destination.why);
	if (destination.outcome == DESTINATION_REFUSED)
		return set_outcome(work, delivery, OUTBOX_REFUSED, destination.why);
	if (delivery->addresses[0] == '\0')
		return set_outcome(work, delivery, OUTBOX_REFUSED,
		                   "another entry leads to the same address");
	text = write_mail(work, delivery);
	if (sender->settings->dialect == REPORT_RFC7489 && destination.limit > 0 &&
	    text.length > destination.limit)
		return set_outcome(work, delivery, OUTBOX_REFUSED,
		                   arena_format(work->arena,
		                                "the mail has %zu bytes and %s takes %zu",
		                                text.length, delivery->uri, destination.limit));
	return sender->dry_run ? set_outcome(work, delivery, OUTBOX_SENT,
	                                     work->shortened == NULL ? "" : work->shortened)
	                       : submit_report(work, delivery, &text);
}

static bool is_due(const struct sender_work *work, const struct outbox_delivery *delivery)
{
	return (delivery->state == OUTBOX_WAITING || delivery->state == OUTBOX_HANDING) &&
	       (delivery->next_attempt <= work->sender->now ||
	        delivery->next_attempt > work->sender->now + SENDER_REPORT_RETRY_MAX_S);
}

void sender_report_prefetch(struct sender_work *work, int64_t number)
{
	const struct report_settings *settings = work->sender->settings;
	size_t max = (size_t)settings->maximum_destinations;
	struct strings entries;
	struct problem none;

	if (!store_outbox_read(work->sender->store, number, work->arena, &work->report, &none) ||
	    audience_excluded(settings, work->report.policy->policy_domain, work->arena) != NULL)
		return;
	open_query_session(work);
	entries = destination_distinct(&work->question, work->report.policy->rua);
	for (size_t i = 0; i < entries.count && i < max; i++)
		destination_prefetch(&work->question, entries.items[i]);
}

static size_t count_deliveries(const struct outbox_report *report, enum outbox_delivery_state state)
{
	size_t count = 0;

	for (size_t i = 0; i < report->delivery_count; i++)
		count += report->deliveries[i].state == state;
	return count;
}

/* Once nothing is left to try, or as many have it as may, the report is done with. */
static bool conclude_report(struct sender_work *work)
{
	const struct outbox_report *report = &work->report;
	bool all = audience_reached(report) >= (size_t)work->sender->settings->maximum_destinations;

	if (all)
		work->totals->waiting -= work->waiting; /* nothing more is sent there */
	if (work->sender->dry_run || (!all && count_deliveries(report, OUTBOX_WAITING) > 0) ||
	    count_deliveries(report, OUTBOX_HANDING) > 0)
		return true;
	return store_outbox_finish(work->sender->store, report->number,
	                           count_deliveries(report, OUTBOX_SENT) > 0       ? OUTBOX_DONE
	                           : count_deliveries(report, OUTBOX_GIVEN_UP) > 0 ? OUTBOX_FAILED
	                                                                           : OUTBOX_NOBODY,
	                           "", work->problem);
}

static bool deliver_all(struct sender_work *work)
{
	size_t max = (size_t)work->sender->settings->maximum_destinations;
	bool good = true;

	for (size_t i = 0; good && i < work->report.delivery_count; i++) {
		struct outbox_delivery *delivery = &work->report.deliveries[i];
		const char *taken = audience_taken(&work->report, delivery, work->arena);
		size_t count = destination_count(taken);

		if (count < max && is_due(work, delivery))
			good = deliver(work, delivery, taken, max - count);
	}
	return good && conclude_report(work);
}

bool sender_report_send(struct sender_work *work, int64_t number)
{
	const struct sender *sender = work->sender;
	const char *excluded;

	if (!store_outbox_read(sender->store, number, work->arena, &work->report, work->problem))
		return false;
	if (work->question.services == NULL)
		open_query_session(work);
	if (work->report.state == OUTBOX_OPEN && !take_report(work))
		return false;
	excluded =
	    audience_excluded(sender->settings, work->report.policy->policy_domain, work->arena);
	if (excluded != NULL)
		return finish_report(work, OUTBOX_NOBODY, excluded);
	if (!provide_content(work))
		return false;
	if (work->length == 0)
		return finish_report(work, OUTBOX_NOBODY, "there is nothing to report");
	return deliver_all(work);
}

void sender_report_end(struct sender_work *work)
{
	free(work->content);
	arena_free(work->arena);
}
