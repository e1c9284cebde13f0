/*
 * spf_prefetch_test.c - prefetching of SPF: what it asks for, how many round trips it takes, where
 * it stops.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <string.h>

#include "base/text.h"
#include "fake_dns.h"
#include "policy.h"
#include "spf/spf.h"

enum {
	PENDING_MAX = 200
};

/* Services whose prefetched answers arrive a round at a time, as after a round trip to a name
 * server. */
struct slow_dns {
	struct services services;
	struct arena *arena;
	struct fake_dns *zone;
	size_t count, delivered; /* of pending */
	struct pending {
		const char *name;
		enum record_type type;
		prefetched_function *then;
		void *with;
		bool used; /* the evaluation has looked it up too */
	} pending[PENDING_MAX];
	size_t surprises; /* lookups that nobody had prefetched */
};

static void slow_prefetch(void *context, const char *name, enum record_type type,
                          prefetched_function *then, void *with)
{
	struct slow_dns *dns = context;

	assert_true(dns->count < PENDING_MAX);
	dns->pending[dns->count].name = arena_string(dns->arena, name);
	dns->pending[dns->count].type = type;
	dns->pending[dns->count].then = then;
	dns->pending[dns->count++].with = with;
}

static struct pending *find(struct slow_dns *dns, const char *name, enum record_type type)
{
	for (size_t i = 0; i < dns->count; i++)
		if (dns->pending[i].type == type && text_same(dns->pending[i].name, name))
			return &dns->pending[i];
	return NULL;
}

static bool prefetched(struct slow_dns *dns, const char *name, enum record_type type)
{
	return find(dns, name, type) != NULL;
}

/* How many names were asked for that the evaluation had no use for. */
static size_t in_vain(struct slow_dns *dns)
{
	size_t count = 0;

	for (size_t i = 0; i < dns->count; i++)
		count += !find(dns, dns->pending[i].name, dns->pending[i].type)->used;
	return count;
}

static const struct answer *slow_lookup(void *context, const char *name, enum record_type type)
{
	struct slow_dns *dns = context;
	struct pending *pending = find(dns, name, type);

	if (pending == NULL)
		dns->surprises++;
	else
		pending->used = true;
	return services_lookup(&dns->zone->services, name, type);
}

static time_t slow_now(void *context)
{
	return ((struct slow_dns *)context)->zone->now;
}

static struct slow_dns *slow_dns_new(struct arena *arena, const char *zone)
{
	struct slow_dns *dns = arena_allocate(arena, sizeof *dns);

	dns->arena = arena;
	dns->zone = fake_dns_new(arena, zone);
	dns->services = (struct services){
	    .context = dns, .lookup = slow_lookup, .prefetch = slow_prefetch, .now = slow_now};
	return dns;
}

/* Answers everything under way, round after round; returns how many there were. */
static unsigned run(struct slow_dns *dns)
{
	unsigned rounds = 0;

	while (dns->delivered < dns->count) {
		size_t end = dns->count;

		rounds++;
		for (; dns->delivered < end; dns->delivered++) {
			const char *name = dns->pending[dns->delivered].name;
			enum record_type type = dns->pending[dns->delivered].type;

			if (dns->pending[dns->delivered].then != NULL)
				dns->pending[dns->delivered].then(
				    &dns->services, name,
				    services_lookup(&dns->zone->services, name, type),
				    dns->pending[dns->delivered].with);
		}
	}
	return rounds;
}

static const struct spf_settings settings = {.void_lookups = 2};

struct journey {
	struct arena *arena, *dns_arena;
	struct slow_dns *dns;
	struct message message;
	struct findings findings;
	unsigned rounds;
};

static void travel(struct journey *journey, const char *zone, const char *client, const char *helo,
                   const char *from)
{
	void *state, *work;

	*journey = (struct journey){.arena = arena_new(), .dns_arena = arena_new()};
	journey->dns = slow_dns_new(journey->dns_arena, zone);
	journey->message =
	    (struct message){.helo = helo, .mail_from = from, .receiver = "mx.receiver.example"};
	assert_true(address_parse(client, &journey->message.client));
	assert_true(policy_spf.open(&settings, &state, NULL));
	work = policy_spf.begin(state, &journey->message, &journey->dns->services, journey->arena);
	journey->rounds = run(journey->dns);
	policy_spf.judge(work, &journey->findings);
}

