/*
 * sent_fields.h - the header fields of a message as the mail server sends them, after the last
 * milter has spoken: Sendmail writes lists of addresses anew (sendmail_addresses.h), Postfix breaks
 * long lines (line_breaks.h). That form is what a reader gets, so it is signed, and signatures are
 * checked over it.
 */
#ifndef ASSAY_SENT_FIELDS_H
#define ASSAY_SENT_FIELDS_H

#include "message.h"
#include "sign/line_breaks.h"

struct sent_field {
	const char *value; /* as in struct header; NULL where its form cannot be known */
	bool long_line;    /* a line of it is over the limit, whether it is broken there or not */
};

/* One for each field of the header, once that is complete. In the arena, or the message's own; time
 * and memory are linear in the length of the header. */
const struct sent_field *sent_fields_make(struct arena *arena, const struct message *message,
                                          const struct line_rule *rule);

#endif
