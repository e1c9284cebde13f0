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
	size_t count, max;
	size_t octets, max_octets;
};

struct backlog *backlog_new(size_t max)
{
	struct backlog *backlog = calloc(1, sizeof *backlog);

	if (backlog == NULL)
		return NULL;
	pthread_mutex_init(&backlog->lock, NULL);
	backlog->end = &backlog->oldest;
	backlog->max = max;
	backlog->max_octets = max * 1024;
	return backlog;
}

void backlog_free(struct backlog *backlog)
{
	if (backlog == NULL)
		return;
	while (backlog->oldest != NULL)
		backlog_remove(backlog);
	pthread_mutex_destroy(&backlog->lock);
	free(backlog);
}

bool backlog_put(struct backlog *backlog, const char *record, size_t length)
{
	struct item *item = malloc(sizeof *item + length);
	bool fits;

	if (item == NULL)
		return false;
	item->next = NULL;
	item->length = length;
	memcpy(item->record, record, length);
	pthread_mutex_lock(&backlog->lock);
	fits = backlog->count < backlog->max && length <= backlog->max_octets - backlog->octets;
	if (fits) {
		*backlog->end = item;
		backlog->end = &item->next;
		backlog->count++;
		backlog->octets += length;
	}
	pthread_mutex_unlock(&backlog->lock);
	if (!fits)
		free(item);
	return fits;
}

size_t backlog_count(struct backlog *backlog)
{
	size_t count;

	pthread_mutex_lock(&backlog->lock);
	count = backlog->count;
	pthread_mutex_unlock(&backlog->lock);
	return count;
}

const char *backlog_oldest(struct backlog *backlog, size_t *length)
{
	struct item *item;

	pthread_mutex_lock(&backlog->lock);
	item = backlog->oldest;
	pthread_mutex_unlock(&backlog->lock);
	if (item == NULL)
		return NULL;
	*length = item->length;
	return item->record;
}

void backlog_remove(struct backlog *backlog)
{
	struct item *item;

	pthread_mutex_lock(&backlog->lock);
	item = backlog->oldest;
	backlog->oldest = item->next;
	if (backlog->oldest == NULL)
		backlog->end = &backlog->oldest;
	backlog->count--;
	backlog->octets -= item->length;
	pthread_mutex_unlock(&backlog->lock);
	free(item);
}
