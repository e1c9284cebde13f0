/*
 * report_mail.h - the mail that carries a report (RFC 9990 3.5), signed with our own keys.
 */
#ifndef ASSAY_REPORT_MAIL_H
#define ASSAY_REPORT_MAIL_H

#include <time.h>

#include "report/mail_text.h"

struct report_mail {
	const char *from;         /* the setting reports.email */
	const char *organization; /* "" for none; any UTF-8 */
	const char *submitter;    /* domain */
	const char *to;           /* addresses, ", " between */
	const char *policy_domain;
	const char *report_id, *file_name;
	time_t begin, end;      /* of the period */
	time_t date;            /* of the mail */
	const char *message_id; /* without its angle brackets */
	const unsigned char *file;
	size_t length;
};

/* Pure; everything in the arena. */
struct report_mail_text report_mail_write(const struct report_mail *mail,
                                          const struct sign_settings *sign, struct arena *arena);

#endif
