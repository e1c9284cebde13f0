/*
 * current.h - the settings that new connections get, and exchanging them at a reload.
 */
#ifndef ASSAY_CURRENT_H
#define ASSAY_CURRENT_H

#include "settings/settings.h"

/* Takes over the caller's reference; the former snapshot lives on with the connections that began with it. */
void current_set(struct settings *settings);

/* The current snapshot with a reference for the caller. From any thread. */
struct settings *current_hold(void);

/*
 * Reads the file again. A bad file is logged and changes nothing. What cannot change while the daemon runs
 * (the socket, the user, the resolver, the store) is named in the log where it differs.
 */
void current_reload(const char *path);

#endif
