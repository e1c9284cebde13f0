/*
 * monitoring.h - the daemon's side of being watched: main.c calls these in the order in which they
 * stand.
 *
 * Nothing here keeps the daemon from filtering: what cannot be served is one warning.
 */
#ifndef ASSAY_MONITORING_H
#define ASSAY_MONITORING_H

#include "session/session.h"

/* While still root: opens the socket where that takes root. */
void monitoring_prepare(const struct settings *settings);

/* Begins to look and to serve. `shared` has its services; `settings_file` stays. */
void monitoring_start(struct shared *shared, const char *settings_file);

/* The settings were read again, or could not be. */
void monitoring_reload(void);

/* After the last message: closes the socket and ends the threads. */
void monitoring_stop(void);

#endif
