/*
 * resolver.c - the cache, the recursor behind it, and the bound on what is under way between the two.
 *
 * main.c opens it once; each message's enquiry (enquiry.c) asks it.
 */
#include "dns/resolver.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "dns/answer.h"
#include "dns/cache.h"
#include "dns/recursor.h"

struct resolver {
	struct resolver_settings settings;
	struct cache *cache;
	struct recursor *recursor;
	atomic_long in_flight;
};

static const struct setting rows[] = {
    {.name = "servers",
     .type = SETTING_STRINGS,
     .offset = offsetof(struct resolver_settings, servers),
     .standard = "[ ]",
     .help = "Name servers, \"ADDRESS\" or \"ADDRESS@PORT\"; empty: those of /etc/resolv.conf"},
    {.name = "timeout_ms",
     .type = SETTING_NUMBER,
     .offset = offsetof(struct resolver_settings, timeout_ms),
     .standard = "5000",
     .minimum = 100,
     .maximum = 60000,
     .help = "Milliseconds after which a look-up without an answer has failed"},
    {.name = "cache_entries",
     .type = SETTING_NUMBER,
     .offset = offsetof(struct resolver_settings, cache_entries),
     .standard = "100000",
     .minimum = 100,
     .maximum = 10000000,
     .help = "Answers kept in memory at most, of 1 kB each on the average"},
    {.name = "dnssec",
     .type = SETTING_FLAG,
     .offset = offsetof(struct resolver_settings, dnssec),
     .standard = "true",
     .help = "Validate answers with DNSSEC, where the servers pass on what that needs"},
    {.name = "trust_anchor",
     .type = SETTING_STRING,
     .offset = offsetof(struct resolver_settings, trust_anchor),
     .standard = "\"/usr/share/dns/root.key\"",
     .help = "File with the root's keys for dnssec (Debian: dns-root-data); nothing is validated without it"},
    {.name = "in_flight",
     .type = SETTING_NUMBER,
     .offset = offsetof(struct resolver_settings, in_flight),
     .standard = "1000",
     .minimum = 10,
     .maximum = 100000,
     .help = "Queries under way at once at most; a look-up beyond it fails at once"},
    {.name = NULL},
};

const struct setting_group resolver_settings_group = {
    .name = "resolver",
    .rows = rows,
    .size = sizeof(struct resolver_settings),
};

/* On the recursor's thread. */
static void settle(void *context, struct question *question, struct answer *answer, int64_t milliseconds)
{
	struct resolver *resolver = context;

	atomic_fetch_sub(&resolver->in_flight, 1);
	cache_settle(resolver->cache, question, answer, milliseconds);
	cache_release(question);
}

struct resolver *resolver_open(const struct resolver_settings *settings, struct problem *problem)
{
	struct resolver *resolver = calloc(1, sizeof *resolver);
	struct recursor_settings recursor = {
	    .servers = &settings->servers,
	    .timeout_ms = settings->timeout_ms,
	    .in_flight = settings->in_flight,
	    .trust_anchor = settings->dnssec ? settings->trust_anchor : NULL,
	    .settle = settle,
	    .context = resolver,
	};

	if (resolver == NULL || (resolver->cache = cache_open((size_t)settings->cache_entries)) == NULL) {
		problem_say(problem, "resolver.cache_entries: no memory for %ld", settings->cache_entries);
		free(resolver);
		return NULL;
	}
	resolver->settings = *settings;
	resolver->recursor = recursor_open(&recursor, problem);
	if (resolver->recursor != NULL)
		return resolver;
	cache_close(resolver->cache);
	free(resolver);
	return NULL;
}

void resolver_close(struct resolver *resolver)
{
	if (resolver == NULL)
		return;
	recursor_close(resolver->recursor);
	cache_close(resolver->cache);
	free(resolver);
}

bool resolver_key(const struct resolver *resolver, const char *name, enum record_type type,
                  struct cache_key *key)
{
	return cache_key_make(resolver->cache, name, type, key);
}

long resolver_timeout_ms(const struct resolver *resolver)
{
	return resolver->settings.timeout_ms;
}

struct question *resolver_ask(struct resolver *resolver, const struct cache_key *key, bool foreseen,
                              const struct answer **answer)
{
	long most = resolver->settings.in_flight - (foreseen ? resolver->settings.in_flight / 4 : 0);
	struct question *question = cache_find(resolver->cache, key, answer);
	bool fresh = false;

	if (question != NULL)
		return question;
	if (atomic_fetch_add(&resolver->in_flight, 1) < most)
		question = cache_add(resolver->cache, key, answer, &fresh);
	if (fresh)
		recursor_ask(resolver->recursor, question);
	else
		atomic_fetch_sub(&resolver->in_flight, 1);
	return question;
}

void resolver_count(struct resolver *resolver, struct resolver_counts *counts)
{
	*counts = (struct resolver_counts){.in_flight = (unsigned long)atomic_load(&resolver->in_flight)};
	cache_count(resolver->cache, counts);
}
