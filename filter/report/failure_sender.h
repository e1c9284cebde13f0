/*
 * failure_sender.h - failure reports on their way, at the end of a run of the sender: store ->
 * destination.c (who may get it) -> failure_mail.c (the mail, signed) -> sendmail.c.
 *
 * A mail is in the store before it is handed over. One that was being handed over when the process
 * ended is handed over once more, octet for octet the same, and never again.
 */
#ifndef ASSAY_FAILURE_SENDER_H
#define ASSAY_FAILURE_SENDER_H

#include "recorder/failure_settings.h"
#include "report/sender.h"

struct failure_sender {
	const struct sender *sender; /* store, resolver, keys, time; dry_run */
	const struct failure_settings *settings;
	const char *reporter; /* the name that our results have */
	/* what became of one report, in a sentence; `good`: as it should */
	void (*event)(const char *text, bool good, void *context);
	void *context;
};

/* Sends what is due, within the limits; where failure reports are not to be sent, drops what waits.
 * False: the store failed, and the problem says how. */
bool failure_sender_run(const struct failure_sender *run, struct problem *problem);

#endif
