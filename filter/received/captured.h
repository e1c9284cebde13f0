/*
 * captured.h - the reader's side of STORE.received: opens what assayd kept. The files are checked
 * as if anybody could have put them there.
 */
#ifndef ASSAY_CAPTURED_H
#define ASSAY_CAPTURED_H

#include <stdbool.h>

#include "received/capture_facts.h"
#include "received/capture_folder.h"

/* Keeps other readers out until the process ends. False: another one is at work (a problem of ""),
 * or the problem. A folder that does not exist has nothing to read: true, with *there false. */
bool captured_lock(const char *store, bool *there, struct problem *problem);

/*
 * Opens a file of new/ for reading and reads its first lines; the descriptor stands at the message.
 * -1: it is gone already (a problem of ""), or it is nothing that assayd made. Texts are in the
 * arena.
 */
int captured_open(const char *store, const char *name, struct arena *arena,
                  struct capture_facts *facts, struct problem *problem);

/* False and a problem: it could not be removed from new/. */
bool captured_remove(const char *store, const char *name, struct problem *problem);

#endif
