/*
 * sent_body.h - the body of a message as the mail server sends it, hashed as it passes: long lines
 * broken where Postfix breaks them (line_breaks.h), each line end a CRLF (dkim/line_ends.h).
 */
#ifndef ASSAY_SENT_BODY_H
#define ASSAY_SENT_BODY_H

#include "dkim/body_hashes.h"
#include "dkim/line_ends.h"
#include "message.h"
#include "sign/line_breaks.h"

struct sent_body {
	struct body_hashes *hashes;
	struct line_breaks lines;
	struct line_ends line_ends;
};

/* At the end of the header; lives in the arena. `line_limit` is that of the settings
 * (sign_line_limit). Ask `hashes` for what is wanted before the body comes. */
struct sent_body *sent_body_begin(struct arena *arena, const struct message *message,
                                  long line_limit);

void sent_body_add(struct sent_body *body, const unsigned char *bytes, size_t length);

/* Once, after the last chunk: the hashes are there. */
void sent_body_end(struct sent_body *body);

#endif
