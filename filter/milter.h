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

/* Serves until milter_stop(). False where libmilter gives up by itself. */
bool milter_run(void);
void milter_stop(void);

/* "8.17.1" */
const char *milter_version(void);

#endif
