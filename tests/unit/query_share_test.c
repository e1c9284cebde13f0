/*
 * query_share_test.c - what a message and a client may use up: the shares of a message's time, of
 * the lookups under way, and what becomes of lookups that nobody waits for any more.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "dns/query_session.h"
#include "resolver_fixture.h"

static const char zone[] = "plain.example TXT plain\n"
                           "*.slow.example TXT !slow 100 late\n"
                           "*.silent.example ANY !silent\n";

static int start_server(void **state)
{
	return resolver_fixture_start(state, zone);
}

static struct address client_of(const char *text)
{
	struct address client;

	assert_true(address_parse(text, &client));
	return client;
}

/* What a message of this client asks for `number` names that nobody answers: how many were asked.
 */
static unsigned long prefetch_silent(struct resolver *resolver, const struct services *services,
                                     const char *prefix, int number)
{
	struct resolver_counts counts;
	char name[64];

	for (int i = 0; i < number; i++) {
		snprintf(name, sizeof name, "%s%d.silent.example", prefix, i);
		services_prefetch(services, name, RECORD_TXT);
	}
	resolver_count(resolver, &counts);
	return counts.in_flight;
}

static enum lookup_fault fault_of(const struct services *services, const char *name)
{
	const struct answer *answer = services_lookup(services, name, RECORD_TXT);

	assert_int_equal(answer->status, LOOKUP_FAILED);
	assert_non_null(answer->why);
	return answer->fault;
}

static void prefetching_leaves_room_for_evidence_and_that_for_the_author(void **state)
{
	struct resolver *resolver = resolver_fixture_open(20000, 10);
	struct arena *arena = arena_new();
	struct address client = client_of("192.0.2.1");
	const struct services *services =
	    query_session_services(query_session_open(resolver, &client, 200, arena));
	const struct services *author = services_author(services);

	(void)state;
	assert_int_equal(prefetch_silent(resolver, services, "f", 20), 7);
	assert_int_equal(fault_of(services, "l0.silent.example"), LOOKUP_FAULT_MESSAGE_TIME);
	assert_int_equal(fault_of(services, "l1.silent.example"), LOOKUP_FAULT_IN_FLIGHT);
	assert_int_equal(prefetch_silent(resolver, services, "g", 5), 8);
	assert_int_equal(prefetch_silent(resolver, author, "a", 5), 8);
	assert_int_equal(fault_of(author, "b.silent.example"), LOOKUP_FAULT_MESSAGE_TIME);
	assert_int_equal(fault_of(author, "c.silent.example"), LOOKUP_FAULT_MESSAGE_TIME);
	assert_int_equal(fault_of(author, "d.silent.example"), LOOKUP_FAULT_IN_FLIGHT);
	arena_free(arena);
	resolver_close(resolver);
}

static void one_client_leaves_room_for_others(void **state)
{
	static const char *const same[] = {"2001:db8::1", "2001:db8::2:3", "2001:db8:0:0:ffff::1"};
	struct resolver *resolver = resolver_fixture_open(20000, 160);
	struct arena *arena = arena_new();
	struct address client, other = client_of("2001:db8:0:1::1");
	const struct services *services = NULL, *others;
	unsigned long asked = 0;
	char prefix[8], name[64];

	(void)state;
	for (int message = 0; message < 9; message++) {
		client = client_of(same[message % 3]);
		services =
		    query_session_services(query_session_open(resolver, &client, 200, arena));
		snprintf(prefix, sizeof prefix, "m%d-", message);
		asked = prefetch_silent(resolver, services, prefix, 15);
	}
	assert_int_equal(asked, 20);
	others = query_session_services(query_session_open(resolver, &other, 200, arena));
	assert_int_equal(prefetch_silent(resolver, others, "o", 15), 35);
	assert_int_equal(services_lookup(others, "plain.example", RECORD_TXT)->status,
	                 LOOKUP_FOUND);
	assert_int_equal(prefetch_silent(resolver, services_author(services), "a", 60), 45);
	/* what is waited for may be more; the message's time is over with the first */
	for (int i = 0; i < 75; i++) {
		snprintf(name, sizeof name, "b%d.silent.example", i);
		assert_int_equal(fault_of(services_author(services), name),
		                 LOOKUP_FAULT_MESSAGE_TIME);
	}
	assert_int_equal(fault_of(services_author(services), "c.silent.example"),
	                 LOOKUP_FAULT_IN_FLIGHT);
	/* the last quarter is for those with little under way */
	assert_int_equal(fault_of(others, "o.silent.example"), LOOKUP_FAULT_MESSAGE_TIME);
	arena_free(arena);
	resolver_close(resolver);
}

/* The flood of messages that end at once: nothing stays in flight, and what libunbound still has
 * has a bound.
 */
static void what_nobody_waits_for_is_not_in_flight(void **state)
{
	struct resolver *resolver = resolver_fixture_open(20000, 160);
	struct address client = client_of("192.0.2.1"), other = client_of("192.0.2.2");
	struct resolver_counts counts;
	struct arena *arena;
	char prefix[16];

	(void)state;
	for (int message = 0; message < 50; message++) {
		arena = arena_new();
		snprintf(prefix, sizeof prefix, "m%d-", message);
		prefetch_silent(
		    resolver,
		    query_session_services(query_session_open(resolver, &client, 200, arena)),
		    prefix, 10);
		arena_free(arena);
	}
	resolver_count(resolver, &counts);
	assert_int_equal(counts.in_flight, 0);
	assert_int_equal(counts.abandoned, 20);
	/* who asks again for one of them has it in flight */
	arena = arena_new();
	assert_int_equal(
	    prefetch_silent(
	        resolver, query_session_services(query_session_open(resolver, &other, 200, arena)),
	        "m0-", 3),
	    3);
	resolver_count(resolver, &counts);
	assert_int_equal(counts.abandoned, 17);
	arena_free(arena);
	resolver_close(resolver);
}

static void the_authors_names_have_time_left(void **state)
{
	struct resolver *resolver = resolver_fixture_open(20000, 100);
	struct arena *arena = arena_new();
	struct address client = client_of("192.0.2.1");
	const struct services *services =
	    query_session_services(query_session_open(resolver, &client, 2000, arena));

	(void)state;
	assert_int_equal(fault_of(services_aside(services), "s0.silent.example"),
	                 LOOKUP_FAULT_MESSAGE_TIME);
	assert_int_equal(fault_of(services_aside(services), "s1.silent.example"),
	                 LOOKUP_FAULT_MESSAGE_TIME);
	assert_int_equal(fault_of(services, "s2.silent.example"), LOOKUP_FAULT_MESSAGE_TIME);
	assert_int_equal(services_lookup(services, "x.slow.example", RECORD_TXT)->status,
	                 LOOKUP_FAILED);
	assert_int_equal(
	    services_lookup(services_author(services), "y.slow.example", RECORD_TXT)->status,
	    LOOKUP_FOUND);
	assert_int_equal(
	    services_lookup(services_author(services), "x.slow.example", RECORD_TXT)->status,
	    LOOKUP_FOUND);
	arena_free(arena);
	resolver_close(resolver);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(prefetching_leaves_room_for_evidence_and_that_for_the_author),
	    cmocka_unit_test(one_client_leaves_room_for_others),
	    cmocka_unit_test(what_nobody_waits_for_is_not_in_flight),
	    cmocka_unit_test(the_authors_names_have_time_left),
	};

	return cmocka_run_group_tests(tests, start_server, resolver_fixture_stop);
}
