/*
 * digest_mail.c - see digest_mail.h.
 */
#include "tool/report/digest_mail.h"

#include <inttypes.h>
#include <signal.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "report/mail_fields.h"
#include "report/sendmail.h"
#include "settings/settings.h"

static const char *digest_mail_domain(const char *address)
{
	const char *at = strrchr(address, '@');

	return at == NULL ? address : at + 1;
}

/* RFC 2045 6.8: text in base64 has the line ends of the network. */
static const char *with_crlf(const char *text, struct arena *arena)
{
	struct text lines;

	text_begin(&lines, arena, 2 * strlen(text) + 1);
	for (; *text != '\0'; text++)
		text_add_bytes(&lines, *text == '\n' ? "\r\n" : text, *text == '\n' ? 2 : 1);
	return lines.bytes;
}

/* Fields and body; text lines may be long and in any language, so the body is in base64. */
static struct report_mail_text digest_mail_write(const struct digest_mail *mail,
                                                 const struct settings *settings,
                                                 struct arena *arena)
{
	const struct report_settings *reports = &settings->reports;
	struct mail_fields fields = {.count = 0};
	const char *lines;
	struct text body;

	mail_fields_add(&fields, arena, "From",
	                mail_fields_from(reports->organization, reports->email, arena));
	mail_fields_add(&fields, arena, "To", mail->to);
	mail_fields_add(&fields, arena, "Subject", mail->subject);
	mail_fields_add(&fields, arena, "Date", mail_fields_date(arena, mail->now));
	mail_fields_add(&fields, arena, "Message-ID",
	                arena_format(arena, "<digest.%" PRIdMAX "@%s>", (intmax_t)mail->now,
	                             digest_mail_domain(reports->email)));
	mail_fields_add(&fields, arena, "Auto-Submitted", "auto-generated");
	mail_fields_add(&fields, arena, "MIME-Version", "1.0");
	mail_fields_add(&fields, arena, "Content-Type", "text/plain; charset=utf-8");
	mail_fields_add(&fields, arena, "Content-Transfer-Encoding", "base64");
	lines = with_crlf(mail->text, arena);
	text_begin(&body, arena, 2 * strlen(lines) + 100);
	mail_fields_add_base64(&body, (const unsigned char *)lines, strlen(lines), arena);
	return mail_fields_sign(&fields, body.bytes, body.length, reports->email, mail->now,
	                        &settings->sign, arena);
}

bool digest_mail_send(const struct digest_mail *mail, const struct settings *settings,
                      struct problem *problem)
{
	struct arena *arena = arena_new();
	struct report_mail_text text = digest_mail_write(mail, settings, arena);
	const struct sendmail_request request = {.command = settings->reports.sendmail,
	                                         .envelope_sender =
	                                             settings->reports.envelope_sender,
	                                         .recipients = mail->to,
	                                         .text = text.bytes,
	                                         .length = text.length};
	struct sigaction ignore = {.sa_handler = SIG_IGN}, standard = {.sa_handler = SIG_DFL};
	bool good;

	sigaction(SIGPIPE, &ignore, NULL);
	sigaction(SIGCHLD, &standard, NULL);
	if (text.unsigned_why != NULL)
		log_debug("the digest is not signed: %s", text.unsigned_why);
	good = sendmail_submit(&request, problem);
	arena_free(arena);
	return good;
}
