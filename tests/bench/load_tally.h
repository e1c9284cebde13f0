/*
 * load_tally.h - what became of the messages and how long they took: one for each thread, joined at the end.
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
	LOAD_SAMPLE = 1000
};

struct load_tally {
	size_t answers[LOAD_ANSWERS];
	size_t inserted, changed, quarantined;
	char sample[LOAD_SAMPLE]; /* the Authentication-Results of one message */
	char reply[200];          /* the last text of a reply */
	float *milliseconds;
	size_t count, room;
};

/* `room`: times kept; when there are more, only these count. */
bool load_tally_open(struct load_tally *tally, size_t room);

/* `letter` as in the protocol, 0 for a connection that was lost. */
void load_tally_answer(struct load_tally *tally, char letter, double seconds);
void load_tally_inserted(struct load_tally *tally, const char *name, const char *value);
void load_tally_reply(struct load_tally *tally, const char *text);

void load_tally_join(struct load_tally *all, const struct load_tally *one);
void load_tally_print(struct load_tally *all, double seconds, bool json);

#endif
