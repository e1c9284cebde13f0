/*
 * milter.c - the only file that calls libmilter: its callbacks become the stages of a session, and
 * a verdict's action becomes an SMFIS code.
 *
 * libmilter calls the callbacks of one connection on changing threads, never two at once: all state
 * hangs on the context.
 */
#include "milter.h"

#include <errno.h>
#include <libmilter/mfapi.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/invariant.h"
#include "base/log.h"
#include "settings/settings_active.h"

/* What hangs on a connection's context. */
struct connection {
	struct session *session;
	unsigned long agreed; /* SMFIP bits */
	bool discard;         /* the message at whose end we are */
};

static struct shared *milter_shared;

/* libmilter's prototypes lack const; it does not write through these. */
static char *unconst(const char *string)
{
	union {
		const char *in;
		char *out;
	} both = {.in = string};

	return both.out;
}

/* struct mta over libmilter */

static bool mta_remove_header(void *context, const char *name, unsigned index)
{
	return smfi_chgheader(context, unconst(name), (int)index, NULL) == MI_SUCCESS;
}

/* With SMFIP_HDR_LEADSPC the server adds no space of its own after the colon. */
static bool mta_insert_header(void *context, const char *name, const char *value)
{
	struct connection *connection = smfi_getpriv(context);
	bool bring_space = (connection->agreed & SMFIP_HDR_LEADSPC) != 0;
	char *line;
	bool done;

	if (asprintf(&line, "%s%s", bring_space ? " " : "", value) < 0)
		return false;
	done = smfi_insheader(context, 0, unconst(name), line) == MI_SUCCESS;
	free(line);
	return done;
}

/* The servers read the text as a format: a percent sign has to come doubled. */
static bool mta_set_reply(void *context, const char *code, const char *enhanced, const char *text)
{
	char doubled[900];
	size_t length = 0;

	for (; *text != '\0' && length < sizeof doubled - 2; text++) {
		doubled[length++] = *text;
		if (*text == '%')
			doubled[length++] = '%';
	}
	doubled[length] = '\0';
	return smfi_setreply(context, unconst(code), unconst(enhanced), doubled) == MI_SUCCESS;
}

static bool mta_quarantine(void *context, const char *reason)
{
	return smfi_quarantine(context, unconst(reason)) == MI_SUCCESS;
}

static bool mta_remove_recipient(void *context, const char *recipient)
{
	return smfi_delrcpt(context, unconst(recipient)) == MI_SUCCESS;
}

static bool mta_add_recipient(void *context, const char *recipient)
{
	return smfi_addrcpt(context, unconst(recipient)) == MI_SUCCESS;
}

static void mta_discard(void *context)
{
	struct connection *connection = smfi_getpriv(context);

	connection->discard = true;
}

static const char *mta_queue_id(void *context)
{
	return smfi_getsymval(context, unconst("i"));
}

/* Callbacks */

static struct session *session_of(SMFICTX *context)
{
	struct connection *connection = smfi_getpriv(context);

	return connection == NULL ? NULL : connection->session;
}

/* The answer to a step that cannot refuse: none where the server agreed not to wait for one. */
static sfsistat continue_or_silent(SMFICTX *context, unsigned long silent)
{
	struct connection *connection = smfi_getpriv(context);

	return connection != NULL && (connection->agreed & silent) != 0 ? SMFIS_NOREPLY
	                                                                : SMFIS_CONTINUE;
}

