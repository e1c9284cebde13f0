/*
 * recursor.c - one thread, libunbound behind it (upstream.h), and the questions under way.
 *
 * resolver.c asks, from any thread; questions stand in line until the thread takes them. It waits
 * for that, for libunbound and for the oldest question's deadline, whichever is first.
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

#include "base/log.h"
#include "base/thread.h"
#include "dns/answer.h"
#include "dns/upstream.h"

enum {
	TYPE_DNSKEY = 48,
	FAILURE_MS = 5000, /* RFC 2308 7 allows five minutes */
	PROBE_AGAIN_MS = 10 * 60000,
	BEAT_MS = 1000,
	BEAT_ON_MS = 30000,
	SILENT_MS = 2000 /* without an answer to a beat: nobody is there */
};

enum validation {
	VALIDATION_UNKNOWN,
	VALIDATION_WORKS, /* for good */
	VALIDATION_BROKEN
};

struct recursor_line {
	struct pending_query *first, *last;
};

struct recursor {
	struct recursor_settings settings;
	pthread_t thread;
	int wake; /* eventfd */

	pthread_mutex_t lock;
	struct recursor_line waiting; /* not yet taken by the thread */
	bool stop;

	/* the thread's alone */
	struct upstream *validating; /* NULL: no validation */
	struct upstream *plain;
	struct recursor_line asked; /* in the order of their deadlines */
	enum validation validation;
	struct upstream_query probe;
	struct upstream_query beat;
	int64_t heard;    /* when the servers last answered anything, or were last asked to */
	int64_t answered; /* when they last answered anything */
	int64_t beat_sent;
	int64_t beat_until; /* libunbound still repeats what was given up */
	unsigned beats;
	int64_t probe_again;
};

static void line_append(struct recursor_line *line, struct pending_query *question)
{
	question->next = NULL;
	question->previous = line->last;
	if (line->last != NULL)
		line->last->next = question;
	else
		line->first = question;
	line->last = question;
}

static void line_remove(struct recursor_line *line, struct pending_query *question)
{
	if (question->previous != NULL)
		question->previous->next = question->next;
	else
		line->first = question->next;
	if (question->next != NULL)
		question->next->previous = question->previous;
	else
		line->last = question->previous;
}

/* Hands a question back. */
static void recursor_finish(struct recursor *recursor, struct pending_query *question,
                            struct answer *answer, int64_t milliseconds)
{
	line_remove(&recursor->asked, question);
	if (answer == NULL) {
		log_error("the machine has no memory left for DNS answers; ending");
		abort();
	}
	recursor->settings.complete(recursor->settings.context, question, answer,
	                            answer->status == LOOKUP_FAILED ? FAILURE_MS : milliseconds);
}

static void finish_failed(struct recursor *recursor, struct pending_query *question,
                          enum lookup_fault fault, const char *why)
{
	struct answer *answer = answer_without(LOOKUP_FAILED, why, false);

	if (answer != NULL)
		answer->fault = fault;
	recursor_finish(recursor, question, answer, FAILURE_MS);
}

static void recursor_ask_all(struct recursor *recursor, struct pending_query *question);

/* Asks again what was held back until it was known whether validation works. */
static void ask_held(struct recursor *recursor)
{
	struct pending_query *next;

	for (struct pending_query *question = recursor->asked.first; question != NULL;
	     question = next) {
		next = question->next;
		if (!question->held)
			continue;
		question->held = false;
		if (recursor->validation == VALIDATION_UNKNOWN)
			finish_failed(recursor, question, LOOKUP_FAULT_RESOLVER,
			              "DNSSEC validation failed: no keys of the root");
		else
			recursor_ask_all(recursor, question);
	}
}

static void probe_arrived(struct upstream_query *query, const struct upstream_reply *reply)
{
	struct recursor *recursor =
	    (struct recursor *)(void *)((char *)query - offsetof(struct recursor, probe));
	enum validation before = recursor->validation;

	if (reply->secure)
		recursor->validation = VALIDATION_WORKS;
	else if (reply->heard)
		recursor->validation = VALIDATION_BROKEN;
	if (recursor->validation == VALIDATION_BROKEN && before != VALIDATION_BROKEN)
		log_warning("the name servers do not pass on what DNSSEC needs: answers are taken "
		            "unvalidated; use servers that validate or forward DNSSEC, or set "
		            "resolver.dnssec = false");
	if (recursor->validation == VALIDATION_WORKS)
		log_debug("DNSSEC validation works");
	answer_free(reply->answer);
	ask_held(recursor);
}

