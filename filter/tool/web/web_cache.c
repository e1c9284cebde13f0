/*
 * web_cache.c - see web_cache.h.
 */
#include "tool/web/web_cache.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/invariant.h"

enum {
	AGE_BY_COST = 100
};

struct cached_page {
	char *key, *page; /* NULL: the slot is free */
	size_t length;
	struct timespec made;
	long milliseconds; /* that it took */
};

struct web_cache {
	pthread_mutex_t lock;
	size_t bytes;
	struct cached_page pages[WEB_CACHE_PAGES];
};

struct web_cache *web_cache_new(void)
{
	struct web_cache *cache = calloc(1, sizeof *cache);

	if (cache != NULL)
		pthread_mutex_init(&cache->lock, NULL);
	return cache;
}

static void cache_drop(struct web_cache *cache, struct cached_page *page)
{
	invariant(page != NULL && cache->bytes >= page->length);
	cache->bytes -= page->length;
	free(page->key);
	free(page->page);
	*page = (struct cached_page){.key = NULL};
}

void web_cache_free(struct web_cache *cache)
{
	if (cache == NULL)
		return;
	for (size_t i = 0; i < WEB_CACHE_PAGES; i++)
		cache_drop(cache, &cache->pages[i]);
	pthread_mutex_destroy(&cache->lock);
	free(cache);
}

static struct cached_page *cache_find(struct web_cache *cache, const char *key)
{
	for (size_t i = 0; i < WEB_CACHE_PAGES; i++)
		if (cache->pages[i].key != NULL && strcmp(cache->pages[i].key, key) == 0)
			return &cache->pages[i];
	return NULL;
}

/* How much of its time is over: 1 is the end. */
static double cache_age(const struct cached_page *page)
{
	double lives = (double)page->milliseconds / 1e3 * AGE_BY_COST;

	if (lives > WEB_CACHE_S)
		lives = WEB_CACHE_S;
	return lives <= 0 ? 1 : clock_monotonic_since(&page->made) / lives;
}

const char *web_cache_get(struct web_cache *cache, const char *key, struct arena *arena)
{
	const struct cached_page *page;
	const char *copy = NULL;

	pthread_mutex_lock(&cache->lock);
	page = cache_find(cache, key);
	if (page != NULL && cache_age(page) < 1)
		copy = arena_copy(arena, page->page, page->length);
	pthread_mutex_unlock(&cache->lock);
	return copy;
}

bool web_cache_wants(struct web_cache *cache, const char *key)
{
	const struct cached_page *page;
	bool wants;

	pthread_mutex_lock(&cache->lock);
	page = cache_find(cache, key);
	wants = page == NULL || (page->milliseconds >= WEB_CACHE_SLOW_MS && cache_age(page) > 0.8);
	pthread_mutex_unlock(&cache->lock);
	return wants;
}

static struct cached_page *cache_oldest(struct web_cache *cache)
{
	struct cached_page *found = NULL;

	for (size_t i = 0; i < WEB_CACHE_PAGES; i++) {
		struct cached_page *page = &cache->pages[i];

		if (page->key != NULL && (found == NULL || clock_monotonic_since(&page->made) >
		                                               clock_monotonic_since(&found->made)))
			found = page;
	}
	return found;
}

/* A free slot, with so many octets left. */
static struct cached_page *make_room(struct web_cache *cache, size_t length)
{
	for (;;) {
		struct cached_page *slot = NULL;

		for (size_t i = 0; i < WEB_CACHE_PAGES && slot == NULL; i++)
			if (cache->pages[i].key == NULL)
				slot = &cache->pages[i];
		if (slot != NULL && cache->bytes + length <= WEB_CACHE_BYTES)
			return slot;
		cache_drop(cache, cache_oldest(cache));
	}
}

void web_cache_put(struct web_cache *cache, const char *key, const char *page, long milliseconds)
{
	struct cached_page made = {.key = strdup(key),
	                           .page = strdup(page),
	                           .length = strlen(page),
	                           .milliseconds = milliseconds};
	struct cached_page *former;

	if (made.key == NULL || made.page == NULL || made.length > WEB_CACHE_BYTES) {
		free(made.key);
		free(made.page);
		return;
	}
	clock_gettime(CLOCK_MONOTONIC, &made.made);
	pthread_mutex_lock(&cache->lock);
	former = cache_find(cache, key);
	if (former != NULL)
		cache_drop(cache, former);
	*make_room(cache, made.length) = made;
	cache->bytes += made.length;
	pthread_mutex_unlock(&cache->lock);
}
