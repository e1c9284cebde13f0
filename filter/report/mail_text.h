/*
 * mail_text.h - a mail that carries a report of any kind, as the sendmail command takes it, signed
 * with our own keys.
 */
#ifndef ASSAY_MAIL_TEXT_H
#define ASSAY_MAIL_TEXT_H

#include "report/mail_fields.h"

struct mail_text {
	const char *from;         /* the setting reports.email */
	const char *organization; /* "" for none; any UTF-8 */
	const char *to;           /* addresses, ", " between */
	const char *subject;      /* folds are CRLF and white space, likewise below */
	const char *content_type;
	const char *message_id; /* without its angle brackets */
	time_t date;
	const char *body; /* line ends LF */
	size_t length;
};

/* Pure; everything in the arena. */
struct report_mail_text mail_text_write(const struct mail_text *mail,
                                        const struct sign_settings *sign, struct arena *arena);

#endif
