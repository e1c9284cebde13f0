/*
 * trail.c - writes the way of one message to the log, or keeps it until From tells whether anybody
 * wants it. The stages of a session and, through the services, the policies call it.
 */
#include "session/trail.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/invariant.h"

void trail_init(struct trail *trail, unsigned long session)
{
	*trail = (struct trail){.session = session};
	pthread_mutex_init(&trail->lock, NULL);
}

void trail_destroy(struct trail *trail)
{
	free(trail->waiting);
	pthread_mutex_destroy(&trail->lock);
}

static void trail_write(const struct trail *trail, const char *text)
{
	log_trace("s%lu %s: %s", trail->session,
	          trail->queue_id[0] == '\0' ? "NOQUEUE" : trail->queue_id, text);
}

static void drop_waiting(struct trail *trail)
{
	free(trail->waiting);
	trail->waiting = NULL;
	trail->waiting_length = 0;
	trail->dropped = 0;
}

static void write_waiting(struct trail *trail)
{
	const char *text = trail->waiting;

	while (text != NULL && text < trail->waiting + trail->waiting_length) {
		trail_write(trail, text);
		text += strlen(text) + 1;
	}
	if (trail->dropped > 0)
		log_trace("s%lu %s: %u lines before From were too many to keep", trail->session,
		          trail->queue_id[0] == '\0' ? "NOQUEUE" : trail->queue_id, trail->dropped);
	drop_waiting(trail);
}

static void keep_waiting(struct trail *trail, const char *text)
{
	size_t size = strlen(text) + 1;
	char *longer = trail->waiting_length + size > TRAIL_WAITING_MAX
	                   ? NULL
	                   : realloc(trail->waiting, trail->waiting_length + size);

	if (longer == NULL) {
		trail->dropped++;
		return;
	}
	memcpy(longer + trail->waiting_length, text, size);
	trail->waiting = longer;
	trail->waiting_length += size;
}

enum trail_state trail_begin(struct trail *trail, const struct log_settings *settings,
                             const struct address *client)
{
	enum trail_state state = log_is_debug() || log_traces_client(settings, client) ? TRAIL_ON
	                         : log_traces_authors(settings) ? TRAIL_WAITING
	                                                        : TRAIL_OFF;

	pthread_mutex_lock(&trail->lock);
	trail->queue_id[0] = '\0';
	trail->state = state;
	pthread_mutex_unlock(&trail->lock);
	return state;
}

void trail_end(struct trail *trail)
{
	pthread_mutex_lock(&trail->lock);
	drop_waiting(trail);
	pthread_mutex_unlock(&trail->lock);
}

void trail_set_queue_id(struct trail *trail, const char *queue_id)
{
	size_t length = 0;

	if (queue_id == NULL || queue_id[0] == '\0')
		return;
	pthread_mutex_lock(&trail->lock);
	for (; queue_id[length] != '\0' && length < TRAIL_QUEUE_ID_MAX; length++)
		trail->queue_id[length] =
		    queue_id[length] > ' ' && queue_id[length] < 0x7F && queue_id[length] != ':'
		        ? queue_id[length]
		        : '?';
	trail->queue_id[length] = '\0';
	pthread_mutex_unlock(&trail->lock);
}

bool trail_is_waiting(struct trail *trail)
{
	bool waiting;

	pthread_mutex_lock(&trail->lock);
	waiting = trail->state == TRAIL_WAITING;
	pthread_mutex_unlock(&trail->lock);
	return waiting;
}

void trail_decide(struct trail *trail, bool wanted)
{
	pthread_mutex_lock(&trail->lock);
	invariant(trail->state == TRAIL_WAITING);
	if (wanted)
		write_waiting(trail);
	trail->state = wanted ? TRAIL_ON : TRAIL_OFF;
	drop_waiting(trail);
	pthread_mutex_unlock(&trail->lock);
}

void trail_line_list(struct trail *trail, const char *format, va_list arguments)
{
	static const char more[] = "...";
	int saved = errno;
	char text[TRAIL_LINE_MAX + 1];
	int length = vsnprintf(text, sizeof text, format, arguments);

	if (length < 0) {
		errno = saved;
		return;
	}
	if (length > TRAIL_LINE_MAX)
		memcpy(text + TRAIL_LINE_MAX - strlen(more), more, sizeof more);
	pthread_mutex_lock(&trail->lock);
	if (trail->state == TRAIL_ON)
		trail_write(trail, text);
	else if (trail->state == TRAIL_WAITING)
		keep_waiting(trail, text);
	pthread_mutex_unlock(&trail->lock);
	errno = saved;
}

void trail_line(struct trail *trail, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	trail_line_list(trail, format, arguments);
	va_end(arguments);
}
