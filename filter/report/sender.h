/*
 * sender.h - one run of the sender: reports whose period is over are taken, built, and handed to
 * the mail server; what failed earlier is tried again; what is old is thrown away.
 *
 * On the way: store_outbox.c (what is due) -> report_file.c (XML, gzip) -> destination.c (who may
 * get it) -> report_mail.c (the mail, signed) -> sendmail.c (sendmail). Whatever is killed
 * whenever: the next run goes on where this one stopped. Only a mail that was being handed over at
 * that moment may go out twice, with the same Report-ID, file name and content, so that its readers
 * see that it is the same.
 */
#ifndef ASSAY_SENDER_H
#define ASSAY_SENDER_H

#include "dns/resolver.h"
#include "recorder/recorder.h"
#include "sign/sign.h"
#include "store/store_ceiling.h"
#include "store/store_outbox.h"

enum {
	SENDER_SETTLE_S =
	    300 /* after the end of a period until its messages have all been recorded */
};

/* What became of one delivery, or would become of it. Valid during the call. */
struct sender_event {
	const struct outbox_report *report;
	const struct outbox_delivery
	    *delivery;          /* NULL: the report as a whole, and `text` says why */
	unsigned long messages; /* of the report; 0 where it was built before */
	const char *text;       /* "" where all is well */
};

struct sender {
	struct store *store;
	struct resolver *resolver;
	const struct report_settings *settings;
	const struct sign_settings *sign;
	time_t now;               /* that counts for periods and times to try again */
	bool clock_trusted;       /* `now` may be believed (store_clock.h) */
	bool dry_run;             /* nothing is changed, nothing is sent */
	long spread_ms;           /* over how much time to spread what is sent */
	volatile const int *stop; /* ends the run after the present mail; may be NULL */
	void (*event)(const struct sender_event *event, void *context);
	store_ceiling_function *surplus; /* what is beyond a ceiling (store_ceiling.h) */
	void (*progress)(size_t done, size_t all, void *context);
	void *context;
};

/* How many hours after its period a report may still be sent for the first time:
 * reports.retry_hours, and never less than it takes to spread the reports (reports.jitter_minutes
 * up to the next full hour). */
long sender_age_hours(const struct report_settings *settings);

struct sender_totals {
	unsigned long reports;                          /* processed */
	unsigned long sent, waiting, refused, given_up; /* deliveries */
	struct outbox_undated undated;                  /* reports that were set aside */
	bool stopped;
};

/* False: the store failed, and the problem says how; the totals say how far it came. */
bool sender_run(const struct sender *sender, struct sender_totals *totals, struct problem *problem);

#endif
