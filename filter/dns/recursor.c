/*
 * recursor.c - the thread that owns libunbound (upstream.h), and the queries in flight.
 *
 * resolver.c adds queries from any thread to a list; this thread sends them. It waits for new
 * queries, for libunbound and for the deadline of the oldest query, whichever comes first.
 */
#include "dns/recursor.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/invariant.h"
#include "base/log.h"
#include "base/thread.h"
#include "dns/answer.h"
#include "dns/query_list.h"
#include "dns/resolv_conf.h"
#include "dns/upstream.h"

enum {
	TYPE_DNSKEY = 48,
	FAILURE_MS = 5000, /* RFC 2308 7 allows five minutes */
	PROBE_AGAIN_MS = 10 * 60000,
	HEARTBEAT_MS = 1000,
	HEARTBEAT_AFTER_MS = 30000, /* after the last query that was given up */
	SILENT_MS = 2000            /* without an answer to a heartbeat: the servers are down */
};

enum validation {
	VALIDATION_UNKNOWN,
	VALIDATION_WORKS, /* stays so while the process runs */
	VALIDATION_BROKEN
};

struct recursor {
	struct recursor_settings settings;
	pthread_t thread;
	int wake; /* eventfd */

	pthread_mutex_t lock;
	struct query_list incoming; /* not yet sent by the thread */
	bool stop;

	/* for the thread alone */
	bool follows_resolv_conf; /* the settings name no servers */
	struct resolv_conf resolv_conf;
	char *trust_anchor;          /* what settings.trust_anchor leads to */
	struct upstream *validating; /* NULL: no validation */
	struct upstream *plain;
	struct query_list sent; /* in the order of their deadlines */
	enum validation validation;
	struct upstream_query probe;
	struct upstream_query heartbeat;
	int64_t quiet_since; /* the last answer of the servers to anything, or the last heartbeat */
	int64_t last_answer; /* of the servers to anything */
	int64_t heartbeat_sent;
	int64_t heartbeat_until; /* libunbound still repeats queries that were given up */
	unsigned heartbeats;
	int64_t probe_again;
};

/* Hands a query back with its answer. */
static void recursor_finish(struct recursor *recursor, struct pending_query *query,
                            struct answer *answer, int64_t milliseconds)
{
	invariant(query->recursor == recursor);
	query_list_remove(&recursor->sent, query);
	if (answer == NULL) {
		log_error("no memory is left for DNS answers; ending");
		abort();
	}
	recursor->settings.complete(recursor->settings.context, query, answer,
	                            answer->status == LOOKUP_FAILED ? FAILURE_MS : milliseconds);
}

static void finish_failed(struct recursor *recursor, struct pending_query *query,
                          enum lookup_fault fault, const char *why)
{
	struct answer *answer = answer_without(LOOKUP_FAILED, why, false);

	if (answer != NULL)
		answer->fault = fault;
	recursor_finish(recursor, query, answer, FAILURE_MS);
}

static void recursor_send(struct recursor *recursor, struct pending_query *query);

/* Sends the queries that waited until it was known whether validation works. */
static void send_held(struct recursor *recursor)
{
	struct pending_query *next;

	for (struct pending_query *query = recursor->sent.first; query != NULL; query = next) {
		next = query->next;
		if (!query->held)
			continue;
		query->held = false;
		if (recursor->validation == VALIDATION_UNKNOWN)
			finish_failed(recursor, query, LOOKUP_FAULT_RESOLVER,
			              "DNSSEC validation failed: no keys of the root");
		else
			recursor_send(recursor, query);
	}
}

static void probe_arrived(struct upstream_query *query, const struct upstream_reply *reply)
{
	struct recursor *recursor =
	    (struct recursor *)(void *)((char *)query - offsetof(struct recursor, probe));
	enum validation before = recursor->validation;

	if (reply->secure)
		recursor->validation = VALIDATION_WORKS;
	else if (reply->usable)
		recursor->validation = VALIDATION_BROKEN;
	if (recursor->validation == VALIDATION_BROKEN && before != VALIDATION_BROKEN)
		log_warning("the name servers do not pass on what DNSSEC needs: answers are taken "
		            "unvalidated; use servers that validate or forward DNSSEC, or set "
		            "resolver.dnssec = false");
	if (recursor->validation == VALIDATION_WORKS)
		log_debug("DNSSEC validation works: the root's key is valid");
	if (recursor->validation == VALIDATION_UNKNOWN)
		log_debug("the root's key for DNSSEC was not found: no answer");
	answer_free(reply->answer);
	send_held(recursor);
}

