/*
 * milter.h - the mail server's side: libmilter's callbacks become the stages of session.h.
 */
#ifndef ASSAY_MILTER_H
#define ASSAY_MILTER_H

#include "base/problem.h"
#include "session/session.h"

/*
 * Registers with libmilter and opens the socket, between listen_prepare() and listen_permit().
 * `shared` outlives milter_run(). Once a process.
 */
bool milter_open(const char *listen, struct shared *shared, struct problem *problem);

/* Serves for as long as the process lives; returns only where libmilter gives up by itself, false
 * with an error. There is no call to stop it: libmilter's own waits up to five seconds for a
 * poll(2) of its listener.
 */
bool milter_run(void);

/* "8.17.1" */
const char *milter_version(void);

#endif
