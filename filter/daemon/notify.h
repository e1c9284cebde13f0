/*
 * notify.h - tells a service manager how the daemon is (sd_notify(3)); notify_systemd.c or, built
 * without libsystemd, notify_none.c.
 */
#ifndef ASSAY_NOTIFY_H
#define ASSAY_NOTIFY_H

void notify_ready(void);
void notify_reloading(void);
void notify_stopping(void);

#endif
