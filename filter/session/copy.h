/*
 * copy.h - mail to an address of received.addresses: a copy is kept to be read as a report
 * (received/capture.h), and where the settings say so, the message ends with that.
 *
 * Called by headers.c, body.c and finish.c. Outbound mail is never copied.
 */
#ifndef ASSAY_COPY_H
#define ASSAY_COPY_H

#include "session/session_state.h"

enum copy_outcome {
	COPY_NONE, /* none was to be kept, or the message was refused */
	COPY_KEPT,
	COPY_DISCARDED, /* kept, and the message is not to be delivered */
	COPY_LOST       /* it could not be kept, and the message goes on */
};
extern const char *const copy_outcome_names[]; /* "none", "kept", "discarded", "lost" */

/* Once the recipients are known: looks for such an address, and begins the copy. */
void copy_begin(struct session *session);

/* After the verdict and before it is applied: the copy of a message that is not refused is kept. */
enum copy_outcome copy_finish(struct session *session, const struct findings *findings,
                              const struct verdict *verdict);

#endif
