/*
 * session.c - one connection and its messages: opening, closing, and what lies between two
 * messages.
 *
 * milter.c opens one at xxfi_connect, `assay check` one for its message. The stages follow in
 * connection.c, envelope.c, headers.c, body.c and finish.c.
 */
#include "base/invariant.h"
#include "session/session_state.h"
#include "session/slots.h"

#include <stdlib.h>

struct session *session_open(struct settings *settings, struct shared *shared)
{
	struct session *session = calloc(1, sizeof *session);

	invariant(settings != NULL && shared != NULL);
	if (session == NULL)
		abort();
	session->settings = settings;
	session->shared = shared;
	session->receiver = settings->authserv_id;
	atomic_fetch_add_explicit(&shared->connections, 1, memory_order_relaxed);
	metrics_connection(shared->metrics);
	trail_init(&session->trail_memory, atomic_fetch_add(&shared->sessions, 1) + 1);
	session->connection = arena_new();
	session->arena = arena_new();
	return session;
}

void session_begin_trail(struct session *session)
{
	bool wanted =
	    !session->remember && trail_begin(&session->trail_memory, &session->settings->log,
	                                      &session->client) != TRAIL_OFF;

	session->trail = wanted ? &session->trail_memory : NULL;
}

void session_queue_id(struct session *session, const char *queue_id)
{
	if (session->trail != NULL)
		trail_set_queue_id(session->trail, queue_id);
}

void session_end_message(struct session *session)
{
	if (!session->under_way)
		return;
	invariant(session->evaluation != NULL);
	session->under_way = false;
	arena_reset(session->arena);
	if (session->trail != NULL)
		trail_end(session->trail);
	session->message = (struct message){.receiver = NULL};
	session->outcome = (struct outcome){.message = NULL};
	session->recipients = NULL;
	session->recipients_capacity = 0;
	session->headers = NULL;
	session->headers_capacity = 0;
	session->header_bytes = 0;
	session->query_session = NULL;
	session->evaluation = NULL;
	slots_free(session->shared->slots, session->slot);
}

void session_remember(struct session *session)
{
	session->remember = true;
}

const struct outcome *session_outcome(const struct session *session)
{
	return &session->outcome;
}

void session_close(struct session *session)
{
	if (session == NULL)
		return;
	if (session->under_way)
		session_debug(session, "close: the connection ended within a message");
	session_end_message(session);
	atomic_fetch_sub_explicit(&session->shared->connections, 1, memory_order_relaxed);
	arena_free(session->arena);
	arena_free(session->connection);
	trail_destroy(&session->trail_memory);
	settings_release(session->settings);
	free(session);
}
