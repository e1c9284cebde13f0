/*
 * resolver_test.c - lookups against a real name server on loopback: values, faults, the cache, its
 * bounds.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dns/query_session.h"
#include "dns_server.h"

enum {
	THREADS = 50
};

static const char zone[] = "plain.example TXT v=spf1 -all\n"
                           "plain.example A 192.0.2.1\n"
                           "plain.example AAAA 2001:db8::1\n"
                           "mapped.example AAAA ::ffff:192.0.2.7\n"
                           "plain.example MX 10 MX.Plain.Example\n"
                           "null.example MX 0 .\n"
                           "1.2.0.192.in-addr.arpa PTR Host.example\n"
                           "1.0.168.192.in-addr.arpa PTR private.example\n"
                           "dots.example PTR a\\x2eb\\x5c\\x01.example\n"
                           "alias.example CNAME plain.example\n"
                           "empty.example EXISTS\n"
                           "name.test TXT ours\n"
                           "name.invalid TXT ours too\n"
                           "octets.example TXT a\\x00b\\xff\n"
                           "a+b=c!\\x2e\\x5c\\xc3\\xa9._spf.example TXT odd name\n"
                           "servfail.example TXT !servfail\n"
                           "refused.example TXT !refused\n"
                           "silent.example ANY !silent\n"
                           "fault-empty.example TXT !empty\n"
                           "wrong.example TXT !wrongtype\n"
                           "garbage.example TXT !garbage\n"
                           "short.example TXT !short\n"
                           "truncated.example TXT !truncate over TCP\n"
                           "truncated-always.example TXT !truncate-always\n"
                           "slow.example TXT !slow 200 late\n"
                           "slower.example TXT !slow 300 later\n"
                           "loop.example TXT !cname-loop\n"
                           "chain.example TXT !cname-chain 5 end of the chain\n"
                           "steps.example TXT !cname-steps 5 end of the steps\n"
                           "endless.example TXT !cname-steps 30 never seen\n"
                           "badtext.example TXT !raw 0541\n"
                           "badmx.example MX !raw 00\n"
                           "badaddress.example A !raw c00002\n"
                           "once.example TXT !ttl 0 once\n"
                           "second.example TXT !ttl 1 a second\n"
                           "*.many.example TXT many\n"
                           "*.silent.example ANY !silent\n";

static const char signed_zone[] = "good.example TXT good\n"
                                  "bad.example TXT !bogus bad\n"
                                  "unsigned.example TXT !unsigned plain\n"
                                  "alias.example CNAME good.example\n"
                                  "name.local TXT !unsigned at home\n";

static struct dns_server server, signing_server;
static char trust_anchor[] = "/tmp/assay-anchor.XXXXXX";

static int start_servers(void **state)
{
	(void)state;
	close(mkstemp(trust_anchor));
	dns_server_start(&server, zone, (const char *const[]){"--negative-ttl", "1", NULL});
	dns_server_start(&signing_server, signed_zone,
	                 (const char *const[]){"--sign", trust_anchor, NULL});
	return 0;
}

static int stop_servers(void **state)
{
	(void)state;
	dns_server_stop(&server);
	dns_server_stop(&signing_server);
	unlink(trust_anchor);
	return 0;
}

static struct resolver *resolver_to(const char *address, long timeout_ms, long cache_entries,
                                    const char *anchor)
{
	struct resolver_settings settings = {
	    .servers = {1, &address},
	    .timeout_ms = timeout_ms,
	    .cache_entries = cache_entries,
	    .dnssec = anchor != NULL,
	    .trust_anchor = anchor,
	    .in_flight = 100,
	};
	struct problem problem = {""};
	struct resolver *resolver = resolver_open(&settings, &problem);

	assert_string_equal(problem.message, "");
	assert_non_null(resolver);
	return resolver;
}

static struct resolver *resolver_with(long timeout_ms, long cache_entries)
{
	return resolver_to(server.address, timeout_ms, cache_entries, NULL);
}

/* One lookup of a message of its own; only the status outlives it. */
static enum lookup_status status_of(struct resolver *resolver, const char *name,
                                    enum record_type type)
{
	struct arena *arena = arena_new();
	struct query_session *query_session = query_session_open(resolver, NULL, 60000, arena);
	enum lookup_status status =
	    services_lookup(query_session_services(query_session), name, type)->status;

	arena_free(arena);
	return status;
}

static const char *first_value(const struct answer *answer, enum record_type type)
{
	static char text[2048];
	const struct record *record = answer->records;

	if (answer->status != LOOKUP_FOUND)
		return "";
	if (type == RECORD_A || type == RECORD_AAAA)
		return address_print(&record->address, text);
	if (type == RECORD_MX)
		snprintf(text, sizeof text, "%u %s", record->preference, record->name);
	else
		snprintf(text, sizeof text, "%s", type == RECORD_PTR ? record->name : record->text);
	return text;
}