static void arrive(struct journey *journey)
{
	arena_free(journey->arena);
	arena_free(journey->dns_arena);
}

static void three_includes_cost_two_round_trips(void **state)
{
	static const char zone[] =
	    "example.org TXT v=spf1 include:a.example include:b.example include:c.example -all\n"
	    "mx.example.net TXT v=spf1 ip4:198.51.100.0/24 -all\n"
	    "a.example TXT v=spf1 ip4:10.0.0.0/8 ~all\n"
	    "b.example TXT v=spf1 ip4:10.0.0.0/8 ~all\n"
	    "c.example TXT v=spf1 ip4:192.0.2.0/24 ~all\n";
	struct journey journey;

	(void)state;
	travel(&journey, zone, "192.0.2.1", "mx.example.net", "user@example.org");
	assert_int_equal(journey.rounds, 2);
	assert_int_equal(journey.dns->count, 5);
	assert_int_equal(journey.dns->surprises, 0);
	assert_int_equal(journey.findings.spf.result, RESULT_PASS);
	assert_int_equal(journey.findings.spf_helo.result, RESULT_FAIL);
	arrive(&journey);
}

static void every_name_is_prefetchn(void **state)
{
	static const char zone[] =
	    "example.org TXT v=spf1 a mx:%{o}/24 exists:%{ir}.%{l1r-}.x.example ptr "
	    "include:%{d2}.y.example redirect=next.example\n"
	    "example.org A 198.51.100.1\nexample.org AAAA 2001:db8::2\n"
	    "example.org MX 5 m.example\nexample.org MX 5 n.example\n"
	    "m.example A 198.51.100.2\nn.example AAAA 2001:db8::3\nn.example A 198.51.100.3\n"
	    "example.org.y.example TXT v=spf1 a:in.example ?all exp=not-needed.example\n"
	    "in.example A 198.51.100.4\nin.example AAAA 2001:db8::4\n"
	    "1.2.0.192.in-addr.arpa PTR host.example\n"
	    "host.example A 192.0.2.1\n"
	    "next.example TXT v=spf1 ip4:198.51.100.0/24 -all exp=why.example\n"
	    "why.example TXT because\n";
	struct journey journey;

	(void)state;
	travel(&journey, zone, "192.0.2.1", "x", "us-er@example.org");
	assert_int_equal(journey.findings.spf.result, RESULT_FAIL);
	assert_string_equal(journey.findings.spf.explanation, "because");
	assert_int_equal(journey.dns->surprises, 0);
	assert_int_equal(journey.rounds, 5);
	assert_false(prefetched(journey.dns, "not-needed.example", RECORD_TXT));
	for (size_t i = 0; i < journey.dns->count; i++)
		assert_int_not_equal(journey.dns->pending[i].type, RECORD_AAAA);
	arrive(&journey);
}

static void only_the_family_of_the_client_is_asked_for(void **state)
{
	static const char zone[] = "example.org TXT v=spf1 a mx exists:x.example -all\n"
	                           "example.org MX 5 m.example\n";
	struct journey journey;

	(void)state;
	travel(&journey, zone, "2001:db8::1", "x", "user@example.org");
	assert_true(prefetched(journey.dns, "example.org", RECORD_AAAA));
	assert_true(prefetched(journey.dns, "m.example", RECORD_AAAA));
	assert_true(prefetched(journey.dns, "x.example", RECORD_A));
	assert_false(prefetched(journey.dns, "example.org", RECORD_A));
	assert_false(prefetched(journey.dns, "m.example", RECORD_A));
	arrive(&journey);
}

static void nothing_is_asked_for_behind_a_sure_match(void **state)
{
	static const char zone[] =
	    "example.org TXT v=spf1 ip4:192.0.2.0/24 a include:x.example exp=why.example -all\n"
	    "example.net TXT v=spf1 ~all a mx redirect=x.example exp=why.example\n"
	    "x.example TXT v=spf1 a\n";
	struct journey journey;

	(void)state;
	travel(&journey, zone, "192.0.2.1", "x", "user@example.org");
	assert_int_equal(journey.dns->count, 1);
	arrive(&journey);
	travel(&journey, zone, "192.0.2.1", "x", "user@example.net");
	assert_int_equal(journey.dns->count, 1);
	arrive(&journey);
}

