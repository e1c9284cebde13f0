/*
 * report_split.h - one message after the other out of a file for `assay report read`: a mailbox of
 * many (mbox), or a file that is one. The file may be a pipe.
 */
#ifndef ASSAY_REPORT_SPLIT_H
#define ASSAY_REPORT_SPLIT_H

#include <stdbool.h>
#include <stddef.h>

enum {
	REPORT_SPLIT_STEP = 65536
};

struct report_split {
	size_t max; /* octets of a message that are handed on, and one more */

	int file;
	bool begun, mailbox, ended;
	bool line_begins, blank_before; /* where the next octet stands */
	unsigned long number;           /* of the message, from 1; 0 where the file is one */
	size_t at, length;              /* in the octets read */
	char octets[REPORT_SPLIT_STEP];
};

void report_split_begin(struct report_split *split, int file, size_t max);

/*
 * The next message, in a descriptor that stands at its beginning and that the caller closes; or the
 * file itself, which the caller does not. -1: there is none left, or errno is not 0.
 */
int report_split_next(struct report_split *split, bool *is_file);

#endif