static sfsistat on_negotiate(SMFICTX *context, unsigned long actions, unsigned long steps,
                             unsigned long f2, unsigned long f3, unsigned long *our_actions,
                             unsigned long *our_steps, unsigned long *our_f2, unsigned long *our_f3)
{
	const unsigned long wanted = SMFIP_NOUNKNOWN | SMFIP_NODATA | SMFIP_SKIP |
	                             SMFIP_HDR_LEADSPC | SMFIP_NR_CONN | SMFIP_NR_HELO |
	                             SMFIP_NR_RCPT | SMFIP_NR_HDR | SMFIP_NR_EOH;
	struct connection *connection = calloc(1, sizeof *connection);

	(void)f2;
	(void)f3;
	if (connection == NULL)
		return SMFIS_REJECT;
	*our_actions = actions & (SMFIF_ADDHDRS | SMFIF_CHGHDRS | SMFIF_QUARANTINE | SMFIF_ADDRCPT |
	                          SMFIF_DELRCPT);
	if ((actions & SMFIF_SETSYMLIST) != 0) {
		*our_actions |= SMFIF_SETSYMLIST;
		smfi_setsymlist(context, SMFIM_CONNECT, unconst("j v"));
		smfi_setsymlist(context, SMFIM_ENVFROM, unconst("i {auth_authen}"));
		smfi_setsymlist(context, SMFIM_EOM, unconst("i"));
	}
	*our_steps = connection->agreed = steps & wanted;
	*our_f2 = *our_f3 = 0;
	smfi_setpriv(context, connection);
	if (((SMFIF_ADDHDRS | SMFIF_CHGHDRS | SMFIF_QUARANTINE | SMFIF_ADDRCPT | SMFIF_DELRCPT) &
	     ~actions) != 0)
		log_debug("the mail server does not let milters do everything, verdicts may fail");
	if ((actions & SMFIF_SETSYMLIST) == 0)
		log_debug("the mail server does not let milters ask for macros: it has to send j, "
		          "v, i and {auth_authen} by itself");
	log_debug("a mail server connects: actions %lx of %lx, steps %lx of %lx", *our_actions,
	          actions, *our_steps, steps);
	return SMFIS_CONTINUE;
}

static struct address address_of(const _SOCK_ADDR *socket_address)
{
	const struct sockaddr *generic = (const struct sockaddr *)socket_address;
	unsigned char bytes[16];

	if (generic == NULL)
		return (struct address){.family = ADDRESS_UNKNOWN};
	if (generic->sa_family == AF_INET) {
		memcpy(bytes, &((const struct sockaddr_in *)(const void *)socket_address)->sin_addr,
		       4);
		return address_ipv4(bytes);
	}
	if (generic->sa_family == AF_INET6) {
		memcpy(bytes,
		       &((const struct sockaddr_in6 *)(const void *)socket_address)->sin6_addr, 16);
		return address_ipv6(bytes);
	}
	return (struct address){.family = ADDRESS_UNKNOWN};
}

static sfsistat on_connect(SMFICTX *context, char *name, _SOCK_ADDR *socket_address)
{
	struct connection *connection = smfi_getpriv(context);
	struct address address = address_of(socket_address);

	if (connection == NULL)
		return SMFIS_TEMPFAIL;
	session_close(connection->session);
	connection->session = session_open(settings_active_ref(), milter_shared);
	connection_from(connection->session, name, &address);
	connection_server(connection->session, smfi_getsymval(context, unconst("j")),
	                  smfi_getsymval(context, unconst("v")));
	return continue_or_silent(context, SMFIP_NR_CONN);
}

static sfsistat on_helo(SMFICTX *context, char *helo)
{
	if (session_of(context) != NULL)
		connection_greeting(session_of(context), helo);
	return continue_or_silent(context, SMFIP_NR_HELO);
}

static sfsistat on_mail(SMFICTX *context, char **arguments)
{
	struct session *session = session_of(context);
	char *user = smfi_getsymval(context, unconst("{auth_authen}"));
	bool accepted =
	    session != NULL &&
	    envelope_sender(session, arguments[0], user == NULL || user[0] == '\0' ? NULL : user);

	/* libmilter keeps the value until the server sends macros with MAIL again; a login must not
	 * count for a message that came without one */
	if (user != NULL)
		user[0] = '\0';
	if (accepted)
		return SMFIS_CONTINUE;
	mta_set_reply(context, "451", "4.3.2",
	              "Mail authentication is busy, please try again later");
	return SMFIS_TEMPFAIL;
}

static sfsistat on_recipient(SMFICTX *context, char **arguments)
{
	if (session_of(context) != NULL)
		envelope_recipient(session_of(context), arguments[0]);
	return continue_or_silent(context, SMFIP_NR_RCPT);
}

/* Without SMFIP_HDR_LEADSPC the server has removed one space after the colon. */
static void feed_header(SMFICTX *context, struct session *session, char *name, char *value)
{
	struct connection *connection = smfi_getpriv(context);
	char *line;

	if ((connection->agreed & SMFIP_HDR_LEADSPC) != 0) {
		headers_field(session, name, value);
	} else if (asprintf(&line, " %s", value) >= 0) {
		headers_field(session, name, line);
		free(line);
	}
}

static sfsistat on_header(SMFICTX *context, char *name, char *value)
{
	if (session_of(context) != NULL)
		feed_header(context, session_of(context), name, value);
	return continue_or_silent(context, SMFIP_NR_HDR);
}