static void probe(struct recursor *recursor)
{
	if (recursor->probe.pending || recursor->validating == NULL ||
	    recursor->validation == VALIDATION_WORKS)
		return;
	recursor->probe_again = cache_now() + PROBE_AGAIN_MS;
	recursor->probe.type = TYPE_DNSKEY;
	recursor->probe.done = probe_arrived;
	upstream_ask(recursor->validating, "", &recursor->probe);
}

/* A bogus answer means nothing before the servers have shown that they let validation work. */
static bool hold_back(struct recursor *recursor, struct pending_query *question)
{
	if (question->plain || recursor->validation == VALIDATION_WORKS)
		return false;
	if (recursor->validation == VALIDATION_BROKEN) {
		recursor_ask_all(recursor, question);
		return true;
	}
	probe(recursor);
	question->held = recursor->probe.pending;
	return question->held;
}

/* libunbound tells SERVFAIL where no server is there as well. */
static bool servers_are_silent(const struct recursor *recursor)
{
	return recursor->answered < recursor->beat_sent &&
	       (!recursor->beat.pending || cache_now() - recursor->beat_sent >= SILENT_MS);
}

static void recursor_arrived(struct upstream_query *query, const struct upstream_reply *reply)
{
	struct pending_query *question =
	    (struct pending_query *)(void *)((char *)query - offsetof(struct pending_query, query));
	struct recursor *recursor = question->recursor;

	if (reply->heard)
		recursor->heard = recursor->answered = cache_now();
	if (reply->bogus && hold_back(recursor, question)) {
		answer_free(reply->answer);
	} else if (!reply->heard && servers_are_silent(recursor)) {
		answer_free(reply->answer);
		finish_failed(recursor, question, LOOKUP_FAULT_RESOLVER, "no name server answers");
	} else {
		recursor_finish(recursor, question, reply->answer, reply->milliseconds);
	}
}

/* Is nothing validated at present? */
static bool takes_plain(const struct recursor *recursor)
{
	return recursor->validating == NULL || recursor->validation == VALIDATION_BROKEN;
}

static struct upstream *upstream_of(const struct recursor *recursor,
                                    const struct pending_query *question)
{
	return question->plain ? recursor->plain : recursor->validating;
}

static void recursor_ask_all(struct recursor *recursor, struct pending_query *question)
{
	question->plain = takes_plain(recursor);
	if (recursor->validation == VALIDATION_BROKEN && cache_now() >= recursor->probe_again)
		probe(recursor);
	question->query.type = (int)question->key->type;
	question->query.done = recursor_arrived;
	if (!upstream_ask(upstream_of(recursor, question), question->key->name, &question->query))
		finish_failed(recursor, question, LOOKUP_FAULT_RESOLVER,
		              "libunbound takes no query");
}

static void recursor_give_up(struct recursor *recursor, struct pending_query *question,
                             enum lookup_fault fault, const char *why)
{
	upstream_cancel(upstream_of(recursor, question), &question->query);
	recursor->beat_until = cache_now() + BEAT_ON_MS;
	finish_failed(recursor, question, fault, why);
}

/* Takes everybody who stands in line. Returns false when it is time to end. */
static bool take_waiting(struct recursor *recursor)
{
	struct pending_query *next;
	int64_t deadline = cache_now() + recursor->settings.timeout_ms;
	bool stop;

	pthread_mutex_lock(&recursor->lock);
	struct pending_query *question = recursor->waiting.first;
	recursor->waiting = (struct recursor_line){NULL, NULL};
	stop = recursor->stop;
	pthread_mutex_unlock(&recursor->lock);
	for (; question != NULL; question = next) {
		next = question->next;
		question->recursor = recursor;
		question->deadline = deadline;
		line_append(&recursor->asked, question);
		recursor_ask_all(recursor, question);
	}
	return !stop;
}

static void give_up_late(struct recursor *recursor)
{
	int64_t now = cache_now();
	bool silent = servers_are_silent(recursor);

	while (recursor->asked.first != NULL && recursor->asked.first->deadline <= now)
		recursor_give_up(recursor, recursor->asked.first,
		                 silent ? LOOKUP_FAULT_RESOLVER : LOOKUP_FAULT_DOMAIN,
		                 silent ? "no name server answers"
		                        : "no answer from the name servers in time");
}

