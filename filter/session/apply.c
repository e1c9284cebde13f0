/*
 * apply.c - carries a verdict out through struct mta: the only place that changes a message. Called
 * by finish.c after decision.c; after it the row is recorded.
 */
#include "session/apply.h"

#include <string.h>

#include "arc/arc_seal.h"
#include "base/invariant.h"
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

struct apply_context {
	const struct message *message;
	const struct findings *findings;
	const struct verdict *verdict;
	const struct mta *mta;
	struct trail *trail; /* NULL where nobody reads it */
	struct arena *arena;
};

/* A line of the message's trail; the arguments are not evaluated where nobody reads it. */
#define apply_debug(context, ...)                                                                  \
	((context)->trail == NULL ? (void)0 : trail_line((context)->trail, __VA_ARGS__))

static void warn_refused(const struct apply_context *context, const char *what)
{
	log_warning("%s: the mail server refused to %s; does it offer that action to milters?",
	            outcome_log_queue_id(context->message, context->arena), what);
}

static bool is_redirected(const struct verdict *verdict)
{
	return verdict->action == ACTION_QUARANTINE && verdict->how == QUARANTINE_REDIRECT;
}

/* Other programs write X-Envelope-To too: it is removed only where our own is added. */
static bool must_be_removed(const struct apply_context *context, const struct header *header)
{
	if (claim_of(header) == CLAIM_RECIPIENTS && !is_redirected(context->verdict))
		return false;
	return claim_is_forged(context->message, header, context->arena);
}

/*
 * From the last to the first: an index counts the fields of its name that are still there. One
 * complaint for all of them. There are few: decision.c refused the message otherwise.
 */
static void remove_forged(const struct apply_context *context)
{
	const struct mta *mta = context->mta;
	unsigned left[CLAIMS]; /* above the field that is looked at, and that one */
	bool gone = true;

	for (enum claim claim = 0; claim < CLAIMS; claim++)
		left[claim] = (unsigned)message_header_count(context->message, claim_names[claim]);
	for (size_t i = context->message->header_count; i > 0; i--) {
		const struct header *header = &context->message->headers[i - 1];
		enum claim claim = claim_of(header);

		if (claim == CLAIMS)
			continue;
		if (must_be_removed(context, header)) {
			apply_debug(context, "apply: remove the forged %s, number %u", header->name,
			            left[claim]);
			gone = mta->remove_header(mta->context, header->name, left[claim]) && gone;
		}
		left[claim]--;
	}
	if (!gone)
		warn_refused(context, "remove forged header fields");
}

/* Why the message is quarantined. The next server may not speak SMTPUTF8. */
static const char *short_reason(const struct apply_context *context)
{
	return text_ascii(context->arena, context->verdict->reason, REASON_MAX);
}

static void tag(const struct apply_context *context)
{
	apply_debug(context, "apply: add %s", QUARANTINE_FIELD);
	if (!context->mta->insert_header(context->mta->context, QUARANTINE_FIELD,
	                                 short_reason(context)))
		warn_refused(context, "add a header field");
}

/* Some of the recipients in a field; there may be thousands. */
static void name_some_recipients(const struct apply_context *context, size_t first, size_t end)
{
	struct text list;

	text_begin(&list, context->arena, RECIPIENTS_A_FIELD * (4 * RECIPIENT_MAX + 8));
	for (size_t i = first; i < end; i++)
		text_add_format(
		    &list, "%s<%s>", i == first ? "" : ",\n\t",
		    text_printable(context->arena, context->message->recipients[i], RECIPIENT_MAX));
	if (!context->mta->insert_header(context->mta->context, RECIPIENTS_FIELD, list.bytes))
		warn_refused(context, "add a header field");
}

/* Whoever reads the quarantine mailbox needs to know who the mail was for. From the last to the
 * first, because each field is inserted above the one before. */
static void name_recipients(const struct apply_context *context)
{
	size_t end = context->message->recipient_count;

	if (end > RECIPIENTS_NAMED)
		end = RECIPIENTS_NAMED;
	while (end > 0) {
		size_t first = (end - 1) / RECIPIENTS_A_FIELD * RECIPIENTS_A_FIELD;

		name_some_recipients(context, first, end);
		end = first;
	}
}

/* The mailbox may be a recipient already: it stays, or the message would go to nobody. */
static void redirect(const struct apply_context *context)
{
	const struct mta *mta = context->mta;
	const char *mailbox = context->verdict->redirect;
	bool done = mta->add_recipient(mta->context, mailbox);

	apply_debug(context, "apply: send it to <%s> instead of %zu recipients", mailbox,
	            context->message->recipient_count);
	for (size_t i = 0; done && i < context->message->recipient_count; i++)
		if (!text_same(context->message->recipients[i], mailbox))
			done = mta->remove_recipient(mta->context, context->message->recipients[i]);
	if (!done)
		warn_refused(context, "change the recipients");
	else if (!context->message->recipients_cut) /* others would read who got a blind copy */
		name_recipients(context);
}

