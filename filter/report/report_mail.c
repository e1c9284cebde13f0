/*
 * report_mail.c - the mail that carries a report: header fields, a few sentences for people, the
 * file. mail_fields.c signs it. The sender calls it and hands the result over.
 */
#include "report/report_mail.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/invariant.h"
#include "base/log.h"
#include "base/text.h"
#include "report/destination.h"
#include "report/mail_fields.h"

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

/* An address a line. */
static const char *to_text(const struct report_mail *mail, struct arena *arena)
{
	struct text folded;

	text_begin(&folded, arena, 2 * strlen(mail->to) + 1);
	for (const char *at = mail->to; *at != '\0'; at = destination_next(at)) {
		text_add(&folded, at == mail->to ? "" : ",\r\n ");
		text_add_bytes(&folded, at, destination_first(at));
	}
	return folded.bytes;
}

/* RFC 2046 5.1.1: the report's id is in no line of base64, nor of our own words. */
static const char *boundary(const struct report_mail *mail, struct arena *arena)
{
	return arena_format(arena, "=_report_%.40s", mail->report_id);
}

static void write_fields(const struct report_mail *mail, struct mail_fields *fields,
                         struct arena *arena)
{
	*fields = (struct mail_fields){.count = 0};
	mail_fields_add(fields, arena, "From",
	                mail_fields_from(mail->organization, mail->from, arena));
	mail_fields_add(fields, arena, "To", to_text(mail, arena));
	mail_fields_add(fields, arena, "Subject", subject_text(mail, arena));
	mail_fields_add(fields, arena, "Date", mail_fields_date(arena, mail->date));
	mail_fields_add(fields, arena, "Message-ID", arena_format(arena, "<%s>", mail->message_id));
	mail_fields_add(fields, arena, "Auto-Submitted", "auto-generated");
	mail_fields_add(fields, arena, "MIME-Version", "1.0");
	mail_fields_add(
	    fields, arena, "Content-Type",
	    arena_format(arena, "multipart/mixed;\r\n boundary=\"%s\"", boundary(mail, arena)));
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
	struct mail_fields fields;
	struct report_mail_text text;
	size_t length;
	const char *body = body_of(mail, arena, &length);

	write_fields(mail, &fields, arena);
	text = mail_fields_sign(&fields, body, length, mail->from, mail->date, sign, arena);
	log_debug("report %s: mail of %zu octets%s", mail->report_id, text.length,
	          text.unsigned_why == NULL ? ", signed" : "");
	return text;
}