static void beat_arrived(struct upstream_query *query, const struct upstream_reply *reply)
{
	struct recursor *recursor =
	    (struct recursor *)(void *)((char *)query - offsetof(struct recursor, beat));

	if (reply->heard)
		recursor->answered = cache_now();
	answer_free(reply->answer);
}

/*
 * libunbound measures servers by their silence: after some names in a row that nobody answers, it
 * asks them for nothing else for a while. So while questions wait and no answer comes, it is given
 * a question that every resolver answers at once (RFC 6761 6.4), and sees whether the server is
 * there.
 */
static void beat(struct recursor *recursor)
{
	int64_t now = cache_now();
	char name[64];

	if (recursor->beat.pending || now - recursor->heard < BEAT_MS ||
	    (recursor->asked.first == NULL && now > recursor->beat_until))
		return;
	recursor->heard = recursor->beat_sent = now;
	recursor->beat.type = RECORD_A;
	recursor->beat.done = beat_arrived;
	snprintf(name, sizeof name, "%u-%lld.invalid", recursor->beats++, (long long)now);
	upstream_ask(takes_plain(recursor) ? recursor->plain : recursor->validating, name,
	             &recursor->beat);
}

/* Milliseconds until a deadline or a beat is due; -1: nothing is under way. */
static int time_left(const struct recursor *recursor)
{
	int64_t now = cache_now();
	int64_t left = BEAT_MS;

	if (recursor->asked.first == NULL)
		return now > recursor->beat_until ? -1 : BEAT_MS;
	if (recursor->asked.first->deadline - now < left)
		left = recursor->asked.first->deadline - now;
	return left <= 0 ? 0 : (int)left + 1;
}

/* Until something is to be done. */
static void wait_for_work(struct recursor *recursor)
{
	struct pollfd files[] = {
	    {.fd = recursor->wake, .events = POLLIN},
	    {.fd = upstream_file(recursor->plain), .events = POLLIN},
	    {.fd = recursor->validating == NULL ? -1 : upstream_file(recursor->validating),
	     .events = POLLIN},
	};
	eventfd_t count;

	if (poll(files, 3, time_left(recursor)) > 0 && (files[0].revents & POLLIN) != 0)
		eventfd_read(recursor->wake, &count);
	if (files[1].revents != 0)
		upstream_process(recursor->plain);
	if (files[2].revents != 0)
		upstream_process(recursor->validating);
}

static void *recursor_run(void *with)
{
	struct recursor *recursor = with;

	probe(recursor);
	while (take_waiting(recursor)) {
		wait_for_work(recursor);
		give_up_late(recursor);
		beat(recursor);
	}
	while (recursor->asked.first != NULL)
		recursor_give_up(recursor, recursor->asked.first, LOOKUP_FAULT_RESOLVER,
		                 "the resolver ends");
	return NULL;
}

void recursor_ask(struct recursor *recursor, struct pending_query *question)
{
	bool first;

	pthread_mutex_lock(&recursor->lock);
	first = recursor->waiting.first == NULL;
	line_append(&recursor->waiting, question);
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
	free(recursor);
}

static bool open_upstreams(struct recursor *recursor, struct problem *problem)
{
	const struct recursor_settings *settings = &recursor->settings;
	const char *trust_anchor = settings->trust_anchor;

	if (trust_anchor != NULL && access(trust_anchor, R_OK) != 0) {
		log_debug("%s: %s; DNS answers are not validated", trust_anchor, strerror(errno));
		trust_anchor = NULL;
	}
	recursor->plain = upstream_open(settings->servers, settings->timeout_ms,
	                                settings->in_flight, NULL, problem);
	if (recursor->plain == NULL || trust_anchor == NULL)
		return recursor->plain != NULL;
	recursor->validating = upstream_open(settings->servers, settings->timeout_ms,
	                                     settings->in_flight, trust_anchor, problem);
	return recursor->validating != NULL;
}

struct recursor *recursor_open(const struct recursor_settings *settings, struct problem *problem)
{
	struct recursor *recursor = calloc(1, sizeof *recursor);

	if (recursor == NULL) {
		problem_say(problem, "the resolver does not start: no memory");
		return NULL;
	}
	recursor->settings = *settings;
	pthread_mutex_init(&recursor->lock, NULL);
	recursor->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (open_upstreams(recursor, problem)) {
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
