/*
 * mail_fields.c - see mail_fields.h.
 */
#include "report/mail_fields.h"

#include <stddef.h>
#include <string.h>
#include <time.h>

#include "base/invariant.h"
#include "base/text.h"
#include "crypto/base64.h"
#include "policy.h"

enum {
	LINE = 76, /* characters of base64 a line, RFC 2045 6.8 */
	MAIL_MAX = 1 << 30
};

void mail_fields_add(struct mail_fields *fields, struct arena *arena, const char *name,
                     const char *value)
{
	invariant(fields->count < MAIL_FIELDS_MAX);
	/* the leading space belongs to the value, as the mail server gives it */
	fields->items[fields->count++] = (struct header){name, arena_format(arena, " %s", value)};
}

const char *mail_fields_date(struct arena *arena, time_t when)
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
const char *mail_fields_encoded(struct arena *arena, const char *message)
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

const char *mail_fields_from(const char *organization, const char *email, struct arena *arena)
{
	if (organization[0] == '\0')
		return email;
	if (is_plain(organization))
		return arena_format(arena, "\"%s\" <%s>", organization, email);
	return arena_format(arena, "%s\r\n <%s>", mail_fields_encoded(arena, organization), email);
}

void mail_fields_add_base64(struct text *text, const unsigned char *bytes, size_t length,
                            struct arena *arena)
{
	const char *encoded = base64_encode(arena, bytes, length);

	length = strlen(encoded);
	for (size_t at = 0; at < length; at += LINE) {
		text_add_bytes(text, encoded + at, length - at < LINE ? length - at : LINE);
		text_add(text, "\n");
	}
}

/* By the policy that signs outbound mail, as if it passed through the daemon. */
static struct sign_finding sign_mail(const struct mail_fields *fields, const char *body,
                                     size_t length, const char *from, time_t date,
                                     const struct sign_settings *sign, struct arena *arena)
{
	const struct message message = {.mail_from = "",
	                                .auth_user = from,
	                                .outbound = true,
	                                .received = date,
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

struct report_mail_text mail_fields_sign(const struct mail_fields *fields, const char *body,
                                         size_t length, const char *from, time_t date,
                                         const struct sign_settings *sign, struct arena *arena)
{
	struct sign_finding signatures = sign_mail(fields, body, length, from, date, sign, arena);
	struct text text;

	text_begin(&text, arena, MAIL_MAX);
	for (size_t i = 0; i < signatures.count; i++)
		text_add_format(&text, "DKIM-Signature: %s\n", signatures.signatures[i].value);
	for (size_t i = 0; i < fields->count; i++) {
		text_add_format(&text, "%s:", fields->items[i].name);
		add_unix(&text, fields->items[i].value);
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
