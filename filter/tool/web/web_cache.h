/*
 * web_cache.h - pages that took long to make are kept for a while: a hundred times as long as they
 * took, at most WEB_CACHE_S. So making pages anew costs one processor in a hundred at most, and a
 * page that is made quickly is never old.
 *
 * From any thread.
 */
#ifndef ASSAY_WEB_CACHE_H
#define ASSAY_WEB_CACHE_H

#include <stdbool.h>

#include "base/arena.h"

enum {
	WEB_CACHE_PAGES = 64,
	WEB_CACHE_BYTES = 8 * 1024 * 1024, /* of all together */
	WEB_CACHE_S = 15 * 60,
	WEB_CACHE_SLOW_MS = 100 /* what takes longer is made ahead of time (web_ahead.h) */
};

struct web_cache;

struct web_cache *web_cache_new(void);        /* NULL: no memory */
void web_cache_free(struct web_cache *cache); /* NULL is allowed */

/* The page in the arena, or NULL where there is none that is new enough. */
const char *web_cache_get(struct web_cache *cache, const char *key, struct arena *arena);

/* Keeps a copy, where there is memory; the oldest go. */
void web_cache_put(struct web_cache *cache, const char *key, const char *page, long milliseconds);

/* Did the page take so long that it is worth making ahead of time, and is it soon too old? True
 * also where nobody has made it yet. */
bool web_cache_wants(struct web_cache *cache, const char *key);

#endif
