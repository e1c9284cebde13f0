/*
 * run_arc.h - policy_dkim and policy_arc over a raw message, for the tests of ARC.
 */
#ifndef ASSAY_RUN_ARC_H
#define ASSAY_RUN_ARC_H

#include "arc/arc.h"
#include "run_dkim.h"

struct run_arc {
	struct run_dkim dkim;
	struct arc_settings settings; /* may be changed between messages */
};

/* Default settings; ends the program where libopendkim cannot be used. */
void run_arc_open(struct run_arc *run);
void run_arc_close(struct run_arc *run);

/* Header fields up to the first empty line, then the body; line ends as they come. Only the
 * findings of the two policies are filled in. */
struct findings run_arc(struct run_arc *run, struct arena *arena, const struct services *services,
                        const char *raw, size_t length);

/* The same for a message that is taken apart already. */
struct findings run_arc_message(struct run_arc *run, struct arena *arena,
                                const struct services *services, const struct message *message,
                                const char *body, size_t length);

#endif
