/*
 * reader.h - takes apart what others sent: a mail, or a bare report (XML, JSON, gzip, zip), told by
 * its first octets and not by its name.
 *
 * XML, zip and MIME of strangers are not parsed in the process that has the store: each file is read
 * by a process of its own, which can do nothing but read it and write to a pipe (confine.h). What
 * comes out of the pipe is checked as if it came from the stranger himself. Whoever calls this has
 * one thread: it forks.
 *
 * `assay report read` calls it for files and mailboxes, and so does the process that takes over
 * what assayd captured.
 */
#ifndef ASSAY_READER_H
#define ASSAY_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "rows/received_report.h"

enum {
	READER_REPORTS_MAX = 10, /* of one mail */
	READER_RESULTS_MAX = 50, /* Authentication-Results fields of one mail */
	READER_REASONS_MAX = 20  /* sentences on parts that could not be read */
};

struct reader_limits {
	size_t mail_octets;       /* of a mail */
	size_t compressed_octets; /* of a part of it, or of a bare gzip or zip */
	size_t inflated_octets;   /* of all parts of a mail together, or of a bare XML file */
	size_t json_octets;       /* of a TLS report */
	size_t memory_octets;     /* that the process may take beside what it begins with */
	unsigned inflated_ratio;  /* of inflated to compressed octets, after the first 1 MB */
	unsigned members;         /* of a zip file that are looked at */
	unsigned records;         /* of a report, at most RECEIVED_RECORDS_MAX */
	unsigned depth;           /* of elements, objects and arrays */
	unsigned cpu_seconds;
	unsigned seconds; /* of waiting in all */
};
extern const struct reader_limits reader_limits_default;

/* What the mail around the reports says. Written by strangers, but for fields that our own server
 * put on top. */
struct reader_mail {
	bool is_mail;     /* false: a bare report, and nothing else here is set */
	const char *from; /* the domain of its one author, in internal form; else NULL */
	int64_t date;     /* its Date; 0 where it has none that can be read */
	/* the values of its Authentication-Results fields, the topmost first; of fields longer than
	 * RECEIVED_TEXT_MAX the beginning */
	size_t results_count;
	const char *const *results;
};

struct reader_result {
	size_t count; /* at most READER_REPORTS_MAX */
	const struct received_report *reports;
	struct reader_mail mail;
	/* a sentence, without a final full stop, for each part that is a report and cannot be read.
	 * One at least where there is no report */
	size_t reason_count;
	const char *const *reasons;
};

enum reader_outcome {
	READER_READ,       /* one report at least */
	READER_UNREADABLE, /* none: the reasons say why */
	READER_FAILED      /* this machine has no process, pipe or memory now: try again later */
};

/*
 * Reads a file from where it stands to its end; the descriptor stays open. The result is the
 * arena's memory. Takes at most `seconds` of the limits.
 */
enum reader_outcome reader_read(int file, const struct reader_limits *limits, struct arena *arena,
                                struct reader_result *result);

#endif
