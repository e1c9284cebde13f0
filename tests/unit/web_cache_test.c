/*
 * web_cache_test.c - pages that are kept (tool/web/web_cache.h).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tool/web/web_cache.h"

enum {
	LONG_MS = 60 * 1000, /* a page that took so long is kept for longer than any test runs */
	SHORT_MS = 1
};

static void test_age(void **state)
{
	struct web_cache *cache = web_cache_new();
	struct arena *arena = arena_new();

	(void)state;
	assert_null(web_cache_get(cache, "a", arena));
	assert_true(web_cache_wants(cache, "a"));
	web_cache_put(cache, "a", "page", LONG_MS);
	assert_string_equal(web_cache_get(cache, "a", arena), "page");
	assert_false(web_cache_wants(cache, "a"));
	assert_null(web_cache_get(cache, "b", arena));
	web_cache_put(cache, "a", "another", LONG_MS);
	assert_string_equal(web_cache_get(cache, "a", arena), "another");
	/* what is made at once is not kept, and is not worth making ahead of time */
	web_cache_put(cache, "a", "quick", 0);
	assert_null(web_cache_get(cache, "a", arena));
	assert_false(web_cache_wants(cache, "a"));
	web_cache_put(cache, "a", "short", SHORT_MS);
	usleep(300 * 1000);
	assert_null(web_cache_get(cache, "a", arena));
	arena_free(arena);
	web_cache_free(cache);
}

/* However many there are and however long, no more than its bounds are kept, and the newest are. */
static void test_bounds(void **state)
{
	struct web_cache *cache = web_cache_new();
	struct arena *arena = arena_new();
	char *text = arena_allocate(arena, WEB_CACHE_BYTES + 2);
	int kept = 0;

	(void)state;
	for (int i = 0; i < 3 * WEB_CACHE_PAGES; i++)
		web_cache_put(cache, arena_format(arena, "%d", i), "page", LONG_MS);
	for (int i = 0; i < 3 * WEB_CACHE_PAGES; i++)
		kept += web_cache_get(cache, arena_format(arena, "%d", i), arena) != NULL;
	assert_int_equal(kept, WEB_CACHE_PAGES);
	assert_non_null(
	    web_cache_get(cache, arena_format(arena, "%d", 3 * WEB_CACHE_PAGES - 1), arena));
	memset(text, 'x', WEB_CACHE_BYTES);
	web_cache_put(cache, "large", text, LONG_MS);
	assert_non_null(web_cache_get(cache, "large", arena));
	assert_null(
	    web_cache_get(cache, arena_format(arena, "%d", 3 * WEB_CACHE_PAGES - 1), arena));
	text[WEB_CACHE_BYTES] = 'x';
	web_cache_put(cache, "too large", text, LONG_MS);
	assert_null(web_cache_get(cache, "too large", arena));
	assert_non_null(web_cache_get(cache, "large", arena));
	arena_free(arena);
	web_cache_free(cache);
	web_cache_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_age),
	                                   cmocka_unit_test(test_bounds)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
