/*
 * backlog.c - the queue in memory for the time when the journal cannot be written. recorder_add()
 * fills it, the writer thread empties it into the journal as soon as it can.
 */
#include "recorder/backlog.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct item {
	struct item *next;
	size_t length;
	char record[];
};

struct backlog {
	pthread_mutex_t lock;
	struct item *oldest;
	struct item **end;
	size_t count, most;
	size_t octets, most_octets;
};

struct backlog *backlog_new(size_t most)
{
	struct backlog *waiting = calloc(1, sizeof *waiting);

	if (waiting == NULL)
		return NULL;
	pthread_mutex_init(&waiting->lock, NULL);
	waiting->end = &waiting->oldest;
	waiting->most = most;
	waiting->most_octets = most * 1024;
	return waiting;
}

void backlog_free(struct backlog *waiting)
{
	if (waiting == NULL)
		return;
	while (waiting->oldest != NULL)
		backlog_remove(waiting);
	pthread_mutex_destroy(&waiting->lock);
	free(waiting);
}

bool backlog_put(struct backlog *waiting, const char *record, size_t length)
{
	struct item *item = malloc(sizeof *item + length);
	bool fits;

	if (item == NULL)
		return false;
	item->next = NULL;
	item->length = length;
	memcpy(item->record, record, length);
	pthread_mutex_lock(&waiting->lock);
	fits = waiting->count < waiting->most && length <= waiting->most_octets - waiting->octets;
	if (fits) {
		*waiting->end = item;
		waiting->end = &item->next;
		waiting->count++;
		waiting->octets += length;
	}
	pthread_mutex_unlock(&waiting->lock);
	if (!fits)
		free(item);
	return fits;
}

size_t backlog_count(struct backlog *waiting)
{
	size_t count;

	pthread_mutex_lock(&waiting->lock);
	count = waiting->count;
	pthread_mutex_unlock(&waiting->lock);
	return count;
}

const char *backlog_oldest(struct backlog *waiting, size_t *length)
{
	struct item *item;

	pthread_mutex_lock(&waiting->lock);
	item = waiting->oldest;
	pthread_mutex_unlock(&waiting->lock);
	if (item == NULL)
		return NULL;
	*length = item->length;
	return item->record;
}

void backlog_remove(struct backlog *waiting)
{
	struct item *item;

	pthread_mutex_lock(&waiting->lock);
	item = waiting->oldest;
	waiting->oldest = item->next;
	if (waiting->oldest == NULL)
		waiting->end = &waiting->oldest;
	waiting->count--;
	waiting->octets -= item->length;
	pthread_mutex_unlock(&waiting->lock);
	free(item);
}
