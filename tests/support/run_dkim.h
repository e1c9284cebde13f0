/*
 * run_dkim.h - policy_dkim over a raw message, for unit tests and the differential test.
 */
#ifndef ASSAY_RUN_DKIM_H
#define ASSAY_RUN_DKIM_H

#include "dkim/dkim_settings.h"
#include "policy.h"

struct run_dkim {
	struct dkim_settings *settings; /* may be changed between messages */
	void *state;
	size_t chunk;     /* bytes of body at a time */
	bool header_cut;  /* struct message */
	bool body_wanted; /* what body() last said */
};

/* Default settings; ends the program where libopendkim cannot be used. */
void run_dkim_open(struct run_dkim *run);
void run_dkim_close(struct run_dkim *run);

/* Takes a raw message apart: fills in the header of `message` and returns where the body begins. */
const char *run_dkim_split(struct arena *arena, struct message *message, const char *at,
                           const char *end);

/* Header fields up to the first empty line, then the body; line ends as they come. Ends the program
 * where libopendkim, which is asked too, comes to another result. */
struct dkim_finding run_dkim(struct run_dkim *run, struct arena *arena,
                             const struct services *services, const char *raw, size_t length);

#endif