static void probe(struct recursor *recursor)
{
	if (recursor->probe.pending || recursor->validating == NULL ||
	    recursor->validation == VALIDATION_WORKS)
		return;
	log_debug("asking for the root's key, to find out whether DNSSEC can be validated");
	recursor->probe_again = cache_now() + PROBE_AGAIN_MS;
	recursor->probe.type = TYPE_DNSKEY;
	recursor->probe.done = probe_arrived;
	upstream_ask(recursor->validating, "", &recursor->probe);
}

/* A bogus answer means nothing until the servers have shown that they pass on what validation
 * needs. True: the answer is dropped, the query is sent again or held. */
static bool hold_bogus(struct recursor *recursor, struct pending_query *query)
{
	if (query->plain || recursor->validation == VALIDATION_WORKS)
		return false;
	if (recursor->validation == VALIDATION_BROKEN) {
		recursor_send(recursor, query);
		return true;
	}
	probe(recursor);
	query->held = recursor->probe.pending;
	return query->held;
}

/* libunbound reports SERVFAIL also if no server answers, so this is found out by heartbeats. */
static bool servers_are_silent(const struct recursor *recursor)
{
	return recursor->last_answer < recursor->heartbeat_sent &&
	       (!recursor->heartbeat.pending ||
	        cache_now() - recursor->heartbeat_sent >= SILENT_MS);
}

static void recursor_arrived(struct upstream_query *upstream_query,
                             const struct upstream_reply *reply)
{
	struct pending_query *query =
	    (struct pending_query *)(void *)((char *)upstream_query -
	                                     offsetof(struct pending_query, upstream_query));
	struct recursor *recursor = query->recursor;

	if (reply->usable)
		recursor->quiet_since = recursor->last_answer = cache_now();
	if (reply->bogus && hold_bogus(recursor, query)) {
		answer_free(reply->answer);
	} else if (!reply->usable && servers_are_silent(recursor)) {
		answer_free(reply->answer);
		finish_failed(recursor, query, LOOKUP_FAULT_RESOLVER, "no name server answers");
	} else {
		recursor_finish(recursor, query, reply->answer, reply->milliseconds);
	}
}

/* Are answers taken without validation at present? */
static bool is_unvalidated(const struct recursor *recursor)
{
	return recursor->validating == NULL || recursor->validation == VALIDATION_BROKEN;
}

static struct upstream *upstream_of(const struct recursor *recursor,
                                    const struct pending_query *query)
{
	invariant(query->plain || recursor->validating != NULL);
	return query->plain ? recursor->plain : recursor->validating;
}

static void recursor_send(struct recursor *recursor, struct pending_query *query)
{
	query->plain = is_unvalidated(recursor);
	if (recursor->validation == VALIDATION_BROKEN && cache_now() >= recursor->probe_again)
		probe(recursor);
	query->upstream_query.type = (int)query->key->type;
	query->upstream_query.done = recursor_arrived;
	log_debug("DNS query sent: %s, type %d%s", query->key->name, (int)query->key->type,
	          query->plain ? ", not validated" : "");
	if (!upstream_ask(upstream_of(recursor, query), query->key->name, &query->upstream_query))
		finish_failed(recursor, query, LOOKUP_FAULT_RESOLVER,
		              "libunbound refused the query");
}

static void recursor_give_up(struct recursor *recursor, struct pending_query *query,
                             enum lookup_fault fault, const char *why)
{
	log_debug("DNS query for %s, type %d, given up: %s", query->key->name,
	          (int)query->key->type, why);
	upstream_cancel(upstream_of(recursor, query), &query->upstream_query);
	recursor->heartbeat_until = cache_now() + HEARTBEAT_AFTER_MS;
	finish_failed(recursor, query, fault, why);
}

static bool open_upstreams(const struct recursor *recursor, struct upstream **validating,
                           struct upstream **plain, struct problem *problem)
{
	const struct recursor_settings *settings = &recursor->settings;
	const char *trust_anchor = settings->trust_anchor;

