/*
 * mail_fields.h - mails of our own: their header fields, their encodings, and the signatures, by
 * the policy that signs outbound mail. For report_mail.c, and for the mail to the operator.
 */
#ifndef ASSAY_MAIL_FIELDS_H
#define ASSAY_MAIL_FIELDS_H

#include <time.h>

#include "base/text.h"
#include "message.h"
#include "sign/sign.h"

enum {
	MAIL_FIELDS_MAX = 12
};

struct mail_fields {
	struct header items[MAIL_FIELDS_MAX];
	size_t count;
};

/* `value` is folded by CRLF and a blank where it is long. */
void mail_fields_add(struct mail_fields *fields, struct arena *arena, const char *name,
                     const char *value);

/* RFC 5322 3.3, in UTC. */
const char *mail_fields_date(struct arena *arena, time_t when);

/* RFC 2047: encoded words of whole characters, each of at most 75 octets. */
const char *mail_fields_encoded(struct arena *arena, const char *message);

/* "Organization" <EMAIL>, encoded where it has to be; the address alone for "". */
const char *mail_fields_from(const char *organization, const char *email, struct arena *arena);

/* In base64, in lines of 76 characters, each with its line feed. */
void mail_fields_add_base64(struct text *text, const unsigned char *bytes, size_t length,
                            struct arena *arena);

struct report_mail_text {
	const char *bytes; /* line ends are LF, as the sendmail command takes them */
	size_t length;
	const char *unsigned_why; /* NULL: it is signed. In words, otherwise */
};

/* The whole mail, signed as if it passed through the daemon. Line ends are LF. */
struct report_mail_text mail_fields_sign(const struct mail_fields *fields, const char *body,
                                         size_t length, const char *from, time_t date,
                                         const struct sign_settings *sign, struct arena *arena);

#endif
