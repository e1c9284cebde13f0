/*
 * tally.h - adds up equal records of one batch before they go to the store.
 */
#ifndef ASSAY_TALLY_H
#define ASSAY_TALLY_H

#include "rows/identity.h"
#include "rows/row_text.h"

enum {
	TALLY_DAY = 24 * 60 * 60 /* seconds */
};

struct tally_entry {
	struct identity report, row; /* period and policy; everything else */
	time_t period;               /* its beginning ... */
	time_t end;                  /* ... and end */
	struct row_text record;      /* the first of them */
	unsigned long count;
	time_t first, last; /* received */
};

struct tally {
	long period; /* seconds of a report's period; 0 is the UTC day (RFC 9990 3.1) */
	size_t count, capacity, slot_count;
	unsigned long messages; /* the sum of all counts */
	struct tally_entry *entries;
	uint32_t *slots; /* index into entries plus 1; 0 is free */
};

/* `key` is the store's. What the record points to must live as long as the entries are looked at.
 * False: no memory. */
bool tally_add(struct tally *tally, const struct identity *key, const struct row_text *record);

void tally_clear(struct tally *tally); /* keeps the memory and the period */
void tally_free(struct tally *tally);

#endif