static const struct {
	const char *name;
	enum record_type type;
	enum lookup_status status;
	const char *value;
} expectations[] = {
    {"plain.example", RECORD_TXT, LOOKUP_FOUND, "v=spf1 -all"},
    {"PLAIN.Example.", RECORD_A, LOOKUP_FOUND, "192.0.2.1"},
    {"plain.example", RECORD_AAAA, LOOKUP_FOUND, "2001:db8::1"},
    {"mapped.example", RECORD_AAAA, LOOKUP_FOUND, "192.0.2.7"},
    {"plain.example", RECORD_MX, LOOKUP_FOUND, "10 mx.plain.example"},
    {"plain.example", RECORD_PTR, LOOKUP_NO_DATA, ""},
    {"null.example", RECORD_MX, LOOKUP_FOUND, "0 "},
    {"1.2.0.192.in-addr.arpa", RECORD_PTR, LOOKUP_FOUND, "host.example"},
    {"1.0.168.192.in-addr.arpa", RECORD_PTR, LOOKUP_FOUND, "private.example"},
    {"dots.example", RECORD_PTR, LOOKUP_FOUND, "a\\046b\\092\\001.example"},
    {"alias.example", RECORD_TXT, LOOKUP_FOUND, "v=spf1 -all"},
    {"empty.example", RECORD_TXT, LOOKUP_NO_DATA, ""},
    {"nowhere.example", RECORD_TXT, LOOKUP_NO_NAME, ""},
    {"name.test", RECORD_TXT, LOOKUP_FOUND, "ours"},
    {"name.invalid", RECORD_TXT, LOOKUP_FOUND, "ours too"},
    {"a+B=c!.\\.\xc3\xa9._spf.example", RECORD_TXT, LOOKUP_NO_NAME, ""},
    {"servfail.example", RECORD_TXT, LOOKUP_FAILED, ""},
    {"refused.example", RECORD_TXT, LOOKUP_FAILED, ""},
    {"fault-empty.example", RECORD_TXT, LOOKUP_NO_DATA, ""},
    {"wrong.example", RECORD_TXT, LOOKUP_NO_DATA, ""},
    {"garbage.example", RECORD_TXT, LOOKUP_FAILED, ""},
    {"short.example", RECORD_TXT, LOOKUP_FAILED, ""},
    {"truncated.example", RECORD_TXT, LOOKUP_FOUND, "over TCP"},
    {"truncated-always.example", RECORD_TXT, LOOKUP_FAILED, ""},
    {"slow.example", RECORD_TXT, LOOKUP_FOUND, "late"},
    {"loop.example", RECORD_TXT, LOOKUP_FAILED, ""},
    {"chain.example", RECORD_TXT, LOOKUP_FOUND, "end of the chain"},
    {"steps.example", RECORD_TXT, LOOKUP_FOUND, "end of the steps"},
    {"endless.example", RECORD_TXT, LOOKUP_FAILED, ""},
    {"badtext.example", RECORD_TXT, LOOKUP_FAILED, ""},
    {"badmx.example", RECORD_MX, LOOKUP_FAILED, ""},
    {"badaddress.example", RECORD_A, LOOKUP_FAILED, ""},
};

static void expect_all(struct resolver *resolver)
{
	struct arena *arena = arena_new();
	struct query_session *query_session = query_session_open(resolver, NULL, 600000, arena);

	for (size_t i = 0; i < sizeof expectations / sizeof expectations[0]; i++) {
		const struct answer *answer =
		    services_lookup(query_session_services(query_session), expectations[i].name,
		                    expectations[i].type);

		if (answer->status != expectations[i].status)
			print_message("%s\n", expectations[i].name);
		assert_int_equal(answer->status, expectations[i].status);
		assert_string_equal(first_value(answer, expectations[i].type),
		                    expectations[i].value);
		assert_true((answer->why != NULL) == (answer->status == LOOKUP_FAILED));
		assert_true((answer->count != 0) == (answer->status == LOOKUP_FOUND));
		assert_false(answer->secure);
	}
	arena_free(arena);
}

static void values_and_faults(void **state)
{
	struct resolver *resolver = resolver_with(2000, 1000);

	(void)state;
	expect_all(resolver);
	resolver_close(resolver);
}

/* The server knows nothing of DNSSEC. */
static void a_server_without_dnssec_does_not_stop_mail(void **state)
{
	struct resolver *resolver = resolver_to(server.address, 2000, 1000, trust_anchor);

	(void)state;
	expect_all(resolver);
	resolver_close(resolver);
}

