/*
 * sendmail.h - gives a mail to the mail server by its sendmail command, which Postfix and Sendmail
 * both have.
 */
#ifndef ASSAY_SENDMAIL_H
#define ASSAY_SENDMAIL_H

#include <stddef.h>

#include "base/problem.h"

struct sendmail_request {
	const char *command;         /* path, and arguments with blanks between; no shell sees it */
	const char *envelope_sender; /* "" is the null sender */
	const char *recipients;      /* ", " between */
	const char *text;            /* the mail, line ends LF */
	size_t length;
};

/*
 * Waits for the command, some minutes at most. True: it took the mail into its queue. Otherwise the
 * problem has its own words where it said some. The caller ignores SIGPIPE, and does not ignore
 * SIGCHLD.
 */
bool sendmail_submit(const struct sendmail_request *mail, struct problem *problem);

#endif
