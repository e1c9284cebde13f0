/*
 * check.h - the parts of `assay check`: the command line, the message from its file, what the mail
 * server would be asked to do, and two ways to print it.
 */
#ifndef ASSAY_CHECK_H
#define ASSAY_CHECK_H

#include <stdio.h>

#include "session/session.h"
#include "session/slots.h"

struct check_options {
	const char *settings; /* NULL: the default path */
	struct address client;
	const char *helo; /* NULL where not given */
	const char *from; /* NULL where not given */
	const char *auth;
	size_t to_count;
	const char **to;
	bool json;
	const char *file; /* NULL: standard input */
};

struct tool_command;

/* Reads the arguments of the command. False: a usage error was printed. `to` is in the arena. */
bool check_options_read(const struct tool_command *command, int argc, char **argv,
                        struct check_options *options, struct arena *arena);

struct check_field {
	const char *name;
	const char *value; /* with its leading white space, folds as CRLF */
};

struct check_message {
	size_t field_count;
	const struct check_field *fields;
	const unsigned char *body; /* as in the file; line ends LF or CRLF */
	size_t body_length;
	bool more; /* it is the first of a mailbox; those after it are left out */
};

/* The part of the file that is not read yet. */
struct check_rest {
	const char *at, *end;
};

/* The length of the next line without its end; `next` is where the one after it begins. */
size_t check_wrapping_line(const struct check_rest *rest, const char **next);

/* Takes off what a mailbox, an editor or another program has put around the message, so that the
 * rest is the message alone, or that and what follows it in a `mailbox`. False and a problem where
 * the file, `name` for people, is not a message at all. */
bool check_wrapping_skip(struct check_rest *rest, const char *name, bool *mailbox,
                         struct problem *problem);

/* Does a line that begins a message of a mailbox begin here (RFC 4155)? */
bool check_wrapping_is_mailbox(const struct check_rest *rest);

/*
 * A message with or without body or header, line ends CRLF or LF, a byte order mark of UTF-8 before
 * it; or the first of a mailbox (mbox, RFC 4155), a file of Apple Mail (.emlx), or what `postcat`
 * prints. A line of the header that is not a field ends the header, as it does in mail servers.
 * False and a problem where the file cannot be read or is not a message.
 */
bool check_message_read(const char *file, struct check_message *message, struct arena *arena,
                        struct problem *problem);

/* The address of the first Return-Path field, "" for <>; NULL where there is none. */
const char *check_message_return_path(const struct check_message *message, struct arena *arena);

struct check_client {
	struct address address;
	const char *helo;
};

/* The client by the topmost Received field that this host wrote (its name is `authserv_id`) about a
 * client outside `networks.ours`. False where there is no such field. */
bool check_received_client(const struct check_message *message, const struct settings *settings,
                           struct check_client *client, struct arena *arena);

/* Passes the body to the session with CRLF line ends, in pieces. */
void check_message_body(const struct check_message *message, struct session *session);

/* A field to be removed: the first of that name has the index 1. */
struct check_removed {
	const char *name;
	unsigned index;
};

/* What finish_message() asked of the mail server. */
struct check_mta {
	struct mta mta;
	struct arena *arena;
	struct check_field *added; /* in the order asked */
	struct check_removed *removed;
	size_t added_count, added_room, removed_count, removed_room;
	const char *redirected; /* the new recipient, or NULL */
	const char *held;       /* the reason, where the server was asked to hold the message */
};

void check_mta_begin(struct check_mta *mta, struct arena *arena);

struct check_outcome {
	const struct check_options *options;
	const char *from;        /* the envelope sender used */
	const char *from_source; /* for people: where it comes from */
	struct check_client client;
	bool client_from_received; /* by what the message says, and not by --ip */
	const struct outcome *outcome;
	const struct check_mta *mta;
	const struct settings *settings;
	struct arena *arena;
};

/* For people; colours where `to` is a terminal that wants them. */
void check_print(const struct check_outcome *outcome, FILE *to);

/* One JSON object; assay(1) describes it under OUTPUT. */
void check_json(const struct check_outcome *outcome, FILE *to);

#endif
