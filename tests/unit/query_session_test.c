/*
 * query_session_test.c - one message's lookups: prefetched ones, deadlines, bounds, and the end of
 * the message while answers are still on their way.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dns/query_session.h"
#include "resolver_fixture.h"

enum {
	THREADS = 8,
	MESSAGES = 60
};

static const char zone[] = "plain.example TXT plain\n"
                           "silent.example ANY !silent\n"
                           "slow.example TXT !slow 200 late\n"
                           "*.slow.example TXT !slow 100 late\n"
                           "once.example TXT !ttl 0 once\n"
                           "slowonce.example TXT !slow 100 !ttl 0 once\n"
                           "*.many.example TXT many\n"
                           "*.once.example TXT !ttl 0 once\n"
                           "*.silent.example ANY !silent\n";

static int start_server(void **state)
{
	return resolver_fixture_start(state, zone);
}

static void count_call(const struct services *services, const char *name,
                       const struct answer *answer, void *with)
{
	(void)services;
	(void)name;
	(void)answer;
	atomic_fetch_add((atomic_int *)with, 1);
}

static void what_was_prefetchn_is_asked_once(void **state)
{
	static const char *const names[] = {"once.example", "slowonce.example"};
	struct resolver *resolver = resolver_fixture_open(20000, 100);

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		for (size_t message = 1; message <= 2; message++) {
			struct arena *arena = arena_new();
			struct query_session *query_session =
			    query_session_open(resolver, NULL, 60000, arena);
			const struct services *services = query_session_services(query_session);

			services_prefetch(services, names[i], RECORD_TXT);
			services_prefetch(services, names[i], RECORD_TXT);
			usleep(i == 0 ? 300000 : 0);
			for (int again = 0; again < 3; again++)
				assert_string_equal(services_lookup(services, names[i], RECORD_TXT)
				                        ->records[0]
				                        .text,
				                    "once");
			assert_int_equal(
			    dns_server_asked(&resolver_fixture_server, names[i], "TXT"), message);
			arena_free(arena);
		}
	}
	resolver_close(resolver);
}

static void a_look_up_ends_at_its_deadline(void **state)
{
	static const struct {
		long timeout_ms, budget_ms;
		const char *why;
	} cases[] = {
	    {200, 60000, "no answer from the name servers in time"},
	    {20000, 200, "the message's time for DNS answers is used up (limits.message_ms)"},
	};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct resolver *resolver = resolver_fixture_open(cases[i].timeout_ms, 100);
		struct arena *arena = arena_new();
		struct query_session *query_session =
		    query_session_open(resolver, NULL, cases[i].budget_ms, arena);
		const struct services *services = query_session_services(query_session);
		const struct query_session_query *queries;
		const struct answer *answer;

		query_session_remember(query_session);
		answer = services_lookup(services, "silent.example", RECORD_TXT);
		assert_int_equal(answer->status, LOOKUP_FAILED);
		assert_string_equal(answer->why, cases[i].why);
		assert_int_equal(query_session_queries(query_session, &queries), 1);
		assert_int_equal(queries[0].status, LOOKUP_FAILED);
		assert_true(queries[0].milliseconds >= 150);
		arena_free(arena);
		resolver_close(resolver);
	}
}

static void a_spent_budget_still_serves_known_answers(void **state)
{
	struct resolver *resolver = resolver_fixture_open(20000, 100);
	struct arena *arena = arena_new();
	const struct services *services =
	    query_session_services(query_session_open(resolver, NULL, 60000, arena));
	struct arena *late_arena = arena_new();
	const struct services *late =
	    query_session_services(query_session_open(resolver, NULL, 50, late_arena));

	(void)state;
	assert_int_equal(services_lookup(services, "plain.example", RECORD_TXT)->status,
	                 LOOKUP_FOUND);
	assert_int_equal(services_lookup(late, "silent.example", RECORD_TXT)->status,
	                 LOOKUP_FAILED);
	assert_int_equal(services_lookup(late, "new.silent.example", RECORD_TXT)->status,
	                 LOOKUP_FAILED);
	assert_int_equal(services_lookup(late, "plain.example", RECORD_TXT)->status, LOOKUP_FOUND);
	arena_free(late_arena);
	arena_free(arena);
	resolver_close(resolver);
}

static void a_message_prefetchs_and_asks_within_bounds(void **state)
{
	struct resolver *resolver = resolver_fixture_open(20000, 10000);
	struct arena *arena = arena_new();
	const struct services *services =
	    query_session_services(query_session_open(resolver, NULL, 60000, arena));
	const struct services *unanswered =
	    query_session_services(query_session_open(resolver, NULL, 60000, arena));
	struct resolver_counts counts;
	size_t found = 0;
	char name[64];

	(void)state;
	for (int i = 0; i < 300; i++) {
		snprintf(name, sizeof name, "f%d.many.example", i);
		services_prefetch(services, name, RECORD_TXT);
		if (i % 50 == 49) /* fewer than may be unanswered at one time */
			services_lookup(services, name, RECORD_TXT);
	}
	resolver_count(resolver, &counts);
	assert_int_equal(counts.misses, 202);
	for (int i = 0; i < 100; i++) {
		snprintf(name, sizeof name, "u%d.silent.example", i);
		services_prefetch(unanswered, name, RECORD_TXT);
	}
	resolver_count(resolver, &counts);
	assert_int_equal(counts.in_flight, 64);
	for (int i = 0; i < 1100; i++) {
		snprintf(name, sizeof name, "f%d.many.example", i);
		found += services_lookup(services, name, RECORD_TXT)->status == LOOKUP_FOUND;
	}
	assert_int_equal(found, 1000);
	arena_free(arena);
	resolver_close(resolver);
}

