/*
 * line_breaks_test.c - long lines are broken at the same octets, in whatever chunks they come;
 * short ones pass as they are.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/text.h"
#include "sign/line_breaks.h"

static void into_text(void *with, const unsigned char *bytes, size_t length)
{
	text_add_bytes(with, (const char *)bytes, length);
}

static const char *broken(struct arena *arena, struct line_rule rule, const char *text,
                          size_t chunk, bool *over)
{
	struct text out;
	struct line_breaks lines = {.rule = rule, .write = into_text, .context = &out};
	size_t length = strlen(text);

	text_begin(&out, arena, 10000);
	for (size_t at = 0; at < length; at += chunk)
		line_breaks_pass(&lines, (const unsigned char *)text + at,
		                 length - at < chunk ? length - at : chunk);
	line_breaks_finish(&lines);
	*over = lines.has_long_line;
	return out.bytes;
}

static const struct {
	const char *text, *broken;
} rows[] = {
    {"", ""},
    {"\r\n\r\n", "\r\n\r\n"},
    {"12345\r\n", "12345\r\n"},
    {"12345", "12345"},
    {"123456\r\n", "12345\r\n 6\r\n"},
    {"123456789\r\nx", "12345\r\n 6789\r\nx"},
    {"1234567890\r\n", "12345\r\n 6789\r\n 0\r\n"},
    {"1234567890\n12345\n", "12345\r\n 6789\r\n 0\n12345\n"},
    {"      \r\n", "     \r\n  \r\n"},
    {"1234\rx\r\n", "1234\r\r\n x\r\n"},
    {"12345\rx\r\n", "12345\r\n \rx\r\n"},
    {"12345\r\r\n", "12345\r\n \r\r\n"},
    {"12345\r", "12345\r"},
};

static void chunks_make_no_difference(void **state)
{
	struct arena *arena = arena_new();
	bool over;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		for (size_t chunk = 1; chunk < 12; chunk++) {
			const char *found =
			    broken(arena, (struct line_rule){5, true}, rows[i].text, chunk, &over);

			assert_string_equal(found, rows[i].broken);
			assert_int_equal(over, strcmp(rows[i].text, rows[i].broken) != 0);
			found =
			    broken(arena, (struct line_rule){5, false}, rows[i].text, chunk, &over);
			assert_string_equal(found, rows[i].text);
			assert_int_equal(over, strcmp(rows[i].text, rows[i].broken) != 0);
		}
	arena_free(arena);
}

/* The name counts, and each line behind a fold begins anew. */
static void fields(void **state)
{
	const struct line_rule rule = {10, true}, only_noted = {10, false};
	struct arena *arena = arena_new();
	const char *value = " 1234\r\n 123456789\r\n\t1234567890";
	bool over = false;

	(void)state;
	assert_string_equal(line_breaks_field(arena, &rule, "Name", " 1234\r\n x", &over),
	                    " 1234\r\n x");
	assert_false(over);
	assert_string_equal(line_breaks_field(arena, &rule, "Name", value, &over),
	                    " 1234\r\n 123456789\r\n\t123456789\r\n 0");
	assert_true(over);
	assert_ptr_equal(line_breaks_field(arena, &only_noted, "Name", value, &over), value);
	assert_string_equal(line_breaks_field(arena, &rule, "A-Long-Name", "x", &over), "\r\n x");
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(chunks_make_no_difference),
	                                   cmocka_unit_test(fields)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
