/*
 * monitoring.h - serves metrics, health and status. main.c calls these functions in this order, on
 * the main thread.
 *
 * Nothing here keeps the daemon from filtering: if metrics cannot be served, the log has a warning.
 */
#ifndef ASSAY_MONITORING_H
#define ASSAY_MONITORING_H

#include "session/session.h"

/* While still root: opens the socket if that needs root. */
void monitoring_prepare(const struct settings *settings);

/* Starts both threads. `shared` has its resolver and metrics; it and `settings_file` outlive
 * monitoring_stop(). */
void monitoring_start(struct shared *shared, const char *settings_file);

/* After a reload of the settings, successful or not. */
void monitoring_reload(void);

/* After the last message: ends the threads and closes the socket. */
void monitoring_stop(void);

#endif