static void names_without_answer_do_not_starve_others(void **state)
{
	struct resolver *resolver = resolver_fixture_open(20000, 400);
	struct arena *arena = arena_new();
	const struct services *services =
	    query_session_services(query_session_open(resolver, NULL, 60000, arena));
	char name[64];

	(void)state;
	for (int i = 0; i < 150; i++) {
		snprintf(name, sizeof name, "s%d.silent.example", i);
		services_prefetch(services, name, RECORD_TXT);
	}
	usleep(100000);
	assert_int_equal(services_lookup(services, "starved.many.example", RECORD_TXT)->status,
	                 LOOKUP_FOUND);
	arena_free(arena);
	resolver_close(resolver);
}

struct chain {
	atomic_int calls, inside;
	int length;
	bool nested; /* a continuation was called inside another */
};

static void go_on(const struct services *services, const char *name, const struct answer *answer,
                  void *with)
{
	struct chain *chain = with;
	char next[64];

	(void)name;
	if (answer->status != LOOKUP_FOUND || atomic_fetch_add(&chain->inside, 1) != 0)
		chain->nested = true;
	if (atomic_fetch_add(&chain->calls, 1) + 1 < chain->length) {
		snprintf(next, sizeof next, "c%d.many.example", atomic_load(&chain->calls));
		services->prefetch(services->context, next, RECORD_TXT, go_on, with);
	}
	atomic_fetch_sub(&chain->inside, 1);
}

/* The first time over the network, the second out of the cache before prefetch() returns. */
static void continuations_prefetch_more(void **state)
{
	struct resolver *resolver = resolver_fixture_open(20000, 100);

	(void)state;
	for (int round = 0; round < 2; round++) {
		struct arena *arena = arena_new();
		const struct services *services =
		    query_session_services(query_session_open(resolver, NULL, 60000, arena));
		struct chain chain = {.length = 150};

		services->prefetch(services->context, "c0.many.example", RECORD_TXT, go_on, &chain);
		while (round == 0 && atomic_load(&chain.calls) < chain.length)
			usleep(1000);
		assert_int_equal(atomic_load(&chain.calls), chain.length);
		assert_false(chain.nested);
		arena_free(arena);
	}
	resolver_close(resolver);
}

static void no_continuation_after_the_message(void **state)
{
	struct resolver *resolver = resolver_fixture_open(20000, 100);
	struct arena *arena = arena_new();
	const struct services *services =
	    query_session_services(query_session_open(resolver, NULL, 60000, arena));
	atomic_int calls = 0;

	(void)state;
	services->prefetch(services->context, "slow.example", RECORD_TXT, count_call, &calls);
	services->prefetch(services->context, "slow.example", RECORD_TXT, count_call, &calls);
	services->prefetch(services->context, "a..b", RECORD_TXT, count_call, &calls);
	assert_int_equal(atomic_load(&calls), 1);
	arena_free(arena);
	arena = arena_new();
	services = query_session_services(query_session_open(resolver, NULL, 60000, arena));
	assert_int_equal(services_lookup(services, "slow.example", RECORD_TXT)->status,
	                 LOOKUP_FOUND);
	assert_int_equal(atomic_load(&calls), 1);
	assert_int_equal(dns_server_asked(&resolver_fixture_server, "slow.example", "TXT"), 1);
	arena_free(arena);
	resolver_close(resolver);
}

struct visit {
	atomic_bool begun, ended;
};

