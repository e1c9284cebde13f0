/*
 * base_test.c - arena, text, address, domain and message: the ground that every module stands on.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/address.h"
#include "base/arena.h"
#include "base/domain.h"
#include "base/text.h"
#include "message.h"

static int released[3];
static int release_count;

static void note_release(void *what)
{
	released[release_count++] = *(int *)what;
}

static void arena_releases_in_reverse_and_reuses(void **state)
{
	static int numbers[] = {1, 2, 3};
	struct arena *arena = arena_new();

	(void)state;
	release_count = 0;
	for (size_t i = 0; i < 3; i++)
		arena_on_release(arena, note_release, &numbers[i]);
	for (size_t size = 0; size < 20000; size += 777) {
		unsigned char *piece = arena_allocate(arena, size);

		assert_int_equal((uintptr_t)piece % sizeof(void *), 0);
		for (size_t i = 0; i < size; i++)
			assert_int_equal(piece[i], 0);
		memset(piece, 0xAA, size);
	}
	arena_reset(arena);
	assert_int_equal(release_count, 3);
	assert_int_equal(released[0], 3);
	assert_int_equal(released[2], 1);
	assert_int_equal(arena_used(arena), 0);
	assert_string_equal(arena_format(arena, "%d %s", 7, "seven"), "7 seven");
	for (int length = 500; length < 530; length++)
		assert_int_equal(strlen(arena_format(arena, "%*s", length, "right")), length);
	arena_free(arena);
}

static void text_grows_to_its_limit(void **state)
{
	struct arena *arena = arena_new();
	struct text text;

	(void)state;
	text_begin(&text, arena, 1000);
	for (int i = 0; i < 300; i++)
		text_add_format(&text, "%04d", i);
	assert_int_equal(text.length, 1000);
	assert_true(text.cut);
	assert_int_equal(strlen(text.bytes), 1000);
	arena_free(arena);
}

static void text_makes_outside_text_printable(void **state)
{
	static const struct {
		const char *from, *to;
	} rows[] = {
	    {"plain", "plain"},
	    {"a\r\nb\t", "a\\x0D\\x0Ab\\x09"},
	    {"\"\\", "\\x22\\x5C"},
	    {"gr\xC3\xBC\xC3\x9F", "gr\xC3\xBC\xC3\x9F"},
	    {"\xC3(", "\\xC3("},
	    {"\xED\xA0\x80", "\\xED\\xA0\\x80"},
	    {"\xC2\x9B[2J", "\\xC2\\x9B[2J"},
	    {"\xF0\x9F\x93\xA7", "\xF0\x9F\x93\xA7"},
	    {"\x1B[31m\x7F", "\\x1B[31m\\x7F"},
	    {"a\u200Eb\u200Fc\u061Cd\u061D", "a\\xE2\\x80\\x8Eb\\xE2\\x80\\x8Fc\\xD8\\x9Cd\u061D"},
	    {"a\u2028b\u202Ec\u2067d", "a\\xE2\\x80\\xA8b\\xE2\\x80\\xAEc\\xE2\\x81\\xA7d"},
	    {"\u2027\u202F\u2065\u206A", "\u2027\u202F\u2065\u206A"},
	};
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_string_equal(text_printable(arena, rows[i].from, 100), rows[i].to);
	assert_string_equal(text_printable(arena, "abcdef", 3), "abc...");
	arena_free(arena);
}

static void address_reads_prints_and_matches(void **state)
{
	static const struct {
		const char *network, *address;
		int matches; /* -1: not a network */
	} rows[] = {
	    {"192.0.2.0/24", "192.0.2.200", 1},
	    {"192.0.2.0/24", "192.0.3.1", 0},
	    {"192.0.2.128/25", "192.0.2.127", 0},
	    {"0.0.0.0/0", "203.0.113.9", 1},
	    {"0.0.0.0/0", "2001:db8::1", 0},
	    {"::ffff:192.0.2.0/120", "192.0.2.9", 1},
	    {"2001:db8::/33", "2001:db8:8000::", 0},
	    {"2001:db8::/33", "2001:db8:7fff::", 1},
	    {"::1", "::1", 1},
	    {"192.0.2.1", "::ffff:192.0.2.1", 1},
	    {"192.0.2.0/33", "", -1},
	    {"192.0.2.0/", "", -1},
	    {"::ffff:0:0/95", "", -1},
	    {"hello", "", -1},
	    {"192.0.2.0/-1", "", -1},
	    {"1.2.3.4/24 ", "", -1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct network network;
		struct address address;

		assert_int_equal(network_parse(rows[i].network, &network), rows[i].matches >= 0);
		if (rows[i].matches < 0)
			continue;
		assert_true(address_parse(rows[i].address, &address));
		assert_int_equal(address_in_network(&address, &network.address, network.bits),
		                 rows[i].matches);
	}
	struct address address;
	char text[ADDRESS_TEXT], reverse[ADDRESS_REVERSE_NAME];

	assert_true(address_parse("2001:0DB8::0:1f", &address));
	assert_string_equal(address_print(&address, text), "2001:db8::1f");
	address_reverse_name(&address, reverse);
	assert_string_equal(
	    reverse, "f.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa");
	assert_true(address_parse("192.0.2.255", &address));
	address_reverse_name(&address, reverse);
	assert_string_equal(reverse, "255.2.0.192.in-addr.arpa");
}

