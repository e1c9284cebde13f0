/*
 * report_mail.c - the mail that carries an aggregate report: a few sentences for people and the
 * file. The sender calls it and hands the result over; mail_text.c writes the rest of the mail.
 */
#include "report/report_mail.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "report/mail_text.h"

enum {
	MAIL_MAX = 1 << 30
};

/* Folded between the words: with two long names it would be too long for a line (RFC 5322 2.1.1).
 */
static const char *subject_text(const struct report_mail *mail, struct arena *arena)
{
	return arena_format(arena, "Report Domain: %s\r\n Submitter: %s\r\n Report-ID: <%s>",
	                    mail->policy_domain, mail->submitter, mail->report_id);
}

/* RFC 2046 5.1.1: the report's id is in no line of base64, nor of our own words. */
static const char *boundary(const struct report_mail *mail, struct arena *arena)
{
	return arena_format(arena, "=_report_%.40s", mail->report_id);
}

static void write_body(const struct report_mail *mail, struct text *body, struct arena *arena)
{
	const char *mark = boundary(mail, arena);

	text_add_format(
	    body,
	    "This is a DMARC aggregate report (RFC 9990) on mail that claimed to come from\n"
	    "%s or a name below it, in the time\n"
	    "from %s to %s.\n",
	    mail->policy_domain, mail_fields_date(arena, mail->begin),
	    mail_fields_date(arena, mail->end));
	text_add_format(
	    body, "It is sent to you since the DMARC record of that domain asks for it.\n\n--%s\n",
	    mark);
	text_add_format(
	    body,
	    "Content-Type: application/gzip;\n name=\"%s\"\nContent-Transfer-Encoding: base64\n"
	    "Content-Disposition: attachment;\n filename=\"%s\"\n\n",
	    mail->file_name, mail->file_name);
	mail_fields_add_base64(body, mail->file, mail->length, arena);
	text_add_format(body, "\n--%s--\n", mark);
}

static const char *body_of(const struct report_mail *mail, struct arena *arena, size_t *length)
{
	struct text body;

	text_begin(&body, arena, MAIL_MAX);
	text_add_format(&body, "--%s\nContent-Type: text/plain; charset=us-ascii\n\n",
	                boundary(mail, arena));
	write_body(mail, &body, arena);
	*length = body.length;
	return body.bytes;
}

struct report_mail_text report_mail_write(const struct report_mail *mail,
                                          const struct sign_settings *sign, struct arena *arena)
{
	struct mail_text text = {.from = mail->from,
	                         .organization = mail->organization,
	                         .to = mail->to,
	                         .subject = subject_text(mail, arena),
	                         .date = mail->date,
	                         .message_id = mail->message_id};

	text.content_type =
	    arena_format(arena, "multipart/mixed;\r\n boundary=\"%s\"", boundary(mail, arena));
	text.body = body_of(mail, arena, &text.length);
	return mail_text_write(&text, sign, arena);
}
