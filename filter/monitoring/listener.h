/*
 * listener.h - opens the socket on which metrics are served. Main thread.
 */
#ifndef ASSAY_LISTENER_H
#define ASSAY_LISTENER_H

#include "base/problem.h"
#include "metrics/listen_address.h"

/* A listening socket, which the caller closes, or -1 and a problem. A UNIX socket that exists
 * already is replaced, unless a program listens on it. */
int listener_open(const struct listen_address *place, struct problem *problem);

/* Does listening there need root (a port below 1024)? */
bool listener_needs_root(const struct listen_address *place);

#endif
