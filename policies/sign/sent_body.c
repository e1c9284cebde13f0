/*
 * sent_body.c - hashes a body as it will be sent. Called by sign.c for what is signed, and by
 * arc_sealing.c for what is sealed.
 */
#include "sign/sent_body.h"

/* The settings say whether Postfix breaks lines. Sendmail decides by mailer, which is not known
 * here. */
static struct line_rule line_rule(const struct message *message, long line_limit)
{
	enum {
		SENDMAIL_LIMIT = 990, /* L= of its mailers for SMTP */
		SMTP_LIMIT = 998      /* RFC 5321 4.5.3.1.6 */
	};

	if (message->by_sendmail)
		return (struct line_rule){SENDMAIL_LIMIT, false};
	if (!message->by_postfix || line_limit < 2)
		return (struct line_rule){SMTP_LIMIT, false};
	return (struct line_rule){(size_t)line_limit, true};
}

static void into_line_ends(void *context, const unsigned char *bytes, size_t length)
{
	line_ends_pass(context, bytes, length);
}

struct sent_body *sent_body_begin(struct arena *arena, const struct message *message,
                                  long line_limit)
{
	struct sent_body *body = arena_allocate(arena, sizeof *body);

	body->hashes = body_hashes_begin(arena);
	body->line_ends = (struct line_ends){.give = body_hashes_add, .context = body->hashes};
	body->lines = (struct line_breaks){.rule = line_rule(message, line_limit),
	                                   .write = into_line_ends,
	                                   .context = &body->line_ends};
	return body;
}

void sent_body_add(struct sent_body *body, const unsigned char *bytes, size_t length)
{
	line_breaks_pass(&body->lines, bytes, length);
}

void sent_body_end(struct sent_body *body)
{
	line_breaks_finish(&body->lines);
	line_ends_finish(&body->line_ends);
	body_hashes_end(body->hashes);
}
