/*
 * web_ahead.c - see web_ahead.h.
 */
#include "tool/web/web_ahead.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/thread.h"

enum {
	DOMAINS_AHEAD = 20,
	PAUSE_MS = 5000,
	LOWEST_PRIORITY = 19
};

struct web_ahead {
	struct web_server server;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t ends;
	bool ending;
};

/* Until the next look; false: the end. */
static bool pause_between(struct web_ahead *ahead)
{
	struct timespec until = clock_deadline_after(PAUSE_MS);
	bool goes_on;

	pthread_mutex_lock(&ahead->lock);
	if (!ahead->ending)
		pthread_cond_timedwait(&ahead->ends, &ahead->lock, &until);
	goes_on = !ahead->ending;
	pthread_mutex_unlock(&ahead->lock);
	return goes_on;
}

static bool is_ending(struct web_ahead *ahead)
{
	bool ending;

	pthread_mutex_lock(&ahead->lock);
	ending = ahead->ending;
	pthread_mutex_unlock(&ahead->lock);
	return ending;
}

static void make_pages(struct web_ahead *ahead)
{
	struct arena *arena = arena_new();
	const char *const *domains;
	size_t count;

	web_answer_ahead(&ahead->server, NULL);
	count = web_answer_domains(&ahead->server, DOMAINS_AHEAD, arena, &domains);
	for (size_t i = 0; i < count && !is_ending(ahead); i++)
		web_answer_ahead(&ahead->server, domains[i]);
	arena_free(arena);
}

static void *ahead_run(void *context)
{
	struct web_ahead *ahead = context;

	/* on Linux, of this thread alone */
	setpriority(PRIO_PROCESS, 0, LOWEST_PRIORITY);
	do
		make_pages(ahead);
	while (pause_between(ahead));
	return NULL;
}

struct web_ahead *web_ahead_start(const struct web_site *site)
{
	struct web_ahead *ahead = calloc(1, sizeof *ahead);

	if (ahead == NULL)
		return NULL;
	ahead->server = (struct web_server){site, arena_new()};
	pthread_mutex_init(&ahead->lock, NULL);
	clock_condition_init(&ahead->ends);
	if (thread_start(&ahead->thread, ahead_run, ahead))
		return ahead;
	log_debug("web: no thread can be started, so no page is made ahead of time");
	arena_free(ahead->server.arena);
	free(ahead);
	return NULL;
}

void web_ahead_stop(struct web_ahead *ahead)
{
	if (ahead == NULL)
		return;
	pthread_mutex_lock(&ahead->lock);
	ahead->ending = true;
	pthread_cond_signal(&ahead->ends);
	pthread_mutex_unlock(&ahead->lock);
	pthread_join(ahead->thread, NULL);
	pthread_mutex_destroy(&ahead->lock);
	pthread_cond_destroy(&ahead->ends);
	arena_free(ahead->server.arena);
	free(ahead);
}