static bool hold(const struct apply_context *context)
{
	apply_debug(context, "apply: hold the message in the mail server's queue");
	if (context->mta->quarantine(context->mta->context, short_reason(context)))
		return true;
	warn_refused(context, "hold the message");
	return false;
}

/* Recipients that nobody remembers cannot be taken off, and would get the message in spite of a
 * redirect. */
static bool wants_hold(const struct apply_context *context)
{
	return context->verdict->how == QUARANTINE_HOLD ||
	       (context->verdict->how == QUARANTINE_REDIRECT && context->message->recipients_cut);
}

static void quarantine(const struct apply_context *context)
{
	if (wants_hold(context) && hold(context))
		return;
	tag(context);
	if (context->verdict->how == QUARANTINE_REDIRECT)
		redirect(context);
}

static void add_results(const struct apply_context *context, const char *value)
{
	invariant(value != NULL);
	apply_debug(context, "apply: add %s of %zu octets", RESULTS_FIELD, strlen(value));
	if (!context->mta->insert_header(context->mta->context, RESULTS_FIELD, value))
		warn_refused(context, "add a header field");
}

static void add_received_spf(const struct apply_context *context)
{
	const char *value = context->findings->spf.received;

	if (value == NULL)
		return;
	apply_debug(context, "apply: add %s", RECEIVED_SPF_FIELD);
	if (!context->mta->insert_header(context->mta->context, RECEIVED_SPF_FIELD, value))
		warn_refused(context, "add a header field");
}

/* From the last to the first, since each goes on top of the one before. */
static void add_signatures(const struct apply_context *context)
{
	const struct sign_finding *sign = &context->findings->sign;

	for (size_t i = sign->count; i > 0; i--) {
		apply_debug(context, "apply: add DKIM-Signature of %s, selector %s",
		            sign->signatures[i - 1].domain, sign->signatures[i - 1].selector);
		if (!context->mta->insert_header(context->mta->context, "DKIM-Signature",
		                                 sign->signatures[i - 1].value))
			warn_refused(context, "add a signature");
	}
}

/* The three fields of a set: the seal on top, then the message signature and the results. It is all
 * or nothing: half a set breaks the chain. */
static void add_set(const struct apply_context *context, const char *results)
{
	const struct seal_finding *seal = &context->findings->seal;
	struct arc_sealed sealed;

	if (!arc_seal_make(seal->ready, results, &sealed)) {
		log_warning("%s: not sealed: OpenSSL could not sign, or the header is too large",
		            outcome_log_queue_id(context->message, context->arena));
		return;
	}
	apply_debug(context, "apply: add set %u of %s to the chain, cv=%s", seal->instance,
	            seal->domain, seal->cv);
	if (!context->mta->insert_header(context->mta->context, "ARC-Authentication-Results",
	                                 sealed.results) ||
	    !context->mta->insert_header(context->mta->context, "ARC-Message-Signature",
	                                 sealed.signature) ||
	    !context->mta->insert_header(context->mta->context, "ARC-Seal", sealed.seal))
		warn_refused(context, "add a header field");
}

static void accept_message(const struct apply_context *context)
{
	const struct findings *findings = context->findings;
	const char *results = NULL;

	if (findings->judged || findings->seal.ready != NULL)
		results = results_write(context->message, findings, context->verdict,
		                        context->message->receiver, context->arena);
	if (context->message->forged > 0)
		remove_forged(context);
	if (context->verdict->action == ACTION_QUARANTINE)
		quarantine(context);
	if (findings->judged) {
		add_received_spf(context);
		add_results(context, results);
	}
	add_signatures(context);
	if (findings->seal.ready != NULL && context->verdict->action == ACTION_ACCEPT)
		add_set(context, results);
}

static void reject_message(const struct apply_context *context)
{
	const struct verdict *verdict = context->verdict;

	apply_debug(context, "apply: reply %s %s %s", verdict->code, verdict->enhanced,
	            verdict->reply);
	if (!context->mta->set_reply(context->mta->context, verdict->code, verdict->enhanced,
	                             verdict->reply))
		warn_refused(context, "take our reply text");
}

enum action apply_verdict(const struct message *message, const struct findings *findings,
                          const struct verdict *verdict, const struct mta *mta, struct trail *trail,
                          struct arena *arena)
{
	const struct apply_context context = {message, findings, verdict, mta, trail, arena};

	invariant(verdict->action != ACTION_REJECT || verdict->code != NULL);
	invariant(verdict->action != ACTION_QUARANTINE || verdict->how != QUARANTINE_REDIRECT ||
	          verdict->redirect != NULL);

	if (verdict->action == ACTION_REJECT || verdict->action == ACTION_TEMPFAIL)
		reject_message(&context);
	else
		accept_message(&context);
	return verdict->action;
}
