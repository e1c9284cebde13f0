/*
 * connection.c - the first stage: who connects, and how it greets. Next: envelope.c.
 */
#include <string.h>

#include "base/domain.h"
#include "session/session_state.h"

enum {
	NAME_LENGTH_MAX = 1024 /* octets kept of a HELO or a client name */
};

static const char *bounded_copy(struct arena *arena, const char *string)
{
	size_t length = 0;

	while (string[length] != '\0' && length < NAME_LENGTH_MAX)
		length++;
	return arena_copy(arena, string, length);
}

/* Sendmail hands in mail that was submitted on the host itself without an address, under the name
 * localhost.
 */
static bool is_local_submission(const char *client_name, const struct address *client)
{
	return client->family == ADDRESS_UNKNOWN && client_name != NULL &&
	       strcmp(client_name, "localhost") == 0;
}

void connection_from(struct session *session, const char *client_name, const struct address *client)
{
	char address[ADDRESS_TEXT];

	session->client = *client;
	session->client_name =
	    client_name == NULL ? NULL : bounded_copy(session->connection, client_name);
	session->client_is_ours = address_in_networks(client, &session->settings->networks.ours) ||
	                          is_local_submission(client_name, client);
	session_begin_trail(session);
	session_debug(session, "connect: client %s, name %s%s", address_print(client, address),
	              client_name == NULL ? "-" : client_name,
	              !session->client_is_ours                   ? ""
	              : is_local_submission(client_name, client) ? ", submitted on this host"
	                                                         : ", of networks.ours");
}

/* Where no setting says what this server is called, it is what the mail server calls itself, which
 * need not be the name of the host; nobody from outside may speak in that one either. */
static void take_name(struct session *session, const char *name)
{
	const char *own = domain_normalize(session->connection, name, strlen(name));

	if (own == NULL || strcmp(own, session->settings->authserv_id) == 0)
		return;
	session->receiver = own;
	session->other_receiver = session->settings->authserv_id;
	session_debug(session, "connect: the mail server calls itself %s, which is our name too",
	              own);
}

/* Sendmail's macro v is a bare version such as 8.17.1.9; Postfix has its name before it. A server
 * that does not send it is not known. */
void connection_server(struct session *session, const char *name, const char *version)
{
	if (name != NULL && session->settings->authserv_id_by_host)
		take_name(session, name);
	session->by_sendmail = version != NULL && strncmp(version, "8.", 2) == 0;
	session->by_postfix = version != NULL && !session->by_sendmail;
	if (version == NULL)
		session_debug(session, "connect: the mail server sent no version (macro v)");
	else
		session_debug(session, "connect: the mail server is %s%s",
		              session->by_sendmail ? "Sendmail " : "", version);
}

/* A client may greet again (RFC 5321 4.1.4); the last greeting counts, until there were more than
 * anybody needs.
 */
void connection_greeting(struct session *session, const char *helo)
{
	enum {
		GREETINGS_MAX = 64 * 1024
	};

	if (arena_used(session->connection) < GREETINGS_MAX)
		session->helo = bounded_copy(session->connection, helo);
	session_debug(session, "helo: %s", helo);
}
