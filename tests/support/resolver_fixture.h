/*
 * resolver_fixture.h - a resolver that asks a name server of the test's own, for tests of what one
 * message asks.
 */
#ifndef ASSAY_RESOLVER_FIXTURE_H
#define ASSAY_RESOLVER_FIXTURE_H

#include "dns/resolver.h"
#include "dns_server.h"

extern struct dns_server resolver_fixture_server;

/* Starts the server with this zone; to be called from a group's set-up. */
int resolver_fixture_start(void **state, const char *zone);

/* As a group's tear-down. */
int resolver_fixture_stop(void **state);

/* To be closed by the caller. */
struct resolver *resolver_fixture_open(long timeout_ms, long in_flight);

#endif