/* A record that asks a lot, and how much of it is asked for; `ten` and `hosts` stand ten times, "#"
 * is 0 to 9. */
struct greedy {
	const char *domain, *first, *ten, *last;
	const char *hosts; /* lines of the zone */
	size_t prefetched, in_vain;
};

static const char around[] = "1.example A 192.0.2.1\nf.example A !fail\n"
                             "b.example TXT v=spf1 ip4:192.0.2.0/24 ~all\n"
                             "c.example TXT v=spf1 a:1.n.example ~all\n"
                             "d.example TXT v=spf1 a:1.n.example a:2.n.example a:3.n.example ~all\n"
                             "order.example MX 7 7.example\norder.example MX 9 9.example\n"
                             "order.example MX 8 8.example\norder.example MX 6 6.example\n"
                             "order.example MX 5 5.example\norder.example MX 1 1.example\n";

static const struct greedy greedy[] = {
    {"a.example", "", " a:#.n.example", " -all", "", 4, 0},
    {"mx.example", "", " mx:#.n.example", " -all", "", 4, 0},
    {"exists.example", "", " exists:#.n.example", " -all", "", 4, 0},
    {"include.example", "", " include:#.n.example", " -all", "", 4, 2},
    {"self.example", "", " include:self.example", " redirect=self.example", "", 11, 0},
    {"redirect.example", " a:x.n.example", "", " redirect=a.example",
     "a.example TXT v=spf1 a:#.n.example\n", 3, 0},
    {"ptr.example", "", " ptr:#.n.example", " -all", "", 4, 0},
    {"p.example", "", " a:%{p}.#.n.example", " -all", "", 4, 0},
    {"macro.example", "", " exists:%{ir}.%{d}.#.n.example", " -all", "", 4, 0},
    {"nested.example", "", " include:d.example", " -all", "", 7, 0},
    {"explained.example", "", " a:#.n.example", " -all exp=why.n.example", "", 4, 0},
    {"hosts.example", " mx", " a:#.n.example", " -all", "hosts.example MX 5 #.m.example\n", 15, 0},
    {"many.example", " mx a", "", " -all",
     "many.example MX 0 #.m.example\nmany.example MX 0 one.#.example\n", 3, 1},
    {"first.example", " mx:order.example", " a:#.n.example", " -all", "", 7, 4},
    {"match.example", " a:1.example", " include:#.n.example", " redirect=a.example", "", 4, 2},
    {"inner.example", " include:b.example", " include:c.example", " mx -all", "", 4, 2},
    {"failing.example", " a:f.example", " a:#.n.example", " -all", "", 4, 2},
    {"broken.example", " a:x.example moo", "", " -all", "", 1, 0},
    {"two.example", " a:x.example", "", " -all", "two.example TXT v=spf1 -all\n", 1, 0},
};

static const char *ten_times(struct arena *arena, const char *pattern)
{
	struct text text;

	text_begin(&text, arena, 4000);
	for (unsigned number = 0; number < 10; number++)
		for (const char *at = pattern; *at != '\0'; at++)
			text_add_format(&text, *at == '#' ? "%u" : "%c",
			                *at == '#' ? number : (unsigned)*at);
	return text.bytes;
}

static void nothing_is_asked_for_that_the_evaluation_does_not_come_to(void **state)
{
	struct arena *arena = arena_new();
	struct journey journey;

	(void)state;
	for (size_t i = 0; i < sizeof greedy / sizeof greedy[0]; i++) {
		const struct greedy *one = &greedy[i];
		const char *zone = arena_format(arena, "%s TXT v=spf1%s%s%s\n%s%s", one->domain,
		                                one->first, ten_times(arena, one->ten), one->last,
		                                ten_times(arena, one->hosts), around);

		travel(&journey, zone, "192.0.2.1", "x",
		       arena_format(arena, "user@%s", one->domain));
		if (journey.dns->count != one->prefetched || in_vain(journey.dns) != one->in_vain)
			fail_msg("%s: %zu asked, %zu in vain", one->domain, journey.dns->count,
			         in_vain(journey.dns));
		arrive(&journey);
	}
	arena_free(arena);
}

