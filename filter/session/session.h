/*
 * session.h - one connection and its messages, without any milter protocol: the stages of a
 * message's way.
 *
 * milter.c calls these from libmilter's callbacks, `assay check` from a file. Calls for one session
 * come one after the other, on changing threads. The stages stand in connection.c, envelope.c,
 * headers.c, body.c and finish.c.
 */
#ifndef ASSAY_SESSION_H
#define ASSAY_SESSION_H

#include "base/shared.h"
#include "decision/decision.h"
#include "dns/query_session.h"
#include "evaluate.h"
#include "session/mta.h"
#include "settings/settings.h"

struct session;

/* Takes over the caller's reference to `settings`. */
struct session *session_open(struct settings *settings, struct shared *shared);
void session_close(struct session *session);

/* A client without an address but with the name localhost is a submission on this host itself
 * (Sendmail). */
void connection_from(struct session *session, const char *client_name,
                     const struct address *client);
/* What the mail server calls itself: its name (macro j) and its version (macro v); NULL where it
 * does not say. Without a setting authserv_id the name is ours. */
void connection_server(struct session *session, const char *name, const char *version);
void connection_greeting(struct session *session, const char *helo);

/* `auth_user` NULL: not authenticated. False: too many messages are under way or the daemon is
 * stopping; the server should ask the client to come again. */
bool envelope_sender(struct session *session, const char *mail_from, const char *auth_user);
void envelope_recipient(struct session *session, const char *recipient);

/* The mail server's name for the message, as soon as it has one; NULL where it does not say. For
 * the log alone, and copied. */
void session_queue_id(struct session *session, const char *queue_id);

/* `value` with its leading white space, line ends LF or CRLF. */
void headers_field(struct session *session, const char *name, const char *value);
void headers_end(struct session *session);

/* False: nobody wants more of the body. */
bool body_chunk(struct session *session, const unsigned char *bytes, size_t length);

/* Decides and acts; the one exit of every message. */
enum action finish_message(struct session *session, const struct mta *mta);

/* The message ends without an end of message (client gone, other filter refused). */
void finish_abort(struct session *session);

/* For `assay check`, after finish_message() and before the next message. */
struct outcome {
	const struct message *message;
	const struct findings *findings;
	const struct verdict *verdict;
	const struct report_row *row; /* what the report got; NULL where nothing was judged */
	struct query_session *query_session; /* NULL where nothing was judged */
};
void session_remember(
    struct session *session); /* before the message: keep DNS queries for `assay check` */
const struct outcome *session_outcome(const struct session *session);

#endif
