/*
 * received_numbers.c - see received_numbers.h.
 */
#include "rows/received_numbers.h"

void received_numbers_add(struct received_numbers *sum, const struct received_numbers *more)
{
	sum->messages += more->messages;
	sum->both_aligned += more->both_aligned;
	sum->dkim_only += more->dkim_only;
	sum->spf_only += more->spf_only;
	sum->forwarded += more->forwarded;
	sum->failing += more->failing;
	sum->listed += more->listed;
	sum->quarantined += more->quarantined;
	sum->rejected += more->rejected;
	sum->broken += more->broken;
}

void received_numbers_subtract(struct received_numbers *from, const struct received_numbers *less)
{
	from->messages -= less->messages;
	from->both_aligned -= less->both_aligned;
	from->dkim_only -= less->dkim_only;
	from->spf_only -= less->spf_only;
	from->forwarded -= less->forwarded;
	from->failing -= less->failing;
	from->listed -= less->listed;
	from->quarantined -= less->quarantined;
	from->rejected -= less->rejected;
	from->broken -= less->broken;
}

int64_t received_numbers_passed(const struct received_numbers *numbers)
{
	return numbers->both_aligned + numbers->dkim_only + numbers->spf_only;
}

int64_t received_numbers_lost(const struct received_numbers *numbers)
{
	return numbers->forwarded + numbers->failing;
}

double received_numbers_percent(int64_t part, int64_t whole)
{
	double tenths = whole <= 0 ? 0.0 : 1000.0 * (double)part / (double)whole;

	return (double)(int64_t)tenths / 10.0;
}
