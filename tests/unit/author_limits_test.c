/*
 * author_limits_test.c - what is kept of From fields is limited, whatever they hold.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "author.h"
#include "base/text.h"
#include "mailbox_list.h"

static void author_of_a_cut_header_is_unknown(void **state)
{
	static const char *const values[] = {NULL, "a@example.com", "a@example.com, b@example.net",
	                                     "a@"};

	(void)state;
	for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
		struct arena *arena = arena_new();
		struct author *author = author_begin(arena);

		if (values[i] != NULL)
			author_field(author, values[i], arena);
		author_finish(author, true, arena);
		assert_int_equal(author->state, AUTHOR_BROKEN);
		assert_null(author->domain);
		assert_non_null(strstr(author->reason, "too long"));
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

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(author_of_a_cut_header_is_unknown),
	    cmocka_unit_test(author_keeps_a_limited_number_of_domains),
	    cmocka_unit_test(author_reads_a_limited_number_of_fields),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
