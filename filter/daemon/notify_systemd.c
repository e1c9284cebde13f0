/*
 * notify_systemd.c - tells systemd how the daemon is. Called by main.c.
 */
#include "daemon/notify.h"

#include <systemd/sd-daemon.h>
#include <time.h>

void notify_ready(void)
{
	sd_notify(0, "READY=1\nSTATUS=judging mail");
}

/* Type=notify-reload wants the clock too (sd_notify(3), MONOTONIC_USEC). */
void notify_reloading(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%lld\nSTATUS=reading the settings again",
	           (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000);
}

void notify_stopping(void)
{
	sd_notify(0, "STOPPING=1\nSTATUS=finishing the messages under way");
}
