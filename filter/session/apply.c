/*
 * apply.c - carries a verdict out through struct mta: the only place that changes a message. Called
 * by finish.c after decision.c; after it the row is recorded.
 */
#include "session/apply.h"

#include "base/log.h"
#include "base/text.h"
#include "fields/claim.h"
#include "results/results.h"
#include "session/outcome_log.h"

enum {
	RECIPIENTS_A_FIELD = 50,
	RECIPIENTS_NAMED = 1000,
	RECIPIENT_MAX = 320, /* octets, RFC 5321 4.5.3.1 */
	REASON_MAX = 200
};

struct applying {
	const struct message *message;
	const struct findings *findings;
	const struct verdict *verdict;
	const struct mta *mta;
	struct arena *arena;
};

static void apply_complain(const struct applying *on, const char *what)
{
	log_warning("%s: the mail server refused to %s; does it offer that action to milters?",
	            outcome_log_queue_id(on->message, on->arena), what);
}

static bool is_redirected(const struct verdict *verdict)
{
	return verdict->action == ACTION_QUARANTINE && verdict->how == QUARANTINE_REDIRECT;
}

/* Other programs write X-Envelope-To too: it goes only where it stands beside ours. */
static bool has_to_go(const struct applying *on, const struct header *header)
{
	if (claim_of(header) == CLAIM_RECIPIENTS && !is_redirected(on->verdict))
		return false;
	return claim_is_forged(on->message, header, on->arena);
}

/*
 * From the last to the first: an index counts the fields of its name that are still there. One
 * complaint for all of them. There are few: decision.c refused the message otherwise.
 */
static void remove_forged(const struct applying *on)
{
	const struct mta *mta = on->mta;
	unsigned left[CLAIMS]; /* above the field that is looked at, and that one */
	bool gone = true;

	for (enum claim claim = 0; claim < CLAIMS; claim++)
		left[claim] = (unsigned)message_header_count(on->message, claim_names[claim]);
	for (size_t i = on->message->header_count; i > 0; i--) {
		const struct header *header = &on->message->headers[i - 1];
		enum claim claim = claim_of(header);

		if (claim == CLAIMS)
			continue;
		if (has_to_go(on, header))
			gone = mta->remove_header(mta->context, header->name, left[claim]) && gone;
		left[claim]--;
	}
	if (!gone)
		apply_complain(on, "remove forged header fields");
}

/* Why the message is quarantined. The next server may not speak SMTPUTF8. */
static const char *short_reason(const struct applying *on)
{
	return text_ascii(on->arena, on->verdict->reason, REASON_MAX);
}

static void tag(const struct applying *on)
{
	if (!on->mta->insert_header(on->mta->context, QUARANTINE_FIELD, short_reason(on)))
		apply_complain(on, "add a header field");
}

/* Some of the recipients in a field; there may be thousands. */
static void name_some(const struct applying *on, size_t first, size_t end)
{
	struct text list;

	text_begin(&list, on->arena, RECIPIENTS_A_FIELD * (4 * RECIPIENT_MAX + 8));
	for (size_t i = first; i < end; i++)
		text_add_format(
		    &list, "%s<%s>", i == first ? "" : ",\n\t",
		    text_printable(on->arena, on->message->recipients[i], RECIPIENT_MAX));
	if (!on->mta->insert_header(on->mta->context, RECIPIENTS_FIELD, list.bytes))
		apply_complain(on, "add a header field");
}

/* Who looks through the mailbox has to know for whom the mail was. From the last to the first,
 * since each field goes on top of the one before. */
static void name_recipients(const struct applying *on)
{
	size_t end = on->message->recipient_count;

	if (end > RECIPIENTS_NAMED)
		end = RECIPIENTS_NAMED;
	while (end > 0) {
		size_t first = (end - 1) / RECIPIENTS_A_FIELD * RECIPIENTS_A_FIELD;

		name_some(on, first, end);
		end = first;
	}
}

/* The mailbox may be a recipient already: it stays, or the message would go to nobody. */
static void redirect(const struct applying *on)
{
	const struct mta *mta = on->mta;
	const char *mailbox = on->verdict->redirect;
	bool done = mta->add_recipient(mta->context, mailbox);

	for (size_t i = 0; done && i < on->message->recipient_count; i++)
		if (!text_same(on->message->recipients[i], mailbox))
			done = mta->remove_recipient(mta->context, on->message->recipients[i]);
	if (!done)
		apply_complain(on, "change the recipients");
	else if (!on->message->recipients_cut) /* others would read who got a blind copy */
		name_recipients(on);
}

static bool hold(const struct applying *on)
{
	if (on->mta->quarantine(on->mta->context, short_reason(on)))
		return true;
	apply_complain(on, "hold the message");
	return false;
}

/* Recipients that nobody remembers cannot be taken off, and would get the message in spite of a
 * redirect. */
static bool wants_hold(const struct applying *on)
{
	return on->verdict->how == QUARANTINE_HOLD ||
	       (on->verdict->how == QUARANTINE_REDIRECT && on->message->recipients_cut);
}

static void quarantine(const struct applying *on)
{
	if (wants_hold(on) && hold(on))
		return;
	tag(on);
	if (on->verdict->how == QUARANTINE_REDIRECT)
		redirect(on);
}

static void add_results(const struct applying *on)
{
	const char *value =
	    results_write(on->message, on->findings, on->verdict, on->message->receiver, on->arena);

	if (!on->mta->insert_header(on->mta->context, RESULTS_FIELD, value))
		apply_complain(on, "add a header field");
}

static void add_received_spf(const struct applying *on)
{
	const char *value = on->findings->spf.received;

	if (value != NULL && !on->mta->insert_header(on->mta->context, RECEIVED_SPF_FIELD, value))
		apply_complain(on, "add a header field");
}

/* From the last to the first, since each goes on top of the one before. */
static void add_signatures(const struct applying *on)
{
	const struct sign_finding *sign = &on->findings->sign;

	for (size_t i = sign->count; i > 0; i--)
		if (!on->mta->insert_header(on->mta->context, "DKIM-Signature",
		                            sign->signatures[i - 1].value))
			apply_complain(on, "add a signature");
}

static void let_in(const struct applying *on)
{
	if (on->message->forged > 0)
		remove_forged(on);
	if (on->verdict->action == ACTION_QUARANTINE)
		quarantine(on);
	if (on->findings->judged) {
		add_received_spf(on);
		add_results(on);
	}
	add_signatures(on);
}

static void apply_refuse(const struct applying *on)
{
	const struct verdict *verdict = on->verdict;

	if (!on->mta->set_reply(on->mta->context, verdict->code, verdict->enhanced, verdict->reply))
		apply_complain(on, "take our reply text");
}

enum action apply_verdict(const struct message *message, const struct findings *findings,
                          const struct verdict *verdict, const struct mta *mta, struct arena *arena)
{
	const struct applying on = {message, findings, verdict, mta, arena};

	if (verdict->action == ACTION_REJECT || verdict->action == ACTION_TEMPFAIL)
		apply_refuse(&on);
	else
		let_in(&on);
	return verdict->action;
}
