/*
 * resolver_bench.c - lookups per second out of the cache and over the network, beside libunbound
 * alone; and what prefetching saves.
 *
 * Run by hand: tests/bench/resolver_bench, from the folder that holds tests/. Everything is asked
 * of dns_server.py on loopback, in one run, so that the figures can be compared.
 */
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unbound.h>

#include "dns/query_session.h"
#include "dns_server.h"

enum {
	NAMES = 1000,
	MESSAGES = 100000,
	LOOKUPS = 20, /* of a message */
	ALONE = 5000,
	UNCACHED = 20000,
	UNCACHED_AT_ONCE = 100,
	ROUNDS = 10
};

static const char zone[] =
    "*.bench.example TXT v=spf1 ip4:192.0.2.0/24 include:_spf.bench.example -all\n";

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static struct resolver *resolver_to(const struct dns_server *server)
{
	const char *address = server->address;
	struct resolver_settings settings = {.servers = {1, &address},
	                                     .timeout_ms = 5000,
	                                     .cache_entries = 100000,
	                                     .in_flight = 1000};
	struct problem problem;
	struct resolver *resolver = resolver_open(&settings, &problem);

	if (resolver == NULL) {
		fprintf(stderr, "%s\n", problem.message);
		exit(1);
	}
	return resolver;
}

static char names[NAMES][64];

static void *cached_messages(void *with)
{
	struct arena *arena = arena_new();
	size_t at = 0;

	for (int message = 0; message < MESSAGES; message++) {
		const struct services *services =
		    query_session_services(query_session_open(with, NULL, 1000, arena));

		for (int i = 0; i < LOOKUPS; i++, at = (at + 7) % NAMES)
			if (services_lookup(services, names[at], RECORD_TXT)->status !=
			    LOOKUP_FOUND)
				abort();
		arena_reset(arena);
	}
	arena_free(arena);
	return NULL;
}

static void measure_cached(struct resolver *resolver, int count)
{
	pthread_t threads[8];
	double begin = seconds();

	for (int i = 0; i < count; i++)
		pthread_create(&threads[i], NULL, cached_messages, resolver);
	for (int i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
	printf("cached, %d thread(s), %d a message:      %10.0f lookups/s\n", count, LOOKUPS,
	       (double)count * MESSAGES * LOOKUPS / (seconds() - begin));
}

static void measure_libunbound(const struct dns_server *server)
{
	struct ub_ctx *context = ub_ctx_create();
	struct ub_result *result;
	double begin = 0;

	ub_ctx_set_option(context, "do-not-query-localhost:", "no");
	ub_ctx_set_option(context, "module-config:", "iterator");
	ub_ctx_set_fwd(context, server->address);
	for (int i = 0; i < ALONE + NAMES; i++) {
		if (i == NAMES)
			begin = seconds();
		if (ub_resolve(context, names[i % NAMES], RECORD_TXT, 1, &result) != 0 ||
		    !result->havedata)
			abort();
		ub_resolve_free(result);
	}
	printf("libunbound's ub_resolve alone, cached:   %10.0f lookups/s\n",
	       ALONE / (seconds() - begin));
	ub_ctx_delete(context);
}

static void measure_uncached(struct resolver *resolver)
{
	double begin = seconds();
	char name[64];

	for (int done = 0; done < UNCACHED; done += UNCACHED_AT_ONCE) {
		struct arena *arena = arena_new();
		const struct services *services =
		    query_session_services(query_session_open(resolver, NULL, 60000, arena));

		for (int pass = 0; pass < 2; pass++) {
			for (int i = 0; i < UNCACHED_AT_ONCE; i++) {
				snprintf(name, sizeof name, "u%d.bench.example", done + i);
				if (pass == 0)
					services_prefetch(services, name, RECORD_TXT);
				else if (services_lookup(services, name, RECORD_TXT)->status !=
				         LOOKUP_FOUND)
					abort();
			}
		}
		arena_free(arena);
	}
	printf("not cached, %d at once:                 %10.0f lookups/s\n", UNCACHED_AT_ONCE,
	       UNCACHED / (seconds() - begin));
}

static double three_names(struct resolver *resolver, bool prefetch, int round)
{
	struct arena *arena = arena_new();
	const struct services *services =
	    query_session_services(query_session_open(resolver, NULL, 60000, arena));
	double begin = seconds();
	char name[3][64];

	for (int i = 0; i < 3; i++) {
		snprintf(name[i], sizeof name[i], "%s%d-%d.bench.example", prefetch ? "f" : "s",
		         round, i);
		if (prefetch)
			services_prefetch(services, name[i], RECORD_TXT);
	}
	for (int i = 0; i < 3; i++)
		if (services_lookup(services, name[i], RECORD_TXT)->status != LOOKUP_FOUND)
			abort();
	begin = seconds() - begin;
	arena_free(arena);
	return begin * 1000;
}

static void measure_prefetch(void)
{
	struct dns_server server;
	struct resolver *resolver;
	double serial = 0, prefetched = 0;

	dns_server_start(&server, zone, (const char *const[]){"--delay", "50", NULL});
	resolver = resolver_to(&server);
	three_names(resolver, true, ROUNDS);
	for (int round = 0; round < ROUNDS; round++) {
		serial += three_names(resolver, false, round) / ROUNDS;
		prefetched += three_names(resolver, true, round) / ROUNDS;
	}
	printf(
	    "three names, each answer 50 ms late:     %10.1f ms one by one, %.1f ms prefetched\n",
	    serial, prefetched);
	resolver_close(resolver);
	dns_server_stop(&server);
}

int main(void)
{
	struct dns_server server;
	struct resolver *resolver;

	for (int i = 0; i < NAMES; i++)
		snprintf(names[i], sizeof names[i], "name%d.bench.example", i);
	dns_server_start(&server, zone, NULL);
	resolver = resolver_to(&server);
	measure_uncached(resolver);
	cached_messages(resolver);
	measure_cached(resolver, 1);
	measure_cached(resolver, 2);
	measure_libunbound(&server);
	resolver_close(resolver);
	dns_server_stop(&server);
	measure_prefetch();
	return 0;
}
