/*
 * author_limits_test.c - From fields that are long, many or full of domains.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "author.h"
#include "author_row.h"
#include "base/text.h"
#include "mailbox_list.h"

/* `times` times `piece` between `before` and `after`. */
static const char *repeated(struct arena *arena, const char *before, const char *piece,
                            size_t times, const char *after)
{
	struct text value;

	text_begin(&value, arena, SIZE_MAX / 4);
	text_add(&value, before);
	while (times-- > 0)
		text_add(&value, piece);
	text_add(&value, after);
	return value.bytes;
}

/* Values of 100 kB and more, of the shapes that make careless readers quadratic or deep. */
static void author_reads_long_values(void **state)
{
	static const struct {
		const char *before, *piece, *after;
		enum author_state state;
		const char *domains, *reason;
	} rows[] = {
	    {"", "x ", "<a@example.com>", AUTHOR_ONE, "example.com", NULL},
	    {"\"", "\\\"", "\" <a@example.com>", AUTHOR_ONE, "example.com", NULL},
	    {"(", "x", ") a@example.com", AUTHOR_ONE, "example.com", NULL},
	    {"", "(x)", "a@example.com", AUTHOR_ONE, "example.com", NULL},
	    {"", "=?", " <a@example.com>", AUTHOR_ONE, "example.com", NULL},
	    {"", "=?a?q?", " <a@example.com>", AUTHOR_ONE, "example.com", NULL},
	    {"=?a?q?", "x,", "?= <a@example.com>", AUTHOR_ONE, "example.com", NULL},
	    {"", ",", "a@example.com", AUTHOR_ONE, "example.com", NULL},
	    {"<@x.example", ",@x.example", ":a@example.com>", AUTHOR_ONE, "example.com", NULL},
	    {"", "(", "a@example.com", AUTHOR_BROKEN, "", "nested too deep"},
	    {"", "<", "a@example.com>", AUTHOR_BROKEN, "example.com", "has no @"},
	    {"", "<@", "a@example.com>", AUTHOR_BROKEN, "example.com", "no domain"},
	    {"", ":", "a@example.com", AUTHOR_BROKEN, "example.com", "group"},
	    {"", "@", "a@example.com", AUTHOR_BROKEN, "a example.com", "nothing before"},
	    {"a@", "x", ".example", AUTHOR_BROKEN, "", "no valid domain name"},
	    {"a@example", ".x", "", AUTHOR_BROKEN, "", "no valid domain name"},
	    {"", "\xFF@\xFF,", "", AUTHOR_BROKEN, "", "no valid domain name"},
	    {"", "a@example.com,", "", AUTHOR_BROKEN, "example.com",
	     "more addresses than are read"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct arena *arena = arena_new();
		size_t times =
		    (rows[i].state == AUTHOR_ONE ? 30000 : 120000) / strlen(rows[i].piece);
		struct author_row row = {
		    repeated(arena, rows[i].before, rows[i].piece, times, rows[i].after),
		    rows[i].state, rows[i].domains, rows[i].reason};

		author_row_check(&row);
		arena_free(arena);
	}
}

static void author_keeps_a_limited_number_of_domains(void **state)
{
	struct arena *arena = arena_new();
	struct author *author = author_begin(arena);
	struct text value;

	(void)state;
	text_begin(&value, arena, 100000);
	for (int i = 0; i < 100; i++)
		text_add_format(&value, "a@d%d.example,", i);
	author_field(author, value.bytes, arena);
	author_finish(author, false, arena);
	assert_int_equal(author->state, AUTHOR_SEVERAL);
	assert_int_equal(author->domain_count, MAILBOX_LIST_DOMAINS);
	arena_free(arena);
}

static void author_reads_a_limited_number_of_fields(void **state)
{
	struct arena *arena = arena_new();
	struct author *author = author_begin(arena);
	size_t used = 0;

	(void)state;
	for (int i = 0; i < 100000; i++) {
		author_field(author, "A <a", arena);
		used = i == 100 ? arena_used(arena) : used;
	}
	author_finish(author, false, arena);
	assert_int_equal(author->state, AUTHOR_REPEATED);
	assert_non_null(strstr(author->reason, "100000 From fields"));
	assert_true(arena_used(arena) - used < 1000);
	arena_free(arena);
}

static void author_quotes_little_of_outside_text(void **state)
{
	struct arena *arena = arena_new();
	struct author *author = author_begin(arena);
	const char *value = repeated(arena, "\x1B]0;\xE2\x80", "\x9B\r\n\"x", 1000, "");

	(void)state;
	author_field(author, value, arena);
	author_finish(author, false, arena);
	assert_int_equal(author->state, AUTHOR_BROKEN);
	assert_true(strlen(author->reason) < 500);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(author_reads_long_values),
	    cmocka_unit_test(author_keeps_a_limited_number_of_domains),
	    cmocka_unit_test(author_reads_a_limited_number_of_fields),
	    cmocka_unit_test(author_quotes_little_of_outside_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
