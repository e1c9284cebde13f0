/*
 * envelope.c - the second stage: MAIL FROM begins a message, RCPT TO adds its recipients. Before
 * it: connection.c; next: headers.c.
 *
 * From here on names are prefetched: SPF asks for its record while the client still sends.
 */
#include <string.h>

#include "base/clock.h"
#include "base/invariant.h"
#include "base/log.h"
#include "session/session_state.h"
#include "session/slots.h"

enum {
	RECIPIENTS_FIRST = 8, /* room at first */
	ADDRESS_MAX = 2048    /* octets kept of an envelope address; RFC 5321 4.5.3.1 allows 256 */
};

/* All mail of a site may come from a relay of its own or from a forwarder. A login does not show
 * that the client is one. */
static unsigned whose_slot(const struct session *session)
{
	if (session->client_is_ours ||
	    address_in_networks(&session->client, &session->settings->networks.forwarders))
		return RESOLVER_NO_CLIENT;
	return slots_client(session->shared->resolver, &session->client);
}

static void log_refused(const struct session *session)
{
	struct slots *slots = session->shared->slots;
	char client[ADDRESS_TEXT];

	if (!slots_may_name(slots, session->slot))
		return;
	address_print(&session->client, client);
	log_warning("client %s has %ld of the %ld messages that may be under way (limits.messages) "
	            "and is asked to try again later with more; see what it does, and list a relay "
	            "of yours in networks.forwarders",
	            client, slots_of_client(slots, session->slot),
	            session->settings->limits.messages);
}

/* Reserves a slot if there is one. It is counted before `stopping` is read: a stop that counts no
 * message under way can be sure that none begins. */
static bool reserve_slot(struct session *session)
{
	static const enum metrics_refusal refusals[] = {
	    [SLOTS_FULL] = METRICS_TOO_MANY, [SLOTS_CLIENT_HAS_ENOUGH] = METRICS_CLIENT_MESSAGES};
	struct shared *shared = session->shared;
	enum slots_answer answer;

	session->slot = whose_slot(session);
	answer = slots_take(shared->slots, session->slot, session->settings->limits.messages);
	if (answer == SLOTS_TAKEN && !atomic_load(&shared->stopping))
		return true;
	if (answer == SLOTS_TAKEN)
		slots_free(shared->slots, session->slot);
	session_debug(session, "mail: refused for now, %s",
	              atomic_load(&shared->stopping)      ? "the daemon is stopping"
	              : answer == SLOTS_CLIENT_HAS_ENOUGH ? "the client has its share of slots"
	                                                  : "all slots are taken");
	if (answer == SLOTS_CLIENT_HAS_ENOUGH)
		log_refused(session);
	metrics_refused(shared->metrics,
	                atomic_load(&shared->stopping) ? METRICS_STOPPING : refusals[answer]);
	return false;
}

/* The address between the angle brackets, without a source route (RFC 5321 4.1.1.3, appendix C). */
static const char *bare_address(struct arena *arena, const char *address)
{
	size_t length = strnlen(address, ADDRESS_MAX);

	if (length >= 2 && address[0] == '<' && address[length - 1] == '>') {
		address++;
		length -= 2;
	}
	if (length > 0 && address[0] == '@') {
		const char *colon = memchr(address, ':', length);

		if (colon != NULL) {
			length -= (size_t)(colon + 1 - address);
			address = colon + 1;
		}
	}
	return arena_copy(arena, address, length);
}

static void fill_message(struct session *session, const char *mail_from, const char *auth_user)
{
	session->message = (struct message){
	    .client = session->client,
	    .client_name = session->client_name,
	    .helo = session->helo,
	    .by_sendmail = session->by_sendmail,
	    .by_postfix = session->by_postfix,
	    .receiver = session->receiver,
	    .other_receiver = session->other_receiver,
	    .mail_from = bare_address(session->arena, mail_from),
	    .auth_user = arena_string(session->arena, auth_user),
	    .outbound = session->client_is_ours || auth_user != NULL,
	    .received = time(NULL),
	    .may_be_redirected = session->settings->quarantine.action == QUARANTINE_REDIRECT,
	    .gets_received_spf = session->settings->spf.received_spf,
	};
}

/* The policies' lines and those about lookups. */
static void __attribute__((format(printf, 2, 0)))
debug_from_services(void *context, const char *format, va_list arguments)
{
	trail_line_list(context, format, arguments);
}

/* Nothing is looked up for outbound mail: its policies get services where their lines are wanted,
 * and NULL otherwise. */
static const struct services *open_query_session(struct session *session)
{
	struct query_session *query_session;

	if (session->message.outbound && session->trail == NULL)
		return NULL;
	query_session = query_session_open(session->shared->resolver, &session->client,
	                                   session->settings->limits.message_ms, session->arena);
	if (session->remember)
		query_session_remember(query_session);
	if (session->trail != NULL)
		query_session_debug(query_session, debug_from_services, session->trail);
	if (!session->message.outbound)
		session->query_session = query_session;
	return query_session_services(query_session);
}

static void begin_evaluation(struct session *session)
{
	session->evaluation = evaluate_begin(&session->settings->policies, &session->message,
	                                     open_query_session(session), session->arena);
}

/* Why the message is judged, or is not. */
static const char *describe_origin(const struct session *session)
{
	if (session->client_is_ours && session->client.family == ADDRESS_UNKNOWN)
		return "outbound by submission on this host, it is signed and not judged";
	if (session->client_is_ours)
		return "outbound by networks.ours, it is signed and not judged";
	if (session->message.outbound)
		return "outbound by its login, it is signed and not judged";
	return "from outside, it is judged";
}

bool envelope_sender(struct session *session, const char *mail_from, const char *auth_user)
{
	session_end_message(session);
	session_begin_trail(session);
	if (!reserve_slot(session))
		return false;
	session->under_way = true;
	session->began = clock_deadline_after(0);
	fill_message(session, mail_from, auth_user);
	session_debug(session, "mail: from <%s>, login %s: %s", session->message.mail_from,
	              auth_user == NULL ? "-" : auth_user, describe_origin(session));
	begin_evaluation(session);
	return true;
}

void envelope_recipient(struct session *session, const char *recipient)
{
	if (!session->under_way)
		return;
	invariant(session->evaluation != NULL);
	if (session->message.recipient_count >= (size_t)session->settings->limits.recipients) {
		if (!session->message.recipients_cut)
			session_debug(session, "rcpt: this one and all after it are beyond "
			                       "limits.recipients, not remembered");
		session->message.recipients_cut = true;
		return;
	}
	session->message.recipients = session->recipients = arena_grow(
	    session->arena, session->recipients, session->message.recipient_count,
	    &session->recipients_capacity, RECIPIENTS_FIRST, sizeof *session->recipients);
	session->recipients[session->message.recipient_count++] =
	    bare_address(session->arena, recipient);
	session_debug(session, "rcpt: %s", recipient);
}
