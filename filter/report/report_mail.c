/*
 * report_mail.c - the mail that carries a report: header fields, a few words for people, the file;
 * and the signatures, by the policy that signs all mail of ours. The sender calls it and hands the
 * result over.
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
	LETTER_MAX = 1 << 30
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

static const char *from_text(const struct report_mail *letter, struct arena *arena)
{
	if (letter->organization[0] == '\0')
		return letter->from;
	if (is_plain(letter->organization))
		return arena_format(arena, "\"%s\" <%s>", letter->organization, letter->from);
	return arena_format(arena, "%s\r\n <%s>", encoded_text(arena, letter->organization),
	                    letter->from);
}

/* Folded between the words: with two long names it would be too long for a line (RFC 5322 2.1.1).
 */
static const char *subject_text(const struct report_mail *letter, struct arena *arena)
{
	return arena_format(arena, "Report Domain: %s\r\n Submitter: %s\r\n Report-ID: <%s>",
	                    letter->policy_domain, letter->submitter, letter->report_id);
}

/* An address a line. */
static const char *to_text(const struct report_mail *letter, struct arena *arena)
{
	struct text folded;

	text_begin(&folded, arena, 2 * strlen(letter->to) + 1);
	for (const char *at = letter->to; *at != '\0'; at = destination_next(at)) {
		text_add(&folded, at == letter->to ? "" : ",\r\n ");
		text_add_bytes(&folded, at, destination_first(at));
	}
	return folded.bytes;
}

/* RFC 2046 5.1.1: the report's id is in no line of base64, nor of our own words. */
static const char *boundary(const struct report_mail *letter, struct arena *arena)
{
	return arena_format(arena, "=_report_%.40s", letter->report_id);
}

static void write_fields(const struct report_mail *letter, struct report_mail_fields *fields,
                         struct arena *arena)
{
	*fields = (struct report_mail_fields){.count = 0};
	report_mail_add_field(fields, arena, "From", from_text(letter, arena));
	report_mail_add_field(fields, arena, "To", to_text(letter, arena));
	report_mail_add_field(fields, arena, "Subject", subject_text(letter, arena));
	report_mail_add_field(fields, arena, "Date", date_text(arena, letter->date));
	report_mail_add_field(fields, arena, "Message-ID",
	                      arena_format(arena, "<%s>", letter->message_id));
	report_mail_add_field(fields, arena, "Auto-Submitted", "auto-generated");
	report_mail_add_field(fields, arena, "MIME-Version", "1.0");
	report_mail_add_field(
	    fields, arena, "Content-Type",
	    arena_format(arena, "multipart/mixed;\r\n boundary=\"%s\"", boundary(letter, arena)));
}

static void add_base64(struct text *text, const char *encoded)
{
	size_t length = strlen(encoded);

	for (size_t at = 0; at < length; at += LINE) {
		text_add_bytes(text, encoded + at, length - at < LINE ? length - at : LINE);
		text_add(text, "\n");
	}
}

static void write_body(const struct report_mail *letter, struct text *body, struct arena *arena)
{
	const char *mark = boundary(letter, arena);

	text_add_format(
	    body,
	    "This is a DMARC aggregate report (RFC 9990) on mail that claimed to come from\n"
	    "%s or a name below it, in the time\n"
	    "from %s to %s.\n",
	    letter->policy_domain, date_text(arena, letter->begin), date_text(arena, letter->end));
	text_add_format(
	    body, "It is sent to you since the DMARC record of that domain asks for it.\n\n--%s\n",
	    mark);
	text_add_format(
	    body,
	    "Content-Type: application/gzip;\n name=\"%s\"\nContent-Transfer-Encoding: base64\n"
	    "Content-Disposition: attachment;\n filename=\"%s\"\n\n",
	    letter->file_name, letter->file_name);
	add_base64(body, base64_encode(arena, letter->file, letter->length));
	text_add_format(body, "\n--%s--\n", mark);
}

static const char *body_of(const struct report_mail *letter, struct arena *arena, size_t *length)
{
	struct text body;

	text_begin(&body, arena, LETTER_MAX);
	text_add_format(&body, "--%s\nContent-Type: text/plain; charset=us-ascii\n\n",
	                boundary(letter, arena));
	write_body(letter, &body, arena);
	*length = body.length;
	return body.bytes;
}

/* By the policy that signs mail of ours, as if it passed through the daemon. */
static struct sign_finding sign_it(const struct report_mail *letter,
                                   const struct report_mail_fields *fields, const char *body,
                                   size_t length, const struct sign_settings *sign,
                                   struct arena *arena)
{
	const struct message message = {.mail_from = "",
	                                .auth_user = letter->from,
	                                .ours = true,
	                                .received = letter->date,
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

struct report_mail_text report_mail_write(const struct report_mail *letter,
                                          const struct sign_settings *sign, struct arena *arena)
{
	struct sign_finding signatures;
	struct report_mail_fields fields;
	struct text text;
	size_t length;
	const char *body = body_of(letter, arena, &length);

	write_fields(letter, &fields, arena);
	signatures = sign_it(letter, &fields, body, length, sign, arena);
	log_debug("report %s: mail of %zu octets with %zu signatures", letter->report_id, length,
	          signatures.count);
	text_begin(&text, arena, LETTER_MAX);
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
