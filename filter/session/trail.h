/*
 * trail.h - the way of one message through the daemon, line by line, for whoever reads the log at
 * level debug or traces a client or an author domain (log.trace).
 *
 * The trail belongs to a session and begins anew with each message. Each line has the session's id
 * and the mail server's queue id first: "s17 4dYkQp2xZ1z9: ...", NOQUEUE as long as the mail server
 * gave none. With an author domain in log.trace, lines wait until From has been read: then they are
 * written or dropped, and so the account is complete. Lines may come from the message's own thread
 * and from the resolver's.
 */
#ifndef ASSAY_TRAIL_H
#define ASSAY_TRAIL_H

#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/address.h"
#include "base/log.h"

enum {
	TRAIL_QUEUE_ID_MAX = 64,      /* octets kept of a queue id */
	TRAIL_LINE_MAX = 1000,        /* octets of a line's text; more is cut */
	TRAIL_WAITING_MAX = 64 * 1024 /* octets of lines that wait for From; more are dropped */
};

enum trail_state {
	TRAIL_OFF,     /* nobody reads it */
	TRAIL_WAITING, /* for From */
	TRAIL_ON
};

struct trail {
	pthread_mutex_t lock; /* of all that follows */
	enum trail_state state;
	unsigned long session;
	char queue_id[TRAIL_QUEUE_ID_MAX + 1];
	char *waiting; /* texts, each with its NUL */
	size_t waiting_length;
	unsigned dropped; /* lines for which there was no room */
};

void trail_init(struct trail *trail, unsigned long session);
void trail_destroy(struct trail *trail);

/* Whether the next lines are wanted, by the level and the settings. Lines that wait go on waiting.
 */
enum trail_state trail_begin(struct trail *trail, const struct log_settings *settings,
                             const struct address *client);

/* The message ends: what still waits is dropped. */
void trail_end(struct trail *trail);

/* NULL and "" change nothing. Octets that could end a word become '?'. */
void trail_set_queue_id(struct trail *trail, const char *queue_id);

/* Do lines wait for From? */
bool trail_is_waiting(struct trail *trail);

/* From has been read: waiting lines are written, or dropped and none follow. */
void trail_decide(struct trail *trail, bool wanted);

/* One line; control octets are escaped by the log. */
void trail_line(struct trail *trail, const char *format, ...) __attribute__((format(printf, 2, 3)));
void trail_line_list(struct trail *trail, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

#endif
