/*
 * metrics.c - counts verdicts, results and connections (metrics.h says who calls).
 * monitoring/facts.c reads the counts.
 *
 * There are several copies of the counters, chosen by the processor on which the thread runs. They
 * are atomic, because the thread may move to another processor meanwhile.
 */
#include "metrics/metrics.h"

#include <sched.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/invariant.h"

enum {
	SHARDS = 16, /* a power of two */
	LINE = 64    /* octets of a processor's cache line */
};

#define CELLS      (sizeof(struct metrics_counts) / sizeof(unsigned long))
#define AT(member) (offsetof(struct metrics_counts, member) / sizeof(unsigned long))

struct shard {
	alignas(LINE) atomic_ulong cells[CELLS];
};

struct metrics {
	struct shard shards[SHARDS];
};

static const struct setting rows[] = {
    {.name = "listen",
     .type = SETTING_STRING,
     .offset = offsetof(struct metrics_settings, listen),
     .standard = "\"inet:8892@127.0.0.1\"",
     .help =
         "Where /metrics (Prometheus), /health and the facts for assay status are served by HTTP: "
         "inet:PORT@ADDRESS, inet6:PORT@[ADDRESS] or unix:/PATH; empty: nowhere"},
    {.name = NULL},
};
const struct setting_group metrics_settings_group = {"metrics", rows,
                                                     sizeof(struct metrics_settings)};

struct metrics *metrics_new(void)
{
	struct metrics *metrics = aligned_alloc(LINE, sizeof *metrics);

	if (metrics == NULL)
		return NULL;
	for (size_t i = 0; i < SHARDS; i++)
		for (size_t cell = 0; cell < CELLS; cell++)
			atomic_init(&metrics->shards[i].cells[cell], 0);
	return metrics;
}

void metrics_free(struct metrics *metrics)
{
	free(metrics);
}

static struct shard *here(struct metrics *metrics)
{
	return &metrics->shards[(unsigned)sched_getcpu() & (SHARDS - 1)];
}

static void metrics_add(struct shard *shard, size_t cell, unsigned long by)
{
	atomic_fetch_add_explicit(&shard->cells[cell], by, memory_order_relaxed);
}

static void add_duration(struct shard *shard, size_t histogram, double seconds)
{
	unsigned long microseconds = seconds <= 0 ? 0 : (unsigned long)(seconds * 1e6);

	metrics_add(shard,
	            histogram + offsetof(struct histogram, buckets) / sizeof(unsigned long) +
	                histogram_bucket(microseconds),
	            1);
	metrics_add(shard,
	            histogram + offsetof(struct histogram, microseconds) / sizeof(unsigned long),
	            microseconds);
}

static void add_result(struct shard *shard, enum metrics_method method, enum result result)
{
	invariant(method < METRICS_METHODS && (size_t)result < METRICS_RESULTS);
	metrics_add(shard, AT(results) + (size_t)method * METRICS_RESULTS + (size_t)result, 1);
}

/* RFC 8601 2.7.1: a message without a signature has the result "none". */
static void metrics_add_dkim(struct shard *shard, const struct dkim_finding *dkim)
{
	if (dkim->count == 0)
		add_result(shard, METRICS_DKIM, RESULT_NONE);
	for (size_t i = 0; i < dkim->count; i++)
		add_result(shard, METRICS_DKIM, dkim->signatures[i].result);
}

static void add_judged(struct shard *shard, const struct findings *findings)
{
	add_result(shard, METRICS_SPF, findings->spf.result);
	add_result(shard, METRICS_SPF_HELO, findings->spf_helo.result);
	metrics_add_dkim(shard, &findings->dkim);
	add_result(shard, METRICS_DMARC, findings->dmarc.result);
	if (findings->dmarc.result == RESULT_FAIL)
		metrics_add(shard, AT(failures) + (size_t)findings->dmarc.effective, 1);
	if (findings->iprev.checked)
		add_result(shard, METRICS_IPREV, findings->iprev.result);
}

static void add_signing(struct shard *shard, const struct sign_finding *sign)
{
	if (sign->count == 0)
		metrics_add(shard, AT(unsigned_kinds) + (size_t)sign->kind, 1);
	for (size_t i = 0; i < sign->count; i++)
		metrics_add(shard,
		            AT(signatures) + (sign->signatures[i].algorithm[0] == 'e'
		                                  ? METRICS_ED25519_SHA256
		                                  : METRICS_RSA_SHA256),
		            1);
}

void metrics_message(struct metrics *metrics, const struct metrics_message *message)
{
	const struct verdict *verdict = message->verdict;
	bool judged = message->findings->judged;
	struct shard *shard;

	if (metrics == NULL)
		return;
	invariant((size_t)verdict->action < METRICS_ACTIONS && verdict->kind < VERDICT_KINDS);
	invariant((size_t)message->rule < METRICS_RULES);
	shard = here(metrics);
	metrics_add(shard,
	            AT(messages) +
	                (judged ? METRICS_FOREIGN : METRICS_OUTBOUND) * (size_t)METRICS_ACTIONS +
	                (size_t)verdict->action,
	            1);
	metrics_add(shard, AT(kinds) + (size_t)verdict->kind, 1);
	if (verdict->kind == VERDICT_NOT_EVALUATED) {
		invariant(lookup_fault_is_limit(message->findings->dmarc.fault));
		metrics_add(shard,
		            AT(not_evaluated) + (size_t)(message->findings->dmarc.fault -
		                                         LOOKUP_FAULT_MESSAGE_TIME),
		            1);
	}
	if (verdict->rule != NULL)
		metrics_add(shard, AT(rules) + (size_t)message->rule, 1);
	if (judged)
		add_judged(shard, message->findings);
	else
		add_signing(shard, &message->findings->sign);
	add_duration(shard, AT(message), message->seconds);
	add_duration(shard, AT(end_of_message), message->end_of_message_seconds);
}

void metrics_connection(struct metrics *metrics)
{
	if (metrics != NULL)
		metrics_add(here(metrics), AT(connections), 1);
}

void metrics_refused(struct metrics *metrics, enum metrics_refusal why)
{
	invariant(why < METRICS_REFUSALS);
	if (metrics != NULL)
		metrics_add(here(metrics), AT(refused) + (size_t)why, 1);
}

void metrics_aborted(struct metrics *metrics)
{
	if (metrics != NULL)
		metrics_add(here(metrics), AT(aborted), 1);
}

void metrics_received(struct metrics *metrics, enum metrics_received outcome)
{
	invariant(outcome < METRICS_RECEIVED);
	if (metrics != NULL)
		metrics_add(here(metrics), AT(received) + (size_t)outcome, 1);
}

void metrics_sum(const struct metrics *metrics, struct metrics_counts *counts)
{
	unsigned long cells[CELLS] = {0};

	for (size_t i = 0; i < SHARDS; i++)
		for (size_t cell = 0; cell < CELLS; cell++)
			cells[cell] += atomic_load_explicit(&metrics->shards[i].cells[cell],
			                                    memory_order_relaxed);
	memcpy(counts, cells, sizeof cells);
}
