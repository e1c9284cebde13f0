/*
 * session_state.h - what a session remembers between its stages. Only the stage files (session.c,
 * connection.c, envelope.c, headers.c, body.c, finish.c) look inside.
 */
#ifndef ASSAY_SESSION_STATE_H
#define ASSAY_SESSION_STATE_H

#include <time.h>

#include "session/session.h"
#include "session/trail.h"

struct session {
	struct settings *settings;
	struct shared *shared;

	/* the connection; lives until session_close() */
	struct arena *connection;
	struct address client;
	const char *client_name;
	const char *helo;
	bool client_is_ours;
	const char *receiver;       /* our name in Authentication-Results */
	const char *other_receiver; /* another name of ours; NULL for none */
	bool by_sendmail, by_postfix;
	struct trail trail_memory;
	struct trail *trail; /* NULL where nobody reads it */

	/* the message; everything in `arena` goes when it ends */
	struct arena *arena;
	bool under_way;
	unsigned slot; /* whose slot it has, see slots.h */
	bool remember; /* for `assay check`: keep the outcome and the DNS queries */
	struct message message;
	struct timespec began;
	const char **recipients;
	size_t recipients_capacity;
	struct header *headers;
	size_t headers_capacity;
	size_t header_bytes;
	struct query_session *query_session; /* NULL for outbound mail */
	struct evaluation *evaluation;
	struct outcome outcome;
};

/* A line of the message's trail; the arguments are not looked at where nobody reads it. */
#define session_debug(session, ...)                                                                \
	((session)->trail == NULL ? (void)0 : trail_line((session)->trail, __VA_ARGS__))

/* Opens the trail of the connection or of the next message where somebody wants it. */
void session_begin_trail(struct session *session);

/* Ends the message: releases its memory and its place among those under way. */
void session_end_message(struct session *session);

#endif
