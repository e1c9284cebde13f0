/*
 * resolver_fixture.c - see resolver_fixture.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "resolver_fixture.h"

struct dns_server resolver_fixture_server;

int resolver_fixture_start(void **state, const char *zone)
{
	(void)state;
	dns_server_start(&resolver_fixture_server, zone, NULL);
	return 0;
}

int resolver_fixture_stop(void **state)
{
	(void)state;
	dns_server_stop(&resolver_fixture_server);
	return 0;
}

struct resolver *resolver_fixture_open(long timeout_ms, long in_flight)
{
	const char *address = resolver_fixture_server.address;
	struct resolver_settings settings = {
	    .servers = {1, &address},
	    .timeout_ms = timeout_ms,
	    .cache_entries = 1000,
	    .in_flight = in_flight,
	};
	struct problem problem = {""};
	struct resolver *resolver = resolver_open(&settings, &problem);

	assert_non_null(resolver);
	return resolver;
}