/* Services whose prefetched answers come from another thread while the message goes on. */
struct threaded_dns {
	struct slow_dns *slow;
	struct services services;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool ended;
};

static const struct answer *threaded_lookup(void *context, const char *name, enum record_type type)
{
	struct threaded_dns *dns = context;
	const struct answer *answer;

	pthread_mutex_lock(&dns->lock);
	answer = services_lookup(&dns->slow->zone->services, name, type);
	pthread_mutex_unlock(&dns->lock);
	return answer;
}

static void threaded_prefetch(void *context, const char *name, enum record_type type,
                              prefetched_function *then, void *with)
{
	struct threaded_dns *dns = context;

	pthread_mutex_lock(&dns->lock);
	slow_prefetch(dns->slow, name, type, then, with);
	pthread_cond_signal(&dns->changed);
	pthread_mutex_unlock(&dns->lock);
}

static time_t threaded_now(void *context)
{
	return slow_now(((struct threaded_dns *)context)->slow);
}

static void *deliver(void *context)
{
	struct threaded_dns *dns = context;
	struct slow_dns *slow = dns->slow;

	pthread_mutex_lock(&dns->lock);
	while (!dns->ended || slow->delivered < slow->count) {
		if (slow->delivered == slow->count) {
			pthread_cond_wait(&dns->changed, &dns->lock);
			continue;
		}
		const struct pending one = slow->pending[slow->delivered++];
		const struct answer *answer =
		    services_lookup(&slow->zone->services, one.name, one.type);

		pthread_mutex_unlock(&dns->lock);
		if (one.then != NULL)
			one.then(&dns->services, one.name, answer, one.with);
		pthread_mutex_lock(&dns->lock);
	}
	pthread_mutex_unlock(&dns->lock);
	return NULL;
}

static void answers_may_arrive_on_another_thread(void **state)
{
	static const char zone[] =
	    "example.org TXT v=spf1 a mx include:a.example include:b.example redirect=c.example\n"
	    "example.org MX 0 mx.example\nmx.example A 198.51.100.1\n"
	    "a.example TXT v=spf1 exists:%{i}.%{l}.%{h} include:d.example ~all\n"
	    "b.example TXT v=spf1 a:%{o} mx:%{d} ?all\n"
	    "c.example TXT v=spf1 ptr -all exp=%{d}.why.example\n"
	    "d.example TXT v=spf1 ip4:10.0.0.0/8 ~all\n";

	(void)state;
	for (int i = 0; i < 50; i++) {
		struct arena *arena = arena_new(), *dns_arena = arena_new();
		struct threaded_dns dns = {.slow = slow_dns_new(dns_arena, zone)};
		struct message message = {.helo = "mx.example.net",
		                          .mail_from = "user@example.org"};
		struct findings findings = {0};
		void *policy, *work;
		pthread_t thread;

		dns.services = (struct services){.context = &dns,
		                                 .lookup = threaded_lookup,
		                                 .prefetch = threaded_prefetch,
		                                 .now = threaded_now};
		pthread_mutex_init(&dns.lock, NULL);
		pthread_cond_init(&dns.changed, NULL);
		assert_true(address_parse("192.0.2.1", &message.client));
		assert_true(policy_spf.open(&settings, &policy, NULL));
		assert_int_equal(pthread_create(&thread, NULL, deliver, &dns), 0);
		work = policy_spf.begin(policy, &message, &dns.services, arena);
		policy_spf.judge(work, &findings);
		assert_int_equal(findings.spf.result, RESULT_PERMERROR);
		pthread_mutex_lock(&dns.lock);
		dns.ended = true;
		pthread_cond_signal(&dns.changed);
		pthread_mutex_unlock(&dns.lock);
		pthread_join(thread, NULL);
		pthread_cond_destroy(&dns.changed);
		pthread_mutex_destroy(&dns.lock);
		arena_free(arena);
		arena_free(dns_arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(three_includes_cost_two_round_trips),
	    cmocka_unit_test(every_name_is_prefetchn),
	    cmocka_unit_test(only_the_family_of_the_client_is_asked_for),
	    cmocka_unit_test(nothing_is_asked_for_behind_a_sure_match),
	    cmocka_unit_test(nothing_is_asked_for_that_the_evaluation_does_not_come_to),
	    cmocka_unit_test(answers_may_arrive_on_another_thread),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
