/*
 * metrics.h - counts verdicts, results and connections. It is called while a message is handled, so
 * it does not lock, allocate or wait.
 *
 * The stages of a message call it (session.c, envelope.c, finish.c). There are several copies of
 * the counters, so that processors do not compete for them; they are added up on request (facts.c).
 * They begin at 0 with the process. All functions but new and free are safe from any thread; those
 * that count accept NULL and then count nothing: `assay check` has no counters.
 */
#ifndef ASSAY_METRICS_H
#define ASSAY_METRICS_H

#include <stdbool.h>

#include "base/histogram.h"
#include "base/setting.h"
#include "decision/decision.h"
#include "decision/rules.h"
#include "finding.h"

struct metrics_settings {
	const char *listen; /* address in the form of the setting "listen"; "": nothing is served */
};
extern const struct setting_group metrics_settings_group; /* "metrics" */

enum metrics_origin {
	METRICS_FOREIGN,
	METRICS_OUTBOUND,
	METRICS_ORIGINS
};

enum metrics_method {
	METRICS_SPF,
	METRICS_SPF_HELO,
	METRICS_DKIM,
	METRICS_DMARC,
	METRICS_IPREV,
	METRICS_METHODS
};

enum metrics_algorithm {
	METRICS_RSA_SHA256,
	METRICS_ED25519_SHA256,
	METRICS_ALGORITHMS
};

/* Why a message was deferred before it began. */
enum metrics_refusal {
	METRICS_TOO_MANY,        /* limits.messages */
	METRICS_CLIENT_MESSAGES, /* one client's share of limits.messages */
	METRICS_STOPPING,
	METRICS_REFUSALS
};

/* What became of the copy of a message to received.addresses. */
enum metrics_received {
	METRICS_RECEIVED_KEPT,
	METRICS_RECEIVED_DISCARDED, /* kept, and the message not delivered */
	METRICS_RECEIVED_TOO_LARGE,
	METRICS_RECEIVED_FULL, /* the folder of copies has as much as it may have */
	METRICS_RECEIVED_FAILED,
	METRICS_RECEIVED
};

enum {
	METRICS_ACTIONS = ACTION_TEMPFAIL + 1,
	METRICS_RESULTS = RESULT_PERMERROR + 1,
	METRICS_REQUESTS = REQUEST_REJECT + 1,
	METRICS_RULES = RULE_REJECT + 1,
	METRICS_LIMITS = LOOKUP_FAULTS - LOOKUP_FAULT_MESSAGE_TIME
};

/* All members are unsigned long or made of them: metrics.c counts in an array of the same size. */
struct metrics_counts {
	unsigned long messages[METRICS_ORIGINS][METRICS_ACTIONS];
	unsigned long kinds[VERDICT_KINDS];
	unsigned long not_evaluated[METRICS_LIMITS]; /* VERDICT_NOT_EVALUATED, by the limit */
	unsigned long rules[METRICS_RULES];
	unsigned long results[METRICS_METHODS][METRICS_RESULTS];
	unsigned long failures[METRICS_REQUESTS]; /* of DMARC, by the policy of the domain owner */
	unsigned long signatures[METRICS_ALGORITHMS];
	unsigned long unsigned_kinds[UNSIGNED_KINDS];
	unsigned long refused[METRICS_REFUSALS];
	unsigned long aborted;
	unsigned long received[METRICS_RECEIVED];
	unsigned long connections;
	struct histogram message;        /* from MAIL FROM to the answer */
	struct histogram end_of_message; /* the last stage alone */
};

struct metrics;

/* NULL: no memory. */
struct metrics *metrics_new(void);
void metrics_free(struct metrics *metrics);

/* A message that was answered. `rule`: what the rule that the verdict names asks for. */
struct metrics_message {
	const struct findings *findings;
	const struct verdict *verdict;
	enum rule_dmarc rule;
	double seconds, end_of_message_seconds;
};
void metrics_message(struct metrics *metrics, const struct metrics_message *message);

void metrics_connection(struct metrics *metrics);
void metrics_refused(struct metrics *metrics, enum metrics_refusal why);
void metrics_aborted(struct metrics *metrics); /* a message that ended before its last octet */

/* A message to received.addresses that was not refused. */
void metrics_received(struct metrics *metrics, enum metrics_received outcome);

/* Adds the copies up. Each number only grows from one call to the next. */
void metrics_sum(const struct metrics *metrics, struct metrics_counts *counts);

#endif
