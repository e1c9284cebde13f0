/*
 * notify_none.c - no service manager to tell (built without libsystemd).
 */
#include "daemon/notify.h"

void notify_ready(void)
{
}

void notify_reloading(void)
{
}

void notify_stopping(void)
{
}
