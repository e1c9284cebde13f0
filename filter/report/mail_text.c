/*
 * mail_text.c - the mail that carries a report of any kind: its header fields, around the body that
 * it is given. report_mail.c and failure_mail.c call it; mail_fields.c encodes and signs.
 */
#include "report/mail_text.h"

#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "report/destination.h"

/* An address a line. */
static const char *to_text(const struct mail_text *mail, struct arena *arena)
{
	struct text folded;

	text_begin(&folded, arena, 2 * strlen(mail->to) + 1);
	for (const char *at = mail->to; *at != '\0'; at = destination_next(at)) {
		text_add(&folded, at == mail->to ? "" : ",\r\n ");
		text_add_bytes(&folded, at, destination_first(at));
	}
	return folded.bytes;
}

struct report_mail_text mail_text_write(const struct mail_text *mail,
                                        const struct sign_settings *sign, struct arena *arena)
{
	struct mail_fields fields = {.count = 0};
	struct report_mail_text text;

	mail_fields_add(&fields, arena, "From",
	                mail_fields_from(mail->organization, mail->from, arena));
	mail_fields_add(&fields, arena, "To", to_text(mail, arena));
	mail_fields_add(&fields, arena, "Subject", mail->subject);
	mail_fields_add(&fields, arena, "Date", mail_fields_date(arena, mail->date));
	mail_fields_add(&fields, arena, "Message-ID",
	                arena_format(arena, "<%s>", mail->message_id));
	mail_fields_add(&fields, arena, "Auto-Submitted", "auto-generated");
	mail_fields_add(&fields, arena, "MIME-Version", "1.0");
	mail_fields_add(&fields, arena, "Content-Type", mail->content_type);
	text = mail_fields_sign(&fields, mail->body, mail->length, mail->from, mail->date, sign,
	                        arena);
	log_debug("report %s: mail of %zu octets%s", mail->message_id, text.length,
	          text.unsigned_why == NULL ? ", signed" : "");
	return text;
}
