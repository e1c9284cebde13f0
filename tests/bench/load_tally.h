/*
 * load_tally.h - what became of the messages and how long they took: one for each thread, joined at
 * the end.
 *
 * A tally that is all zeros is empty. However many messages it counts, its size stays: times are
 * counted in classes, each less than 1 % wide.
 */
#ifndef ASSAY_LOAD_TALLY_H
#define ASSAY_LOAD_TALLY_H

#include <stdbool.h>
#include <stddef.h>

enum load_answer {
	LOAD_CONTINUE,
	LOAD_ACCEPT,
	LOAD_REJECT,
	LOAD_TEMPFAIL,
	LOAD_DISCARD,
	LOAD_REPLY, /* with a text of its own */
	LOAD_SKIP,
	LOAD_LOST, /* the connection failed */
	LOAD_ANSWERS
};

enum {
	LOAD_SAMPLE = 1000,
	LOAD_DOUBLINGS = 34, /* of 128 ns: 36 minutes */
	LOAD_PARTS = 128,    /* of each doubling */
	LOAD_CLASSES = (LOAD_DOUBLINGS + 1) * LOAD_PARTS
};

struct load_tally {
	size_t answers[LOAD_ANSWERS];
	size_t inserted, changed, quarantined;
	char sample[LOAD_SAMPLE]; /* the Authentication-Results of one message */
	char reply[200];          /* the last text of a reply */
	size_t count;             /* of messages with a time: all but those that were lost */
	size_t classes[LOAD_CLASSES];
	double longest; /* seconds */
};

/* `letter` as in the protocol, 0 for a connection that was lost. */
void load_tally_answer(struct load_tally *tally, char letter, double seconds);
void load_tally_inserted(struct load_tally *tally, const char *name, const char *value);
void load_tally_reply(struct load_tally *tally, const char *text);

void load_tally_join(struct load_tally *all, const struct load_tally *one);
void load_tally_print(const struct load_tally *all, double seconds, bool json);

#endif
