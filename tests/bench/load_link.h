/*
 * load_link.h - one connection to one milter, from the mail server's end: packets, macros and
 * answers as Postfix handles them.
 *
 * A link belongs to one thread. What is sent waits in a buffer until an answer is needed, as in
 * Postfix. After any failure `lost` is set and every later call does nothing.
 */
#ifndef ASSAY_LOAD_LINK_H
#define ASSAY_LOAD_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum load_stage { /* in the order of SMFIM_* */
	LOAD_CONNECT,
	LOAD_HELO,
	LOAD_MAIL,
	LOAD_RCPT,
	LOAD_DATA,
	LOAD_END_OF_MESSAGE,
	LOAD_END_OF_HEADERS,
	LOAD_STAGES
};

/* A step: its command, whose list of macros goes with it, the SMFIP bits that leave it out or
 * unanswered. */
struct load_step {
	char command;
	int stage;
	uint32_t left_out, silent;
};
extern const struct load_step load_connect, load_helo, load_mail, load_rcpt, load_data, load_header,
    load_end_of_headers, load_body, load_end_of_message;

struct load_macro {
	const char *name, *value;
};

/* What a milter asked for before it answered. */
struct load_wishes {
	void *context;
	void (*insert)(void *context, uint32_t index, const char *name, const char *value);
	void (*add)(void *context, const char *name, const char *value);
	void (*change)(void *context, uint32_t index, const char *name, const char *value);
	void (*other)(void *context, char command, const char *text);
};

enum {
	LOAD_OUT = 4096, /* the size of Postfix's VSTREAM_BUFSIZE */
	LOAD_IN = 66000,
	LOAD_LIST = 256,
	LOAD_TEXT = 200
};

struct load_link {
	int descriptor;
	bool lost;
	bool passed_connection, passed_message; /* it answered "accept": it gets no more of that */
	uint32_t steps;                         /* agreed on */
	char lists[LOAD_STAGES][LOAD_LIST];
	char reply[LOAD_TEXT]; /* text of the last SMFIR_REPLYCODE */
	size_t out, in_from, in_to;
	char out_bytes[LOAD_OUT];
	char in_bytes[LOAD_IN + 1];
};

/* "unix:PATH" or "inet:PORT@ADDRESS"; false where nobody answers. Negotiates. */
bool load_link_open(struct load_link *link, const char *address);
void load_link_close(struct load_link *link); /* says so first (SMFIC_QUIT) */

/*
 * One step with its macros (`macros` ends with a NULL name; the filter's list, or Postfix's own,
 * chooses among them). Returns the answer's letter: 'c' also where the step was left out, needs no
 * answer or was accepted for good, which ends nothing for the milters behind it; 0 where the link
 * is lost.
 */
char load_link_step(struct load_link *link, const struct load_step *step,
                    const struct load_macro *macros, const void *bytes, size_t length,
                    const struct load_wishes *wishes);

/* Before each message. */
void load_link_begin(struct load_link *link);

/* A header field; `value` as it stands behind the colon, folded with LF. */
char load_link_field(struct load_link *link, const struct load_macro *macros, const char *name,
                     const char *value);

#endif
