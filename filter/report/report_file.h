/*
 * report_file.h - one report as the file that is attached to the mail: the store's rows as XML,
 * compressed, and no larger than a mail may be.
 */
#ifndef ASSAY_REPORT_FILE_H
#define ASSAY_REPORT_FILE_H

#include "base/problem.h"
#include "recorder/recorder.h"
#include "report/gzip.h"
#include "store/store_outbox.h"

struct report_file {
	struct gzip *gzip; /* owns the bytes */
	const unsigned char *bytes;
	size_t length;
	unsigned long records,
	    messages; /* 0 records: there is nothing to report, and the file is not a report */
	const char
	    *shortened; /* a sentence in the arena of report_file_build(); "": it has all rows
	                          whole */
};

/*
 * `report` has its report_id. True: the caller calls report_file_release(). The file fits into a
 * mail that mail servers take, and where the domain's owner asks for smaller ones, into such. Where
 * the rows do not, those that passed and those of most messages stand whole, the others folded
 * (row_fold.h): every message counts.
 */
bool report_file_build(struct store *store, const struct outbox_report *report,
                       const struct report_settings *settings, struct arena *arena,
                       struct report_file *file, struct problem *problem);
void report_file_release(struct report_file *file);

/* The domain of the setting email: who submits the reports. In the arena; "" where there is none.
 */
const char *report_file_submitter(const struct report_settings *settings, struct arena *arena);

/* RFC 9990 3.5.1: receiver!policy-domain!begin!end!unique.xml.gz */
const char *report_file_name(const struct outbox_report *report, const char *submitter,
                             const char *unique, struct arena *arena);

#endif
