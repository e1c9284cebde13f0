/*
 * signed_fields_test.c - what the settings headers and oversign make of their lists, and which
 * names they take.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/text.h"
#include "settings/settings_check.h"
#include "sign/signed_fields.h"

static const char *joined(struct arena *arena, const struct strings *headers,
                          const struct strings *oversign)
{
	static const char *const marks[] = {"", "?", "+"};
	struct signed_fields made = signed_fields_of(arena, headers, oversign);
	struct text words;

	text_begin(&words, arena, 5000);
	for (size_t i = 0; i < made.count; i++)
		text_add_format(&words, "%s%s%s", i == 0 ? "" : " ", made.fields[i].name,
		                marks[made.fields[i].how]);
	return words.bytes;
}

static void lists_are_merged(void **state)
{
	static const char *const few[] = {"subject", "from", "date", "x-a", "subject"};
	static const char *const more[] = {"x-a", "x-b"};
	static const struct strings none, headers = {5, few}, oversign = {2, more};
	struct arena *arena = arena_new();

	(void)state;
	assert_string_equal(joined(arena, &headers, &none), "from+ subject+ date? x-a");
	assert_string_equal(joined(arena, &headers, &oversign), "from+ subject date x-a+ x-b+");
	assert_non_null(strstr(joined(arena, &none, &none), " reply-to+ sender message-id? "));
	assert_non_null(strstr(
	    joined(arena, &none, &none),
	    " references+ mime-version? content-type+ content-transfer-encoding+ content-id "));
	assert_non_null(strstr(joined(arena, &none, &oversign), " feedback-id x-a+ x-b+"));
	arena_free(arena);
}

static void names(void **state)
{
	static const char *const bad[] = {"", "sub ject", "Subject:", "to;b", "t\xC3\xB6", "a\tb"};
	struct arena *arena = arena_new();
	const char *taken, *wrong;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		assert_false(settings_check_text("sign.headers", bad[i], arena, &taken, &wrong));
		assert_false(settings_check_text("sign.oversign", bad[i], arena, &taken, &wrong));
	}
	assert_true(settings_check_text("sign.oversign", "X-Ticket_7", arena, &taken, &wrong));
	assert_string_equal(taken, "x-ticket_7");
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(lists_are_merged),
	                                   cmocka_unit_test(names)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
