/*
 * failure_mail.c - the three parts of a failure report. failure_sender.c calls it and hands the
 * result over; all that it gets of a message was written anew by failure_header.c.
 */
#include "report/failure_mail.h"

#include <string.h>

#include "base/invariant.h"
#include "base/text.h"

enum {
	BODY_MAX = 128 * 1024,
	VALUE_MAX = 900 /* octets of one field: a line has at most 998 */
};

/* RFC 2046 5.1.1: the report's id is in no line that came from outside. */
static const char *failure_boundary(const struct failure_mail *mail, struct arena *arena)
{
	return arena_format(arena, "=_failure_%.40s", mail->report_id);
}

/* Nothing where there is no value. What would begin a new line was never let in; if it was, it ends
 * the value. */
static void failure_mail_add(struct text *body, const char *name, const char *value)
{
	size_t length = strcspn(value, "\r\n");

	if (length > 0)
		text_add_format(body, "%s: %.*s\n", name,
		                (int)(length < VALUE_MAX ? length : VALUE_MAX), value);
}

static void add_explanation(const struct failure_mail *mail, struct text *body)
{
	const struct failure *failure = mail->failure;

	text_add_format(
	    body,
	    "This is a DMARC failure report (RFC 9991) on mail that claimed to come from\n"
	    "%s and failed. Addresses in it are redacted.\n",
	    failure->header_from);
	if (failure->list[0] != '\0')
		text_add(body,
		         "The message bears a List-Id: a mailing list may have changed it.\n");
	if (mail->incidents > 1)
		text_add_format(body, "It stands for %lu equal failures; the first is shown.\n",
		                mail->incidents);
	text_add_format(body,
	                "It is sent to you since the tag ruf of the DMARC record\n"
	                "at _dmarc.%s asks for it. Without that tag none is sent.\n",
	                failure->policy_domain);
	text_add_format(body, "Questions: %s%s%s\n", mail->from,
	                mail->contact[0] == '\0' ? "" : ", ",
	                text_ascii(body->arena, mail->contact, VALUE_MAX));
}

/* RFC 6591 3.1, 3.2; RFC 9991 4. */
static void add_feedback(const struct failure_mail *mail, struct text *body, struct arena *arena)
{
	const struct failure *failure = mail->failure;

	text_add(body, "Feedback-Type: auth-failure\nVersion: 1\nUser-Agent: Assay/" VERSION
	               "\nAuth-Failure: dmarc\n");
	failure_mail_add(body, "Authentication-Results",
	                 arena_format(arena, "%s; dmarc=fail header.from=%s", mail->reporter,
	                              failure->header_from));
	failure_mail_add(body, "Identity-Alignment", failure->alignment);
	failure_mail_add(body, "Reported-Domain", failure->header_from);
	failure_mail_add(body, "DKIM-Domain", failure->dkim_domain);
	failure_mail_add(body, "DKIM-Identity", failure->dkim_identity);
	failure_mail_add(body, "DKIM-Selector", failure->dkim_selector);
	if (failure->spf_record[0] != '\0')
		failure_mail_add(body, "SPF-DNS",
		                 arena_format(arena, "txt : %s : \"%.600s\"", failure->spf_domain,
		                              failure->spf_record));
	if (failure->mail_from[0] != '\0')
		failure_mail_add(body, "Original-Mail-From",
		                 arena_format(arena, "<%s>", failure->mail_from));
	failure_mail_add(body, "Source-IP", failure->source);
	failure_mail_add(body, "Arrival-Date", mail_fields_date(arena, failure->received));
	failure_mail_add(body, "Delivery-Result", failure->delivery);
	if (mail->incidents > 1)
		text_add_format(body, "Incidents: %lu\n", mail->incidents);
	failure_mail_add(body, "Reporting-MTA", arena_format(arena, "dns; %s", mail->reporter));
}

static const char *failure_body(const struct failure_mail *mail, struct arena *arena,
                                size_t *length)
{
	const char *mark = failure_boundary(mail, arena);
	struct text body;

	text_begin(&body, arena, BODY_MAX);
	text_add_format(&body, "--%s\nContent-Type: text/plain; charset=us-ascii\n\n", mark);
	add_explanation(mail, &body);
	text_add_format(&body, "\n--%s\nContent-Type: message/feedback-report\n\n", mark);
	add_feedback(mail, &body, arena);
	text_add_format(&body, "\n--%s\nContent-Type: text/rfc822-headers\n\n%s\n--%s--\n", mark,
	                mail->failure->header, mark);
	invariant(!body.cut);
	*length = body.length;
	return body.bytes;
}

struct report_mail_text failure_mail_write(const struct failure_mail *mail,
                                           const struct sign_settings *sign, struct arena *arena)
{
	struct mail_text text = {.from = mail->from,
	                         .organization = mail->organization,
	                         .to = mail->to,
	                         .date = mail->date};

	invariant(mail->incidents > 0 && mail->report_id[0] != '\0');
	text.subject = arena_format(arena, "DMARC failure report on %s\r\n from %s",
	                            mail->failure->header_from, mail->reporter);
	text.message_id = arena_format(arena, "%.40s@%s", mail->report_id, mail->reporter);
	text.content_type = arena_format(
	    arena, "multipart/report; report-type=feedback-report;\r\n boundary=\"%s\"",
	    failure_boundary(mail, arena));
	text.body = failure_body(mail, arena, &text.length);
	return mail_text_write(&text, sign, arena);
}