static void stay_a_while(const struct services *services, const char *name,
                         const struct answer *answer, void *with)
{
	struct visit *visit = with;

	(void)name;
	assert_int_equal(answer->status, LOOKUP_FOUND);
	atomic_store(&visit->begun, true);
	usleep(200000);
	services_prefetch(services, "after.many.example", RECORD_TXT);
	atomic_store(&visit->ended, true);
}

static void the_end_waits_for_a_running_continuation(void **state)
{
	struct resolver *resolver = resolver_fixture_open(20000, 100);
	struct arena *arena = arena_new();
	const struct services *services =
	    query_session_services(query_session_open(resolver, NULL, 60000, arena));
	struct visit visit = {false, false};

	(void)state;
	services->prefetch(services->context, "visit.many.example", RECORD_TXT, stay_a_while,
	                   &visit);
	while (!atomic_load(&visit.begun))
		usleep(1000);
	arena_free(arena);
	assert_true(atomic_load(&visit.ended));
	resolver_close(resolver);
}

static void queries_are_remembered_in_order(void **state)
{
	struct resolver *resolver = resolver_fixture_open(20000, 100);
	struct arena *arena = arena_new();
	struct query_session *query_session = query_session_open(resolver, NULL, 60000, arena);
	const struct services *services = query_session_services(query_session);
	const struct query_session_query *queries;

	(void)state;
	services_lookup(services, "plain.example", RECORD_TXT);
	arena_reset(arena);
	query_session = query_session_open(resolver, NULL, 60000, arena);
	services = query_session_services(query_session);
	query_session_remember(query_session);
	services_prefetch(services, "x.slow.example", RECORD_TXT);
	services_lookup(services, "PLAIN.example.", RECORD_TXT);
	services_lookup(services, "no..name", RECORD_TXT);
	services_lookup(services, "X.slow.example", RECORD_TXT);
	services_lookup(services, "plain.example", RECORD_A);
	assert_int_equal(query_session_queries(query_session, &queries), 3);
	assert_string_equal(queries[0].name, "x.slow.example");
	assert_int_equal(queries[0].status, LOOKUP_FOUND);
	assert_true(queries[0].milliseconds >= 90);
	assert_false(queries[0].cached);
	assert_string_equal(queries[1].name, "plain.example");
	assert_true(queries[1].cached);
	assert_true(queries[1].milliseconds == 0);
	assert_int_equal(queries[2].type, RECORD_A);
	assert_int_equal(queries[2].status, LOOKUP_NO_DATA);
	arena_free(arena);
	resolver_close(resolver);
}

static void *many_messages(void *resolver)
{
	static const char *const domains[] = {"many", "once", "slow", "silent", "nowhere"};
	struct arena *arena = arena_new();
	unsigned seed = (unsigned)(uintptr_t)pthread_self();

	for (int message = 0; message < MESSAGES; message++) {
		const struct services *services =
		    query_session_services(query_session_open(resolver, NULL, 30, arena));
		struct chain *chain = arena_allocate(arena, sizeof *chain);
		char name[64];

		chain->length = 5;
		for (int i = 0; i < 20; i++) {
			snprintf(name, sizeof name, "%d.%s.example", rand_r(&seed) % 10,
			         domains[rand_r(&seed) % 5]);
			if (rand_r(&seed) % 2 == 0)
				services->prefetch(services->context, name, RECORD_TXT, go_on,
				                   chain);
			else
				services_lookup(services, name, RECORD_TXT);
		}
		arena_reset(arena);
	}
	arena_free(arena);
	return NULL;
}

static void threads_meet(void **state)
{
	struct resolver *resolver = resolver_fixture_open(60, 40);
	pthread_t threads[THREADS];
	struct resolver_counts counts;

	(void)state;
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, many_messages, resolver), 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	resolver_count(resolver, &counts);
	assert_true(counts.in_flight <= 40);
	assert_true(counts.hits > 0 && counts.joined > 0 && counts.failures > 0);
	resolver_close(resolver);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_was_prefetchn_is_asked_once),
	    cmocka_unit_test(a_look_up_ends_at_its_deadline),
	    cmocka_unit_test(a_spent_budget_still_serves_known_answers),
	    cmocka_unit_test(a_message_prefetchs_and_asks_within_bounds),
	    cmocka_unit_test(names_without_answer_do_not_starve_others),
	    cmocka_unit_test(continuations_prefetch_more),
	    cmocka_unit_test(no_continuation_after_the_message),
	    cmocka_unit_test(the_end_waits_for_a_running_continuation),
	    cmocka_unit_test(queries_are_remembered_in_order),
	    cmocka_unit_test(threads_meet),
	};

	return cmocka_run_group_tests(tests, start_server, resolver_fixture_stop);
}
