/*
 * received_numbers.h - messages that others reported, by what DMARC and they made of them: one line
 * of the store's sums, or several added up.
 */
#ifndef ASSAY_RECEIVED_NUMBERS_H
#define ASSAY_RECEIVED_NUMBERS_H

#include <stdint.h>

struct received_numbers {
	int64_t messages; /* the sum of the next five */
	int64_t both_aligned, dkim_only, spf_only;
	int64_t forwarded; /* no aligned pass, and the reporter says that somebody changed them */
	int64_t failing;
	int64_t listed;                /* of `forwarded`: by a mailing list */
	int64_t quarantined, rejected; /* of all messages */
	int64_t broken;                /* have a signature of the author's domain that failed */
};

void received_numbers_add(struct received_numbers *sum, const struct received_numbers *more);

void received_numbers_subtract(struct received_numbers *from, const struct received_numbers *less);

/* Those with an aligned pass. */
int64_t received_numbers_passed(const struct received_numbers *numbers);

/* Those without one. */
int64_t received_numbers_lost(const struct received_numbers *numbers);

/* "97.3": `part` of `whole` in percent, rounded down, so that only all of them are 100.0. */
double received_numbers_percent(int64_t part, int64_t whole);

#endif
