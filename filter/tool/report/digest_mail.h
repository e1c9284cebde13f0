/*
 * digest_mail.h - the mail of `assay report digest`: written, signed and handed to the mail server
 * as reports are.
 */
#ifndef ASSAY_DIGEST_MAIL_H
#define ASSAY_DIGEST_MAIL_H

#include <time.h>

#include "base/problem.h"

struct settings;

struct digest_mail {
	const char *to, *subject;
	const char *text; /* UTF-8, line ends LF */
	time_t now;
};

/* False: the problem says why it was not handed over. Settings with keys. */
bool digest_mail_send(const struct digest_mail *mail, const struct settings *settings,
                      struct problem *problem);

#endif
