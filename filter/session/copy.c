/*
 * copy.c - whose mail is copied, and what becomes of the message then.
 */
#include "session/copy.h"

#include "base/invariant.h"
#include "received/capture.h"

const char *const copy_outcome_names[] = {[COPY_NONE] = "none",
                                          [COPY_KEPT] = "kept",
                                          [COPY_DISCARDED] = "discarded",
                                          [COPY_LOST] = "lost",
                                          NULL};

/* How many of the recipients are addresses for reports? */
static size_t count_recipients(const struct session *session)
{
	size_t count = 0;

	for (size_t i = 0; i < session->message.recipient_count; i++)
		count += received_settings_match(&session->settings->received,
		                                 session->message.recipients[i], session->arena);
	return count;
}

void copy_begin(struct session *session)
{
	const struct message *message = &session->message;
	size_t count;

	if (message->outbound || session->shared->captures == NULL ||
	    session->settings->received.addresses.count == 0)
		return;
	count = count_recipients(session);
	session->only_received =
	    count > 0 && count == message->recipient_count && !message->recipients_cut;
	session_debug(session, "copy: of %zu recipients %zu in received.addresses%s",
	              message->recipient_count, count,
	              count == 0 || message->header_cut ? ", none is kept" : "");
	if (count == 0 || message->header_cut)
		return;
	session->capture = capture_begin(session->shared->captures, session->arena);
	for (size_t i = 0; i < message->header_count; i++)
		capture_field(session->capture, &message->headers[i]);
	capture_end_of_headers(session->capture);
}

static enum copy_outcome take(const struct session *session, const struct verdict *verdict,
                              enum capture_outcome captured)
{
	if (captured != CAPTURE_KEPT)
		return COPY_LOST;
	return session->only_received && verdict->action == ACTION_ACCEPT &&
	               session->settings->received.after == RECEIVED_DISCARD
	           ? COPY_DISCARDED
	           : COPY_KEPT;
}

enum copy_outcome copy_finish(struct session *session, const struct findings *findings,
                              const struct verdict *verdict)
{
	static const enum metrics_received lost[CAPTURE_OUTCOMES] = {
	    [CAPTURE_TOO_LARGE] = METRICS_RECEIVED_TOO_LARGE,
	    [CAPTURE_FULL] = METRICS_RECEIVED_FULL,
	    [CAPTURE_FAILED] = METRICS_RECEIVED_FAILED};
	struct capture_facts facts;
	enum capture_outcome captured;
	enum copy_outcome outcome;

	if (session->capture == NULL || verdict->action == ACTION_REJECT ||
	    verdict->action == ACTION_TEMPFAIL)
		return COPY_NONE;
	invariant(findings->judged);
	capture_facts_find(&session->message, findings, verdict->action == ACTION_ACCEPT,
	                   session->arena, &facts);
	captured = capture_finish(session->capture, &facts, session->arena);
	outcome = take(session, verdict, captured);
	metrics_received(session->shared->metrics, outcome == COPY_KEPT ? METRICS_RECEIVED_KEPT
	                                           : outcome == COPY_DISCARDED
	                                               ? METRICS_RECEIVED_DISCARDED
	                                               : lost[captured]);
	session_debug(session, "copy: %s, %zu octets, a report in it %s",
	              copy_outcome_names[outcome], capture_octets(session->capture),
	              capture_facts_may_count(&facts, session->arena) ? "may count"
	                                                              : "does not count");
	return outcome;
}
