/*
 * report_mail.c - the mail that carries a report: header fields, a few sentences for people, the
 * file; and the signatures, by the policy that signs outbound mail. The sender calls it and
 * hands the result over.
 */
#include "report/report_mail.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/invariant.h"
#include "base/log.h"
#include "base/text.h"
#include "crypto/base64.h"
#include "policy.h"
#include "report/destination.h"

enum {
	FIELDS_MAX = 12,
	LINE = 76, /* characters of base64 a line, RFC 2045 6.8 */
	MAIL_MAX = 1 << 30
};

struct report_mail_fields {
	struct header items[FIELDS_MAX];
	size_t count;
};

static void report_mail_add_field(struct report_mail_fields *fields, struct arena *arena,
                                  const char *name, const char *value)
{
	invariant(fields->count < FIELDS_MAX);
	/* the leading space belongs to the value, as the mail server gives it */
	fields->items[fields->count++] = (struct header){name, arena_format(arena, " %s", value)};
}

static const char *date_text(struct arena *arena, time_t when)
{
	/* not strftime: the names must not depend on the locale */
	static const char days[] = "SunMonTueWedThuFriSat",
	                  months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	struct tm utc;

	if (gmtime_r(&when, &utc) == NULL)
		return "Thu, 01 Jan 1970 00:00:00 +0000";
	return arena_format(arena, "%.3s, %02d %.3s %04d %02d:%02d:%02d +0000",
	                    days + 3 * (ptrdiff_t)utc.tm_wday, utc.tm_mday,
	                    months + 3 * (ptrdiff_t)utc.tm_mon, utc.tm_year + 1900, utc.tm_hour,
	                    utc.tm_min, utc.tm_sec);
}

static bool is_plain(const char *message)
{
	for (; *message != '\0'; message++)
		if (*message < ' ' || *message > '~' || *message == '"' || *message == '\\')
			return false;
	return true;
}

/* RFC 2047: encoded words of whole characters, each of at most 75 octets. */
static const char *encoded_text(struct arena *arena, const char *message)
{
	struct text text;

	text_begin(&text, arena, 8192);
	while (*message != '\0') {
		size_t length = 0;

		while (message[length] != '\0' &&
		       (length < 42 || ((unsigned char)message[length] & 0xC0) == 0x80))
			length++;
		text_add_format(&text, "%s=?utf-8?B?%s?=", text.length > 0 ? "\r\n " : "",
		                base64_encode(arena, (const unsigned char *)message, length));
		message += length;
	}
	return text.bytes;
}

static const char *from_text(const struct report_mail *mail, struct arena *arena)
{
	if (mail->organization[0] == '\0')
		return mail->from;
	if (is_plain(mail->organization))
		return arena_format(arena, "\"%s\" <%s>", mail->organization, mail->from);
	return arena_format(arena, "%s\r\n <%s>", encoded_text(arena, mail->organization),
	                    mail->from);
}

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

static void write_fields(const struct report_mail *mail, struct report_mail_fields *fields,
                         struct arena *arena)
{
	*fields = (struct report_mail_fields){.count = 0};
	report_mail_add_field(fields, arena, "From", from_text(mail, arena));
	report_mail_add_field(fields, arena, "To", to_text(mail, arena));
	report_mail_add_field(fields, arena, "Subject", subject_text(mail, arena));
	report_mail_add_field(fields, arena, "Date", date_text(arena, mail->date));
	report_mail_add_field(fields, arena, "Message-ID",
	                      arena_format(arena, "<%s>", mail->message_id));
	report_mail_add_field(fields, arena, "Auto-Submitted", "auto-generated");
	report_mail_add_field(fields, arena, "MIME-Version", "1.0");
	report_mail_add_field(
	    fields, arena, "Content-Type",
	    arena_format(arena, "multipart/mixed;\r\n boundary=\"%s\"", boundary(mail, arena)));
}

static void add_base64(struct text *text, const char *encoded)
{
	size_t length = strlen(encoded);

	for (size_t at = 0; at < length; at += LINE) {
		text_add_bytes(text, encoded + at, length - at < LINE ? length - at : LINE);
		text_add(text, "\n");
	}
}

static void write_body(const struct report_mail *mail, struct text *body, struct arena *arena)
{
	const char *mark = boundary(mail, arena);

	text_add_format(
	    body,
	    "This is a DMARC aggregate report (RFC 9990) on mail that claimed to come from\n"
	    "%s or a name below it, in the time\n"
	    "from %s to %s.\n",
	    mail->policy_domain, date_text(arena, mail->begin), date_text(arena, mail->end));
	text_add_format(
	    body, "It is sent to you since the DMARC record of that domain asks for it.\n\n--%s\n",
	    mark);
	text_add_format(
	    body,
	    "Content-Type: application/gzip;\n name=\"%s\"\nContent-Transfer-Encoding: base64\n"
	    "Content-Disposition: attachment;\n filename=\"%s\"\n\n",
	    mail->file_name, mail->file_name);
	add_base64(body, base64_encode(arena, mail->file, mail->length));
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

/* By the policy that signs outbound mail, as if it passed through the daemon. */
static struct sign_finding sign_mail(const struct report_mail *mail,
                                     const struct report_mail_fields *fields, const char *body,
                                     size_t length, const struct sign_settings *sign,
                                     struct arena *arena)
{
	const struct message message = {.mail_from = "",
	                                .auth_user = mail->from,
	                                .outbound = true,
	                                .received = mail->date,
	                                .header_count = fields->count,
	                                .headers = fields->items};
	struct findings findings = {.judged = false};
	struct problem problem;
	void *state = NULL, *work;

	if (!policy_sign.open(sign, &state, &problem))
		return (struct sign_finding){.reason = arena_string(arena, problem.message)};
	work = policy_sign.begin(state, &message, NULL, arena);
	for (size_t i = 0; i < fields->count; i++)
		policy_sign.header(work, &fields->items[i]);
	policy_sign.end_of_headers(work);
	policy_sign.body(work, (const unsigned char *)body, length);
	policy_sign.judge(work, &findings);
	return findings.sign;
}

/* Without the CR of the folds. */
static void add_unix(struct text *text, const char *value)
{
	for (; *value != '\0'; value++)
		if (*value != '\r')
			text_add_bytes(text, value, 1);
}

struct report_mail_text report_mail_write(const struct report_mail *mail,
                                          const struct sign_settings *sign, struct arena *arena)
{
	struct sign_finding signatures;
	struct report_mail_fields fields;
	struct text text;
	size_t length;
	const char *body = body_of(mail, arena, &length);

	write_fields(mail, &fields, arena);
	signatures = sign_mail(mail, &fields, body, length, sign, arena);
	log_debug("report %s: mail of %zu octets with %zu signatures", mail->report_id, length,
	          signatures.count);
	text_begin(&text, arena, MAIL_MAX);
	for (size_t i = 0; i < signatures.count; i++)
		text_add_format(&text, "DKIM-Signature: %s\n", signatures.signatures[i].value);
	for (size_t i = 0; i < fields.count; i++) {
		text_add_format(&text, "%s:", fields.items[i].name);
		add_unix(&text, fields.items[i].value);
		text_add(&text, "\n");
	}
	text_add(&text, "\n");
	text_add_bytes(&text, body, length);
	return (struct report_mail_text){
	    text.bytes, text.length,
	    signatures.count > 0        ? NULL
	    : signatures.reason != NULL ? signatures.reason
	                                : "there is no key to sign it with (setting \"sign\")"};
}