static void what_validation_says_holds(void **state)
{
	static const struct {
		const char *name;
		enum lookup_status status;
		bool secure;
	} cases[] = {
	    {"bad.example", LOOKUP_FAILED, false},     {"unsigned.example", LOOKUP_FAILED, false},
	    {"good.example", LOOKUP_FOUND, true},      {"alias.example", LOOKUP_FOUND, true},
	    {"nowhere.example", LOOKUP_NO_DATA, true}, {"name.local", LOOKUP_FOUND, false},
	};
	struct resolver *resolver = resolver_to(signing_server.address, 20000, 1000, trust_anchor);
	struct arena *arena = arena_new();
	struct query_session *query_session = query_session_open(resolver, NULL, 60000, arena);

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct answer *answer = services_lookup(query_session_services(query_session),
		                                              cases[i].name, RECORD_TXT);

		assert_int_equal(answer->status, cases[i].status);
		assert_int_equal(answer->secure, cases[i].secure);
		if (answer->status == LOOKUP_FAILED)
			assert_non_null(strstr(answer->why, "DNSSEC validation failed: "));
	}
	arena_free(arena);
	resolver_close(resolver);
}

static void a_missing_trust_anchor_is_no_error(void **state)
{
	struct resolver *resolver =
	    resolver_to(signing_server.address, 20000, 1000, "/nonexistent/root.key");

	(void)state;
	assert_int_equal(status_of(resolver, "bad.example", RECORD_TXT), LOOKUP_FOUND);
	resolver_close(resolver);
}

static void names_are_octets(void **state)
{
	struct resolver *resolver = resolver_with(20000, 1000);
	struct arena *arena = arena_new();
	const struct services *services =
	    query_session_services(query_session_open(resolver, NULL, 60000, arena));
	const struct answer *answer = services_lookup(services, "octets.example", RECORD_TXT);

	(void)state;
	assert_int_equal(answer->records[0].text_length, 4);
	assert_memory_equal(answer->records[0].text, "a\0b\xff", 5);
	assert_int_equal(status_of(resolver, "any thing*\x7f.many.example", RECORD_TXT),
	                 LOOKUP_FOUND);
	assert_int_equal(dns_server_asked(&server, "any\\x20thing*\\x7f.many.example", "TXT"), 1);
	arena_free(arena);
	resolver_close(resolver);
}

#define L63 "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffggg"

static void what_is_no_name_is_not_asked(void **state)
{
	static const char *const wrong[] = {
	    "",
	    ".",
	    "..",
	    "a..b",
	    ".a",
	    "a..",
	    L63 "a.many.example",
	    L63 "." L63 "." L63 "." L63,
	    L63 "." L63 "." L63 "." L63 ".",
	};
	static const char *const right[] = {
	    L63 ".many.example",
	    L63 "." L63 "." L63 ".bbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffff.many.example",
	};
	struct resolver *resolver = resolver_with(20000, 1000);
	struct resolver_counts counts;

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		assert_int_equal(status_of(resolver, wrong[i], RECORD_TXT), LOOKUP_NO_NAME);
	resolver_count(resolver, &counts);
	assert_int_equal(counts.misses, 0);
	assert_int_equal(strlen(right[1]), 253);
	for (size_t i = 0; i < sizeof right / sizeof right[0]; i++)
		assert_int_equal(status_of(resolver, right[i], RECORD_TXT), LOOKUP_FOUND);
	resolver_close(resolver);
}

static void answers_are_kept_as_long_as_they_hold(void **state)
{
	static const struct {
		const char *name;
		enum lookup_status status;
	} cases[] = {{"second.example", LOOKUP_FOUND}, {"absent.example", LOOKUP_NO_NAME}};
	struct resolver *resolver = resolver_with(20000, 1000);

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		size_t before = dns_server_asked(&server, cases[i].name, "TXT");
		size_t asked;

		assert_int_equal(status_of(resolver, cases[i].name, RECORD_TXT), cases[i].status);
		asked = dns_server_asked(&server, cases[i].name, "TXT");
		assert_int_equal(asked, before + 1);
		sleep(2);
		assert_int_equal(status_of(resolver, cases[i].name, RECORD_TXT), cases[i].status);
		assert_int_equal(dns_server_asked(&server, cases[i].name, "TXT"), asked + 1);
	}
	resolver_close(resolver);
}

static void answers_and_failures_come_from_the_cache(void **state)
{
	struct resolver *resolver = resolver_with(20000, 1000);
	struct resolver_counts counts;

	(void)state;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(status_of(resolver, "plain.example", RECORD_A), LOOKUP_FOUND);
		assert_int_equal(status_of(resolver, "servfail.example", RECORD_TXT),
		                 LOOKUP_FAILED);
	}
	resolver_count(resolver, &counts);
	assert_int_equal(counts.misses, 2);
	assert_int_equal(counts.hits, 4);
	assert_int_equal(counts.failures, 1);
	assert_int_equal(counts.entries, 2);
	assert_int_equal(counts.in_flight, 0);
	resolver_close(resolver);
}

