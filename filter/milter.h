/*
 * milter.h - the mail server's side: libmilter's callbacks become the stages of session.h.
 */
#ifndef ASSAY_MILTER_H
#define ASSAY_MILTER_H

#include "problem.h"
#include "session.h"

/*
 * Who gives a new connection its settings: returns a held snapshot. Called on any thread.
 */
typedef struct settings *milter_settings_function(void);

/*
 * Registers with libmilter and opens the socket; a UNIX socket gets `mode` and the group `group` (-1:
 * unchanged). `shared` outlives milter_run(). Once a process.
 */
bool milter_open(const char *listen, milter_settings_function *settings, struct shared *shared,
                 struct problem *problem);

/* Serves for as long as the process lives; returns only where libmilter gives up by itself, false with an
 * error. There is no call to stop it: libmilter's own waits up to five seconds for a poll(2) of its listener.
 */
bool milter_run(void);

/* "8.17.1" */
const char *milter_version(void);

#endif
