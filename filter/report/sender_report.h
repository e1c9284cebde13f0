/*
 * sender_report.h - what the sender does with one report: it is taken, built, and handed to the
 * mail server for each of its destinations. For sender.c alone, one thread.
 */
#ifndef ASSAY_SENDER_REPORT_H
#define ASSAY_SENDER_REPORT_H

#include "report/destination.h"
#include "report/sender.h"

enum {
	SENDER_REPORT_RETRY_MAX_S = 4 * 3600 /* between two attempts */
};

/* One report under way. */
struct sender_work {
	const struct sender *sender;
	struct sender_totals *totals;
	struct problem *problem;
	struct arena *arena;
	struct outbox_report report;
	struct destination_question question;
	unsigned char *content; /* for free(); what is attached */
	size_t length;
	unsigned long messages;
	const char *shortened; /* of the report built now: what it leaves out; NULL before that */
	unsigned long waiting; /* deliveries that were left for later in this run */
};

/* Starts the lookups of a report whose turn comes later, so that slow name servers are waited for
 * all at once. `work` has its arena; the report is read again when its turn comes. */
void sender_report_prefetch(struct sender_work *work, int64_t number);

/* Does all that is due for the report. False: the store failed, and the problem says how; no other
 * report may be sent. */
bool sender_report_send(struct sender_work *work, int64_t number);

void sender_report_end(struct sender_work *work);

#endif
