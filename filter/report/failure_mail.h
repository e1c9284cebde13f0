/*
 * failure_mail.h - the mail of a failure report (RFC 9991 4, RFC 6591 3, RFC 5965 2): a text for
 * people, message/feedback-report, and the redacted header as text/rfc822-headers. Never a body.
 */
#ifndef ASSAY_FAILURE_MAIL_H
#define ASSAY_FAILURE_MAIL_H

#include "report/mail_text.h"
#include "rows/failure.h"

struct failure_mail {
	const char *from;              /* the setting reports.email */
	const char *organization;      /* "" for none; any UTF-8 */
	const char *contact;           /* the setting reports.contact; "" for none */
	const char *reporter;          /* the name that our results have, a domain name */
	const char *to;                /* addresses, ", " between */
	const char *report_id;         /* letters and digits, at most 40 */
	time_t date;                   /* of the mail */
	unsigned long incidents;       /* equal failures that it stands for, 1 or more */
	const struct failure *failure; /* the first of them */
};

/* Pure; everything in the arena. */
struct report_mail_text failure_mail_write(const struct failure_mail *mail,
                                           const struct sign_settings *sign, struct arena *arena);

#endif