static void *look_slower_up(void *resolver)
{
	return status_of(resolver, "Slower.Example", RECORD_TXT) == LOOKUP_FOUND ? resolver : NULL;
}

static void one_query_however_many_ask(void **state)
{
	struct resolver *resolver = resolver_with(20000, 1000);
	struct resolver_counts counts;
	pthread_t threads[THREADS];
	void *found;

	(void)state;
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, look_slower_up, resolver), 0);
	for (int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], &found);
		assert_ptr_equal(found, resolver);
	}
	resolver_count(resolver, &counts);
	assert_int_equal(counts.misses, 1);
	assert_int_equal(counts.joined + counts.hits, THREADS - 1);
	assert_int_equal(dns_server_asked(&server, "slower.example", "TXT"), 1);
	resolver_close(resolver);
}

static void the_cache_has_a_bound(void **state)
{
	struct resolver *resolver = resolver_with(20000, 100);
	struct resolver_counts counts;
	char name[64];

	(void)state;
	for (int i = 0; i < 500; i++) {
		snprintf(name, sizeof name, "n%d.many.example", i);
		assert_int_equal(status_of(resolver, name, RECORD_TXT), LOOKUP_FOUND);
		assert_int_equal(status_of(resolver, "often.many.example", RECORD_TXT),
		                 LOOKUP_FOUND);
	}
	resolver_count(resolver, &counts);
	assert_int_equal(counts.entries, 100);
	assert_int_equal(counts.evicted, 401);
	assert_int_equal(dns_server_asked(&server, "often.many.example", "TXT"), 1);
	resolver_close(resolver);
}

/* Every answer takes as long as a far server takes to find it out; nothing has to be asked twice.
 */
static void a_slow_server_is_heard(void **state)
{
	struct dns_server slow;
	struct resolver *resolver;

	(void)state;
	dns_server_start(&slow, zone, (const char *const[]){"--delay", "1600", NULL});
	resolver = resolver_to(slow.address, 60000, 100, NULL);
	assert_int_equal(status_of(resolver, "plain.example", RECORD_TXT), LOOKUP_FOUND);
	assert_int_equal(status_of(resolver, "plain.example", RECORD_A), LOOKUP_FOUND);
	resolver_close(resolver);
	dns_server_stop(&slow);
}

static void silence_and_refusal_differ(void **state)
{
	struct dns_server gone;
	struct arena *arena = arena_new();
	struct resolver *refused = resolver_with(60000, 100), *silent;
	const struct answer *answer;

	(void)state;
	answer =
	    services_lookup(query_session_services(query_session_open(refused, NULL, 60000, arena)),
	                    "refused.example", RECORD_TXT);
	assert_non_null(strstr(answer->why, "REFUSED"));
	dns_server_start(&gone, zone, NULL);
	dns_server_stop(&gone);
	silent = resolver_to(gone.address, 60000, 100, NULL);
	answer =
	    services_lookup(query_session_services(query_session_open(silent, NULL, 60000, arena)),
	                    "plain.example", RECORD_TXT);
	assert_string_equal(answer->why, "no name server answers");
	arena_free(arena);
	resolver_close(refused);
	resolver_close(silent);
}

static void settings_that_are_wrong_are_named(void **state)
{
	static const char *const wrong[] = {
	    "",    "ns.example",   "192.0.2.1@", "192.0.2.1@0", "192.0.2.1@65536", "192.0.2.1@53x",
	    "@53", "192.0.2.1 @53"};

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		struct resolver_settings settings = {.servers = {1, &wrong[i]},
		                                     .timeout_ms = 1000,
		                                     .cache_entries = 100,
		                                     .in_flight = 10};
		struct problem problem = {""};

		assert_null(resolver_open(&settings, &problem));
		assert_non_null(strstr(problem.message, "resolver.servers"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(values_and_faults),
	    cmocka_unit_test(a_server_without_dnssec_does_not_stop_mail),
	    cmocka_unit_test(what_validation_says_holds),
	    cmocka_unit_test(a_missing_trust_anchor_is_no_error),
	    cmocka_unit_test(names_are_octets),
	    cmocka_unit_test(what_is_no_name_is_not_asked),
	    cmocka_unit_test(answers_are_kept_as_long_as_they_hold),
	    cmocka_unit_test(answers_and_failures_come_from_the_cache),
	    cmocka_unit_test(one_query_however_many_ask),
	    cmocka_unit_test(the_cache_has_a_bound),
	    cmocka_unit_test(a_slow_server_is_heard),
	    cmocka_unit_test(silence_and_refusal_differ),
	    cmocka_unit_test(settings_that_are_wrong_are_named),
	};

	return cmocka_run_group_tests(tests, start_servers, stop_servers);
}