static void one_is_one(void **state)
{
	struct arena *arena = arena_new();

	(void)state;
	assert_string_equal(text_count(arena, 0, "mail", "mails"), "0 mails");
	assert_string_equal(text_count(arena, 1, "mail", "mails"), "1 mail");
	assert_string_equal(text_count(arena, 2, "mail", "mails"), "2 mails");
	arena_free(arena);
}

static void domain_has_one_form(void **state)
{
	static const struct {
		const char *given, *internal;
	} rows[] = {
	    {"Example.ORG.", "example.org"},
	    {"b\xC3\xBC"
	     "cher.example",
	     "xn--bcher-kva.example"},
	    {"stra\xC3\x9F"
	     "e.example",
	     "xn--strae-oqa.example"},
	    {"_dmarc.example.org", "_dmarc.example.org"},
	    {"a..b", NULL},
	    {".a", NULL},
	    {"a..", NULL},
	    {"", NULL},
	    {".", NULL},
	    {"[192.0.2.1]", NULL},
	    {"a b.example", NULL},
	    {"com", "com"},
	    {"a(b).example", NULL},
	    {"\xFF\xFE.example", NULL},
	    {"0123456789012345678901234567890123456789012345678901234567890123.example", NULL},
	};
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const char *internal =
		    domain_normalize(arena, rows[i].given, strlen(rows[i].given));

		if (rows[i].internal == NULL)
			assert_null(internal);
		else
			assert_string_equal(internal, rows[i].internal);
	}
	assert_null(domain_normalize(arena, "a\0b.example", 11));
	assert_int_equal(domain_labels("a.b.c"), 3);
	assert_string_equal(domain_rightmost("a.b.c", 2), "b.c");
	assert_string_equal(domain_rightmost("a.b.c", 9), "a.b.c");
	assert_null(domain_parent("com"));
	assert_true(domain_within("x.example.org", "example.org"));
	assert_true(domain_within("example.org", "example.org"));
	assert_false(domain_within("badexample.org", "example.org"));
	assert_false(domain_within("org", "example.org"));
	assert_true(domain_matches("Example.org", "example.org"));
	assert_false(domain_matches("example.org", "x.example.org"));
	assert_true(domain_matches("*.example.org", "y.x.example.org"));
	assert_false(domain_matches("*.example.org", "example.org"));
	assert_false(domain_matches("*.example.org", "badexample.org"));
	arena_free(arena);
}

static void message_unfolds_and_counts(void **state)
{
	struct header headers[] = {{"From", " a@example.org"}, {"to", " b"}, {"FROM", " c"}};
	struct message message = {.header_count = 3, .headers = headers};
	struct arena *arena = arena_new();

	(void)state;
	assert_int_equal(message_header_count(&message, "from"), 2);
	assert_ptr_equal(message_header(&message, "To"), &headers[1]);
	assert_null(message_header(&message, "Cc"));
	assert_string_equal(message_unfold(arena, " one\r\n\ttwo \r\n three\r\n "),
	                    "one\ttwo  three");
	assert_string_equal(message_address_domain(arena, "\"a@b\"@Example.org"), "example.org");
	assert_null(message_address_domain(arena, "postmaster"));
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(arena_releases_in_reverse_and_reuses),
	    cmocka_unit_test(text_grows_to_its_limit),
	    cmocka_unit_test(text_makes_outside_text_printable),
	    cmocka_unit_test(address_reads_prints_and_matches),
	    cmocka_unit_test(one_is_one),
	    cmocka_unit_test(domain_has_one_form),
	    cmocka_unit_test(message_unfolds_and_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
