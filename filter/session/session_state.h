/*
 * session_state.h - what a session remembers between its stages. Only the stage files (session.c,
 * connection.c, envelope.c, headers.c, body.c, finish.c) look inside.
 */
#ifndef ASSAY_SESSION_STATE_H
#define ASSAY_SESSION_STATE_H

#include <time.h>

#include "session/session.h"

struct session {
	struct settings *settings;
	struct shared *shared;

	/* the connection; lives until session_close() */
	struct arena *connection;
	struct address client;
	const char *client_name;
	const char *helo;
	bool client_is_ours;
	bool by_sendmail, by_postfix;

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
	struct query_session *query_session; /* NULL for mail of ours */
	struct evaluation *evaluation;
	struct outcome outcome;
};

/* Ends the message: releases its memory and its place among those under way. */
void session_end_message(struct session *session);

#endif
