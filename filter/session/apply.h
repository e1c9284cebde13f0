/*
 * apply.h - carries a verdict out through the mail server.
 */
#ifndef ASSAY_APPLY_H
#define ASSAY_APPLY_H

#include "decision/decision.h"
#include "session/mta.h"
#include "session/trail.h"

/*
 * Removes forged fields, adds ours, and does what the verdict says. Returns the action for the
 * server's answer. What the server refuses is logged with the queue id; a quarantine that it
 * refuses becomes a tag. What is done is a line of `trail`, which may be NULL.
 */
enum action apply_verdict(const struct message *message, const struct findings *findings,
                          const struct verdict *verdict, const struct mta *mta, struct trail *trail,
                          struct arena *arena);

#endif
