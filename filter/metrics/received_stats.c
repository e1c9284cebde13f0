/*
 * received_stats.c - see received_stats.h. Called by monitoring/sampler.c.
 */
#include "metrics/received_stats.h"

#include <stdio.h>
#include <string.h>

#include "base/invariant.h"
#include "base/log.h"

enum {
	PAUSE_S = 60,
	LONGEST_S = 24 * 3600,
	IDLE_SHARE = 100 /* the pause is at least so many times as long as the reading took */
};

void received_stats_add_domain(struct received_stats *stats, const char *domain)
{
	struct facts_reported *received = &stats->reported;

	if (domain[0] == '\0' || strlen(domain) > DOMAIN_MAX || strchr(domain, '*') != NULL)
		return;
	for (size_t i = 0; i < received->domain_count; i++)
		if (strcmp(received->domains[i].domain, domain) == 0)
			return;
	if (received->domain_count == RECEIVED_WATCH_DOMAINS)
		return;
	snprintf(received->domains[received->domain_count].domain, DOMAIN_MAX + 1, "%s", domain);
	received->domain_count++;
	stats->next = 0;
}

static void apply_watch(struct facts_reported *received, const struct received_watch *found)
{
	memcpy(received->reports, found->reports, sizeof received->reports);
	received->newest = (double)found->newest;
	received->new_sources = found->new_sources;
	received->silent_reporters = found->silent_reporters;
	for (size_t i = 0; i < received->domain_count; i++) {
		received->domains[i].messages = (double)found->messages[i];
		received->domains[i].failing_share =
		    found->messages[i] == 0
		        ? 0
		        : (double)found->failing[i] / (double)found->messages[i];
	}
}

void received_stats_update(struct received_stats *stats, const char *store, time_t now)
{
	const char *domains[RECEIVED_WATCH_DOMAINS];
	struct received_watch found;
	struct problem problem;

	if (now < stats->next && stats->next - now <= LONGEST_S)
		return;
	invariant(store[0] != '\0');
	for (size_t i = 0; i < stats->reported.domain_count; i++)
		domains[i] = stats->reported.domains[i].domain;
	if (store_received_watch_read(store, now, stats->reported.domain_count, domains, &found,
	                              &problem)) {
		apply_watch(&stats->reported, &found);
		log_debug("sampler: %s: %lu new sources fail, %lu reporters are silent", store,
		          found.new_sources, found.silent_reporters);
	} else {
		log_debug("the reports of others were not read for the metrics: %s",
		          problem.message);
	}
	stats->next = now + PAUSE_S + (time(NULL) - now) * IDLE_SHARE;
}
