/*
 * load_message.h - a message of the load generator: its fields as a milter gets them, and its body.
 *
 * One that was read is never changed and serves all threads; each thread gives its own copy of the
 * list of fields to the milters in a row, which may change it.
 */
#ifndef ASSAY_LOAD_MESSAGE_H
#define ASSAY_LOAD_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

enum {
	LOAD_FIELDS = 256,
	LOAD_ADDED = 32768 /* octets of fields that milters added to one message */
};

struct load_field {
	const char *name, *value; /* the value as it stands behind the colon, folded with LF */
};

struct load_message {
	size_t count;
	struct load_field fields[LOAD_FIELDS];
	const char *body; /* with CRLF */
	size_t body_length;
	size_t added; /* octets of `bytes` taken */
	char bytes[LOAD_ADDED];
};

/* NULL, after a word on standard error, where it cannot be read. Line ends may be LF or CRLF. */
struct load_message *load_message_read(const char *path);

/* For the next message: the fields and the body of `original`. */
void load_message_reset(struct load_message *message, const struct load_message *original);

/* What milters do; what does not fit is left out. `index` 0 is above all; change: the index-th of
 * its name, an empty value removes it. */
void load_message_insert(struct load_message *message, uint32_t index, const char *name,
                         const char *value);
void load_message_change(struct load_message *message, uint32_t index, const char *name,
                         const char *value);

#endif
