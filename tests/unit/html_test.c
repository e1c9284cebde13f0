/*
 * html_test.c - texts of others in HTML (web/html.h).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "web/html.h"

static const struct {
	const char *text, *shown;
} texts[] = {
    {"example.org", "example.org"},
    {"", ""},
    {NULL, ""},
    {"<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"},
    {"\" onload='x' &amp;", "&quot; onload=&#39;x&#39; &amp;amp;"},
    {"m\xC3\xBCller %s %n", "m\xC3\xBCller %s %n"},
    {"a\xE2\x80\xAE"
     "b",
     "a\\xE2\\x80\\xAE"
     "b"},
    {"\x01\n\t\x7F\xFF", "\\x01\\x0A\\x09\\x7F\\xFF"},
    {"\xC3", "\\xC3"},
};

static void test_texts(void **state)
{
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct html html;

		html_begin(&html, arena);
		html_add(&html, "<a title=\"%s\">", texts[i].text);
		assert_string_equal(html.page.bytes,
		                    arena_format(arena, "<a title=\"%s\">", texts[i].shown));
	}
	arena_free(arena);
}

static void test_formats(void **state)
{
	struct arena *arena = arena_new();
	struct html html;

	(void)state;
	html_begin(&html, arena);
	html_add(&html, "%d %zu %lu 100%% %s", -3, (size_t)4, 5UL, "<");
	assert_string_equal(html.page.bytes, "-3 4 5 100% &lt;");
	assert_string_equal(html_count(&html, 0), "0");
	assert_string_equal(html_count(&html, 999), "999");
	assert_string_equal(html_count(&html, 1234567), "1,234,567");
	assert_string_equal(html_count(&html, -123456), "-123,456");
	assert_string_equal(html_url(&html, "a-b.c~d_9"), "a-b.c~d_9");
	assert_string_equal(html_url(&html, "a b&c=\"\xFF"), "a%20b%26c%3D%22%FF");
	assert_string_equal(html_url(&html, ""), "");
	assert_string_equal(html_day(&html, 1795824000), "2026-11-28");
	assert_string_equal(html_minute(&html, 1795824000 + 3660), "2026-11-28 01:01");
	assert_string_equal(html_day(&html, INT64_MAX), "?");
	arena_free(arena);
}

/* However long a text is, the page has a bound, and no character is cut in the middle. */
static void test_bounds(void **state)
{
	struct arena *arena = arena_new();
	char *text = arena_allocate(arena, 3 * HTML_TEXT_MAX + 1);
	struct html html;

	(void)state;
	for (size_t i = 0; i < HTML_TEXT_MAX; i++)
		memcpy(text + 3 * i, "\xE2\x82\xAC", 3);
	html_begin(&html, arena);
	html_add(&html, "%s", text);
	assert_int_equal(html.page.length, HTML_TEXT_MAX / 3 * 3 + 3);
	assert_string_equal(html.page.bytes + html.page.length - 3, "...");
	for (size_t i = 0; i < HTML_PAGE_MAX / HTML_TEXT_MAX + 1; i++)
		html_add(&html, "%s", text);
	assert_true(html.page.cut);
	assert_true(html.page.length <= HTML_PAGE_MAX);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_texts),
	                                   cmocka_unit_test(test_formats),
	                                   cmocka_unit_test(test_bounds)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
