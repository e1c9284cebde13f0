/*
 * settings_active.h - the settings that new connections get, and exchanging them at a reload.
 */
#ifndef ASSAY_SETTINGS_ACTIVE_H
#define ASSAY_SETTINGS_ACTIVE_H

#include <time.h>

#include "settings/settings.h"

/* Takes over the caller's reference; the former snapshot lives on with the connections that began
 * with it. */
void settings_active_set(struct settings *settings);

/* The current snapshot with a reference for the caller. From any thread. */
struct settings *settings_active_ref(void);

/*
 * Reads the file again. A bad file is logged and changes nothing; nor does one whose log nobody
 * would read, since the daemon is not in the `foreground`. What cannot change while the daemon runs
 * (the socket, the user, the resolver, the store) is named in the log where it differs.
 */
void settings_active_reload(const char *path, bool foreground);

/* What became of the settings so far. */
struct settings_active_state {
	unsigned long generation; /* 1 from the start, one more with each reload that worked */
	time_t loaded;            /* the settings that count */
	time_t failed;            /* the last reload that did not work; 0: all did */
	struct problem why;       /* of that */
};

/* From any thread. */
void settings_active_status(struct settings_active_state *state);

#endif
