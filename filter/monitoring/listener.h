/*
 * listener.h - the socket that metrics are served on.
 */
#ifndef ASSAY_LISTENER_H
#define ASSAY_LISTENER_H

#include "base/problem.h"
#include "metrics/listen_address.h"

/* A socket that listens, or -1 and a problem. A left-over UNIX socket goes unless somebody answers
 * there. */
int listener_open(const struct listen_address *place, struct problem *problem);

/* Does it take root to listen there? */
bool listener_needs_root(const struct listen_address *place);

#endif
