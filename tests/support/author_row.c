/*
 * author_row.c - reads the From value of a row, and compares. For author_test.c and
 * author_limits_test.c.
 */
#include "author_row.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/text.h"

const char *author_row_domains(const struct author *author, struct arena *arena)
{
	struct text names;

	text_begin(&names, arena, 10000);
	for (size_t i = 0; i < author->domain_count; i++)
		text_add_format(&names, "%s%s", i == 0 ? "" : " ", author->domains[i]);
	return names.bytes;
}

void author_row_check(const struct author_row *row)
{
	struct arena *arena = arena_new();
	struct author *author = author_begin(arena);

	author_field(author, row->value, arena);
	author_finish(author, false, arena);
	if (author->state != row->state ||
	    strcmp(author_row_domains(author, arena), row->domains) != 0)
		fail_msg("%s: state %d, domains \"%s\", reason %s", row->value, author->state,
		         author_row_domains(author, arena), author->reason);
	if (row->state == AUTHOR_ONE) {
		assert_string_equal(author->domain, row->domains);
		assert_null(author->reason);
	} else {
		assert_null(author->domain);
		if (strstr(author->reason, row->reason) == NULL)
			fail_msg("%s: reason %s", row->value, author->reason);
	}
	arena_free(arena);
}