	*validating = NULL;
	if (trust_anchor != NULL && access(trust_anchor, R_OK) != 0) {
		log_debug("trust anchor %s: %s; DNS answers are not validated", trust_anchor,
		          strerror(errno));
		trust_anchor = NULL;
	}
	*plain = upstream_open(settings->servers, settings->timeout_ms, settings->in_flight, NULL,
	                       problem);
	if (*plain == NULL || trust_anchor == NULL)
		return *plain != NULL;
	*validating = upstream_open(settings->servers, settings->timeout_ms, settings->in_flight,
	                            trust_anchor, problem);
	if (*validating != NULL)
		return true;
	upstream_close(*plain);
	*plain = NULL;
	return false;
}

/* Takes all queries back from libunbound. */
static void cancel_all(struct recursor *recursor)
{
	upstream_cancel(recursor->validating, &recursor->probe);
	upstream_cancel(is_unvalidated(recursor) ? recursor->plain : recursor->validating,
	                &recursor->heartbeat);
	for (struct pending_query *query = recursor->sent.first; query != NULL; query = query->next)
		upstream_cancel(upstream_of(recursor, query), &query->upstream_query);
}

static void send_all_again(struct recursor *recursor)
{
	struct pending_query *next;

	recursor->validation = VALIDATION_UNKNOWN;
	probe(recursor);
	for (struct pending_query *query = recursor->sent.first; query != NULL; query = next) {
		next = query->next;
		query->held = false;
		recursor_send(recursor, query);
	}
}

/* libunbound cannot change its servers while it runs, so there are new contexts; what was asked is
 * asked again, and keeps its deadline. */
static void renew_upstreams(struct recursor *recursor)
{
	struct upstream *validating, *plain;
	struct problem problem;

	if (!open_upstreams(recursor, &validating, &plain, &problem)) {
		log_warning("/etc/resolv.conf changed, but the name servers stay as they were: %s",
		            problem.message);
		return;
	}
	log_info("/etc/resolv.conf changed: its name servers are in use from now on");
	cancel_all(recursor);
	upstream_close(recursor->validating);
	upstream_close(recursor->plain);
	recursor->validating = validating;
	recursor->plain = plain;
	send_all_again(recursor);
}

/* Sends all new queries. False: the thread is to end. */
static bool send_incoming(struct recursor *recursor)
{
	struct pending_query *next;
	int64_t deadline = cache_now() + recursor->settings.timeout_ms;
	bool stop;

	pthread_mutex_lock(&recursor->lock);
	struct pending_query *query = recursor->incoming.first;
	recursor->incoming = (struct query_list){NULL, NULL};
	stop = recursor->stop;
	pthread_mutex_unlock(&recursor->lock);
	if (query != NULL && recursor->follows_resolv_conf &&
	    resolv_conf_changed(&recursor->resolv_conf, cache_now()))
		renew_upstreams(recursor);
	for (; query != NULL; query = next) {
		next = query->next;
		query->recursor = recursor;
		query->deadline = deadline;
		query_list_append(&recursor->sent, query);
		recursor_send(recursor, query);
	}
	return !stop;
}

static void give_up_overdue(struct recursor *recursor)
{
	int64_t now = cache_now();
	bool silent = servers_are_silent(recursor);

	while (recursor->sent.first != NULL && recursor->sent.first->deadline <= now)
		recursor_give_up(recursor, recursor->sent.first,
		                 silent ? LOOKUP_FAULT_RESOLVER : LOOKUP_FAULT_DOMAIN,
		                 silent ? "no name server answers"
		                        : "no answer from the name servers in time");
}

static void heartbeat_arrived(struct upstream_query *query, const struct upstream_reply *reply)
{
	struct recursor *recursor =
	    (struct recursor *)(void *)((char *)query - offsetof(struct recursor, heartbeat));

	if (reply->usable)
		recursor->last_answer = cache_now();
	else
		log_debug("no name server answers: the heartbeat got no answer");
	answer_free(reply->answer);
}

/*
 * libunbound takes a server for dead after a few queries in a row without an answer, and then sends
 * it nothing for a while, even if only those names are slow. So while queries wait and nothing is
 * answered, a name is asked for that every resolver answers at once (RFC 6761 6.4): libunbound sees
 * that the server is alive.
 */
static void heartbeat(struct recursor *recursor)
{
	int64_t now = cache_now();
	char name[64];

	if (recursor->heartbeat.pending || now - recursor->quiet_since < HEARTBEAT_MS ||
	    (recursor->sent.first == NULL && now > recursor->heartbeat_until))
		return;
	recursor->quiet_since = recursor->heartbeat_sent = now;
	recursor->heartbeat.type = RECORD_A;
	recursor->heartbeat.done = heartbeat_arrived;
	snprintf(name, sizeof name, "%u-%lld.invalid", recursor->heartbeats++, (long long)now);
	upstream_ask(is_unvalidated(recursor) ? recursor->plain : recursor->validating, name,
	             &recursor->heartbeat);
}

