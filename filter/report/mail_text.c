/*
 * mail_text.c - the mail that carries a report of any kind: header fields, the body that it is
 * given, and the signatures, by the policy that signs outbound mail. report_mail.c and
 * failure_mail.c call it; the sender hands the result over.
 */
#include "report/mail_text.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/invariant.h"
#include "base/log.h"
#include "base/text.h"
#include "crypto/base64.h"
#include "policy.h"
#include "report/destination.h"

enum {
	FIELDS_MAX = 12,
	MAIL_MAX = 1 << 30
};

struct mail_fields {
	struct header items[FIELDS_MAX];
	size_t count;
};

static void mail_text_add_field(struct mail_fields *fields, struct arena *arena, const char *name,
                                const char *value)
{
	invariant(fields->count < FIELDS_MAX);
	/* the leading space belongs to the value, as the mail server gives it */
	fields->items[fields->count++] = (struct header){name, arena_format(arena, " %s", value)};
}

const char *mail_text_date(struct arena *arena, time_t when)
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

static const char *from_text(const struct mail_text *mail, struct arena *arena)
{
	if (mail->organization[0] == '\0')
		return mail->from;
	if (is_plain(mail->organization))
		return arena_format(arena, "\"%s\" <%s>", mail->organization, mail->from);
	return arena_format(arena, "%s\r\n <%s>", encoded_text(arena, mail->organization),
	                    mail->from);
}

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

static void write_fields(const struct mail_text *mail, struct mail_fields *fields,
                         struct arena *arena)
{
	*fields = (struct mail_fields){.count = 0};
	mail_text_add_field(fields, arena, "From", from_text(mail, arena));
	mail_text_add_field(fields, arena, "To", to_text(mail, arena));
	mail_text_add_field(fields, arena, "Subject", mail->subject);
	mail_text_add_field(fields, arena, "Date", mail_text_date(arena, mail->date));
	mail_text_add_field(fields, arena, "Message-ID",
	                    arena_format(arena, "<%s>", mail->message_id));
	mail_text_add_field(fields, arena, "Auto-Submitted", "auto-generated");
	mail_text_add_field(fields, arena, "MIME-Version", "1.0");
	mail_text_add_field(fields, arena, "Content-Type", mail->content_type);
}

/* By the policy that signs outbound mail, as if it passed through the daemon. */
static struct sign_finding sign_mail(const struct mail_text *mail, const struct mail_fields *fields,
                                     const struct sign_settings *sign, struct arena *arena)
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
	policy_sign.body(work, (const unsigned char *)mail->body, mail->length);
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

struct report_mail_text mail_text_write(const struct mail_text *mail,
                                        const struct sign_settings *sign, struct arena *arena)
{
	struct sign_finding signatures;
	struct mail_fields fields;
	struct text text;

	write_fields(mail, &fields, arena);
	signatures = sign_mail(mail, &fields, sign, arena);
	log_debug("report %s: mail of %zu octets with %zu signatures", mail->message_id,
	          mail->length, signatures.count);
	text_begin(&text, arena, MAIL_MAX);
	for (size_t i = 0; i < signatures.count; i++)
		text_add_format(&text, "DKIM-Signature: %s\n", signatures.signatures[i].value);
	for (size_t i = 0; i < fields.count; i++) {
		text_add_format(&text, "%s:", fields.items[i].name);
		add_unix(&text, fields.items[i].value);
		text_add(&text, "\n");
	}
	text_add(&text, "\n");
	text_add_bytes(&text, mail->body, mail->length);
	return (struct report_mail_text){
	    text.bytes, text.length,
	    signatures.count > 0        ? NULL
	    : signatures.reason != NULL ? signatures.reason
	                                : "there is no key to sign it with (setting \"sign\")"};
}
