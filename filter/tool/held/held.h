/*
 * held.h - the parts of `assay held`: what Postfix's hold queue has, why each message is there, and
 * what becomes of it.
 *
 * A quarantined message waits in the hold queue (quarantine.action hold). Why it is there stands in
 * the Authentication-Results field that assayd put on its top; fields of others in our name were
 * removed.
 */
#ifndef ASSAY_HELD_H
#define ASSAY_HELD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/problem.h"

struct held_message {
	const char *queue_id;
	const char *queue_name;
	const char *sender;
	long arrival_time; /* seconds since 1970 */
	long message_size; /* octets */
	size_t recipient_count;
	const char *const *recipients;
	const char *from;    /* the field From, NULL where it is missing */
	const char *subject; /* the same */
	const char *results; /* our Authentication-Results behind the name; NULL: there is none */
	const char *reason;  /* the part of it for which we hold messages; NULL: others hold it */
};

struct held_queue {
	size_t count;
	const struct held_message *items;
	bool cut; /* there are more */
};

/* Where Postfix's settings are, and what our fields are called. */
struct held_postfix {
	const char *folder;   /* NULL: the standard one */
	const char *names[2]; /* of this server in Authentication-Results; NULL for none */
	struct arena *arena;
};

enum {
	HELD_MESSAGES_MAX = 1000
};

/* The messages in the hold queue that we held, or with `all` every one, oldest first. False and a
 * problem where Postfix does not answer. */
bool held_queue_read(const struct held_postfix *postfix, bool all, struct held_queue *queue,
                     struct problem *problem);

/* One message of the hold queue with its header; false and a problem where it is not there. */
bool held_queue_find(const struct held_postfix *postfix, const char *queue_id,
                     struct held_message *message, const char **header, struct problem *problem);

/* The name that Postfix gives itself, or NULL. */
const char *held_queue_host(const struct held_postfix *postfix);

/* Lets it be delivered, or removes it. */
bool held_queue_release(const struct held_postfix *postfix, const char *queue_id,
                        struct problem *problem);
bool held_queue_delete(const struct held_postfix *postfix, const char *queue_id,
                       struct problem *problem);

/* Runs a program without a shell and returns what it writes, up to `max` octets, NUL-terminated;
 * what it complains of is the problem. NULL where it cannot be run or its status is not 0. */
const char *held_command(const char *const *arguments, size_t max, struct arena *arena,
                         struct problem *problem);

/* The message from what `postcat -qeh` prints. */
void held_read_message(const char *printed, const struct held_postfix *postfix,
                       struct held_message *message, const char **header);

void held_print(const struct held_queue *queue, struct arena *arena);
void held_print_json(const struct held_queue *queue, struct arena *arena);
void held_print_message(const struct held_message *message, const char *header,
                        struct arena *arena);

#endif