/* Milliseconds until the next deadline or heartbeat; -1: no query is in flight. */
static int milliseconds_to_work(const struct recursor *recursor)
{
	int64_t now = cache_now();
	int64_t left = HEARTBEAT_MS;

	if (recursor->sent.first == NULL)
		return now > recursor->heartbeat_until ? -1 : HEARTBEAT_MS;
	if (recursor->sent.first->deadline - now < left)
		left = recursor->sent.first->deadline - now;
	return left <= 0 ? 0 : (int)left + 1;
}

/* Waits for new queries, for libunbound, or until a time is due. */
static void wait_for_work(struct recursor *recursor)
{
	struct pollfd files[] = {
	    {.fd = recursor->wake, .events = POLLIN},
	    {.fd = upstream_file(recursor->plain), .events = POLLIN},
	    {.fd = recursor->validating == NULL ? -1 : upstream_file(recursor->validating),
	     .events = POLLIN},
	};
	eventfd_t count;

	if (poll(files, 3, milliseconds_to_work(recursor)) > 0 && (files[0].revents & POLLIN) != 0)
		eventfd_read(recursor->wake, &count);
	if (files[1].revents != 0)
		upstream_process(recursor->plain);
	if (files[2].revents != 0)
		upstream_process(recursor->validating);
}

static void *recursor_run(void *context)
{
	struct recursor *recursor = context;

	probe(recursor);
	while (send_incoming(recursor)) {
		wait_for_work(recursor);
		give_up_overdue(recursor);
		heartbeat(recursor);
	}
	while (recursor->sent.first != NULL)
		recursor_give_up(recursor, recursor->sent.first, LOOKUP_FAULT_RESOLVER,
		                 "the resolver is stopping");
	return NULL;
}

void recursor_ask(struct recursor *recursor, struct pending_query *query)
{
	bool first;

	pthread_mutex_lock(&recursor->lock);
	first = recursor->incoming.first == NULL;
	query_list_append(&recursor->incoming, query);
	pthread_mutex_unlock(&recursor->lock);
	if (first)
		eventfd_write(recursor->wake, 1);
}

static void recursor_free(struct recursor *recursor)
{
	upstream_close(recursor->validating);
	upstream_close(recursor->plain);
	if (recursor->wake >= 0)
		close(recursor->wake);
	pthread_mutex_destroy(&recursor->lock);
	free(recursor->trust_anchor);
	free(recursor);
}

/* The settings may go while the recursor stays. */
static bool remember_settings(struct recursor *recursor, const struct recursor_settings *settings,
                              struct problem *problem)
{
	static const struct strings none;
	const char *trust_anchor = settings->trust_anchor;

	recursor->settings = *settings;
	recursor->follows_resolv_conf = settings->servers->count == 0;
	if (recursor->follows_resolv_conf) {
		recursor->settings.servers = &none;
		resolv_conf_begin(&recursor->resolv_conf);
	}
	if (trust_anchor != NULL)
		recursor->settings.trust_anchor = recursor->trust_anchor = strdup(trust_anchor);
	return trust_anchor == NULL || recursor->trust_anchor != NULL ||
	       problem_say(problem, "the resolver does not start: no memory");
}

struct recursor *recursor_open(const struct recursor_settings *settings, struct problem *problem)
{
	struct recursor *recursor = calloc(1, sizeof *recursor);

	if (recursor == NULL) {
		problem_say(problem, "the resolver does not start: no memory");
		return NULL;
	}
	pthread_mutex_init(&recursor->lock, NULL);
	recursor->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (remember_settings(recursor, settings, problem) &&
	    open_upstreams(recursor, &recursor->validating, &recursor->plain, problem)) {
		if (recursor->wake >= 0 && thread_start(&recursor->thread, recursor_run, recursor))
			return recursor;
		problem_say(problem, "the resolver's thread does not start: %s", strerror(errno));
	}
	recursor_free(recursor);
	return NULL;
}

void recursor_close(struct recursor *recursor)
{
	pthread_mutex_lock(&recursor->lock);
	recursor->stop = true;
	pthread_mutex_unlock(&recursor->lock);
	eventfd_write(recursor->wake, 1);
	pthread_join(recursor->thread, NULL);
	recursor_free(recursor);
}
