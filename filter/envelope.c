/*
 * envelope.c - the second stage: MAIL FROM begins a message, RCPT TO adds its recipients. Before it:
 * connection.c; next: headers.c.
 *
 * From here on names are foreseen: SPF asks for its record while the client still sends.
 */
#include <string.h>

#include "session_state.h"
#include "steady.h"

enum {
	RECIPIENTS_FIRST = 8, /* room at first */
	ADDRESS_MOST = 2048   /* octets kept of an envelope address; RFC 5321 4.5.3.1 allows 256 */
};

/* Takes a place among the messages under way, if there is one. Counted before `stopping` is read, so that who
 * stops and sees none under way can be sure that none comes. */
static bool take_place(struct session *session)
{
	struct shared *shared = session->shared;
	long others = atomic_fetch_add(&shared->messages_under_way, 1);

	if (others < session->settings->limits.messages && !atomic_load(&shared->stopping))
		return true;
	atomic_fetch_sub(&shared->messages_under_way, 1);
	metrics_refused(shared->metrics,
	                atomic_load(&shared->stopping) ? METRICS_STOPPING : METRICS_TOO_MANY);
	return false;
}

/* The address between the angle brackets, without a source route (RFC 5321 4.1.1.3, appendix C). */
static const char *bare_address(struct arena *arena, const char *given)
{
	size_t length = strnlen(given, ADDRESS_MOST);

	if (length >= 2 && given[0] == '<' && given[length - 1] == '>') {
		given++;
		length -= 2;
	}
	if (length > 0 && given[0] == '@') {
		const char *colon = memchr(given, ':', length);

		if (colon != NULL) {
			length -= (size_t)(colon + 1 - given);
			given = colon + 1;
		}
	}
	return arena_copy(arena, given, length);
}

static void fill_message(struct session *session, const char *mail_from, const char *auth_user)
{
	session->message = (struct message){
	    .client = session->client,
	    .client_name = session->client_name,
	    .helo = session->helo,
	    .by_sendmail = session->by_sendmail,
	    .by_postfix = session->by_postfix,
	    .receiver = session->settings->authserv_id,
	    .mail_from = bare_address(session->arena, mail_from),
	    .auth_user = arena_string(session->arena, auth_user),
	    .ours = session->client_is_ours || auth_user != NULL,
	    .received = time(NULL),
	    .may_be_redirected = session->settings->quarantine.action == QUARANTINE_REDIRECT,
	    .gets_received_spf = session->settings->spf.received_spf,
	};
}

/* Mail of ours asks nothing of the DNS. */
static const struct services *open_enquiry(struct session *session)
{
	if (session->message.ours)
		return NULL;
	session->enquiry = enquiry_open(session->shared->resolver, &session->client,
	                                session->settings->limits.message_ms, session->arena);
	if (session->remember)
		enquiry_remember(session->enquiry);
	return enquiry_services(session->enquiry);
}

static void begin_evaluation(struct session *session)
{
	session->evaluation = evaluate_begin(&session->settings->policies, &session->message,
	                                     open_enquiry(session), session->arena);
}

bool envelope_sender(struct session *session, const char *mail_from, const char *auth_user)
{
	session_end_message(session);
	if (!take_place(session))
		return false;
	session->under_way = true;
	session->began = steady_after(0);
	fill_message(session, mail_from, auth_user);
	begin_evaluation(session);
	return true;
}

void envelope_recipient(struct session *session, const char *recipient)
{
	if (!session->under_way)
		return;
	if (session->message.recipient_count >= (size_t)session->settings->limits.recipients) {
		session->message.recipients_cut = true;
		return;
	}
	session->message.recipients = session->recipients =
	    arena_grow(session->arena, session->recipients, session->message.recipient_count,
	               &session->recipients_capacity, RECIPIENTS_FIRST, sizeof *session->recipients);
	session->recipients[session->message.recipient_count++] = bare_address(session->arena, recipient);
}
