/*
 * web_guard.h - whom the page answers. Pure; from any thread.
 */
#ifndef ASSAY_WEB_GUARD_H
#define ASSAY_WEB_GUARD_H

#include "web/web_settings.h"

/*
 * Is this what a browser that was sent here on purpose puts into Host: localhost, an address, or
 * one of the names, each with a port or without? A page elsewhere whose own name was made to lead
 * here (DNS rebinding) comes with that name. NULL, no field, is false.
 */
bool web_guard_host(const char *host, const struct strings *names);

/* May that client ask? ADDRESS_UNKNOWN is one behind a UNIX socket, whose mode has decided. */
bool web_guard_client(const struct address *client, const struct networks *trusted);

#endif
