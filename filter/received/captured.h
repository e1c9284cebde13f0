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

enum captured_state {
	CAPTURED_OPEN,
	CAPTURED_GONE,    /* somebody removed it */
	CAPTURED_FOREIGN, /* nothing that assayd made */
	CAPTURED_FAILED   /* the disk, or the limits of this process: it may go better later */
};

/*
 * Opens a file of new/ for reading and reads its first lines; the descriptor stands at the message.
 * With CAPTURED_FOREIGN and CAPTURED_FAILED the problem says why. Texts are in the arena.
 */
enum captured_state captured_open(const char *store, const char *name, struct arena *arena,
                                  int *file, struct capture_facts *facts, struct problem *problem);

/* False and a problem: it could not be removed from new/. */
bool captured_remove(const char *store, const char *name, struct problem *problem);

#endif