static sfsistat on_end_of_headers(SMFICTX *context)
{
	if (session_of(context) != NULL) {
		session_queue_id(session_of(context), mta_queue_id(context));
		headers_end(session_of(context));
	}
	return continue_or_silent(context, SMFIP_NR_EOH);
}

static sfsistat on_body(SMFICTX *context, unsigned char *bytes, size_t length)
{
	struct connection *connection = smfi_getpriv(context);

	if (connection == NULL || connection->session == NULL)
		return SMFIS_CONTINUE;
	if (body_chunk(connection->session, bytes, length) ||
	    (connection->agreed & SMFIP_SKIP) == 0)
		return SMFIS_CONTINUE;
	return SMFIS_SKIP;
}

static sfsistat on_end_of_message(SMFICTX *context)
{
	static const sfsistat answers[] = {[ACTION_ACCEPT] = SMFIS_CONTINUE,
	                                   [ACTION_QUARANTINE] = SMFIS_CONTINUE,
	                                   [ACTION_REJECT] = SMFIS_REJECT,
	                                   [ACTION_TEMPFAIL] = SMFIS_TEMPFAIL};
	const struct mta mta = {.context = context,
	                        .remove_header = mta_remove_header,
	                        .insert_header = mta_insert_header,
	                        .set_reply = mta_set_reply,
	                        .quarantine = mta_quarantine,
	                        .remove_recipient = mta_remove_recipient,
	                        .add_recipient = mta_add_recipient,
	                        .discard = mta_discard,
	                        .queue_id = mta_queue_id};
	struct connection *connection = smfi_getpriv(context);
	enum action action;

	if (connection == NULL || connection->session == NULL)
		return SMFIS_TEMPFAIL;
	connection->discard = false;
	action = finish_message(connection->session, &mta);
	invariant(action < sizeof answers / sizeof answers[0]);
	invariant(!connection->discard || action == ACTION_ACCEPT);
	return connection->discard ? SMFIS_DISCARD : answers[action];
}

static sfsistat on_abort(SMFICTX *context)
{
	if (session_of(context) != NULL)
		finish_abort(session_of(context));
	return SMFIS_CONTINUE;
}

static sfsistat on_close(SMFICTX *context)
{
	struct connection *connection = smfi_getpriv(context);

	if (connection == NULL)
		return SMFIS_CONTINUE;
	session_close(connection->session);
	free(connection);
	smfi_setpriv(context, NULL);
	return SMFIS_CONTINUE;
}

/* The socket */

static bool open_socket(const char *listen, struct problem *problem)
{
	if (smfi_setconn(unconst(listen)) != MI_SUCCESS || smfi_opensocket(true) != MI_SUCCESS)
		return problem_say(
		    problem,
		    "cannot listen on \"%s\" (setting \"listen\"): %s; does the folder exist, is "
		    "another assayd running there?",
		    listen, strerror(errno));
	log_debug("start: the socket %s is open", listen);
	return true;
}

bool milter_open(const char *listen, struct shared *shared, struct problem *problem)
{
	struct smfiDesc description = {
	    .xxfi_name = unconst("assay"),
	    .xxfi_version = SMFI_VERSION,
	    .xxfi_flags = SMFIF_ADDHDRS | SMFIF_CHGHDRS | SMFIF_QUARANTINE | SMFIF_ADDRCPT |
	                  SMFIF_DELRCPT | SMFIF_SETSYMLIST,
	    .xxfi_connect = on_connect,
	    .xxfi_helo = on_helo,
	    .xxfi_envfrom = on_mail,
	    .xxfi_envrcpt = on_recipient,
	    .xxfi_header = on_header,
	    .xxfi_eoh = on_end_of_headers,
	    .xxfi_body = on_body,
	    .xxfi_eom = on_end_of_message,
	    .xxfi_abort = on_abort,
	    .xxfi_close = on_close,
	    .xxfi_negotiate = on_negotiate,
	};

	invariant(listen != NULL && shared != NULL && milter_shared == NULL);
	milter_shared = shared;
	if (smfi_register(description) != MI_SUCCESS)
		return problem_say(problem, "libmilter refuses to register this filter");
	smfi_setbacklog(SOMAXCONN);
	return open_socket(listen, problem);
}

bool milter_run(void)
{
	invariant(milter_shared != NULL);
	return smfi_main() == MI_SUCCESS;
}

const char *milter_version(void)
{
	static char version[32];
	unsigned major, minor, patch;

	smfi_version(&major, &minor, &patch);
	snprintf(version, sizeof version, "%u.%u.%u", major, minor, patch);
	return version;
}
