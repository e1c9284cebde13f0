/*
 * dkim_parts_test.c - what DKIM verification is made of: line ends, lengths, tag lists, base64,
 * selection of fields.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/tag_list.h"
#include "base/text.h"
#include "crypto/base64.h"
#include "dkim/body_hashes.h"
#include "dkim/line_ends.h"
#include "dkim/selection.h"

struct collected {
	struct text text;
	bool after_cr;
};

/* Never split between CR and LF. */
static void collect(void *with, const unsigned char *bytes, size_t length)
{
	struct collected *collected = with;

	assert_false(collected->after_cr && bytes[0] == '\n');
	collected->after_cr = bytes[length - 1] == '\r';
	text_add_bytes(&collected->text, (const char *)bytes, length);
}

/* A CR without LF is an octet of its line (RFC 6376 3.4). */
static void line_ends_become_crlf(void **state)
{
	static const struct {
		const char *from, *to;
	} rows[] = {
	    {"", ""},
	    {"a", "a\r\n"},
	    {"\n", "\r\n"},
	    {"\r", "\r\r\n"},
	    {"\r\n", "\r\n"},
	    {"\n\r", "\r\n\r\r\n"},
	    {"\r\r\n\n", "\r\r\n\r\n"},
	    {"\r\r\r", "\r\r\r\r\n"},
	    {"\n\n\r\n\r\r", "\r\n\r\n\r\n\r\r\r\n"},
	    {"a\nb\rc\r\nd", "a\r\nb\rc\r\nd\r\n"},
	    {"a\r\rb\n\n", "a\r\rb\r\n\r\n"},
	    {"a\r\nb\r\n", "a\r\nb\r\n"},
	};
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		size_t length = strlen(rows[i].from);

		for (size_t chunk = 1; chunk <= length + 1; chunk++) {
			struct collected collected = {.after_cr = false};
			struct line_ends ends = {.give = collect, .context = &collected};

			text_begin(&collected.text, arena, 1000);
			for (size_t at = 0; at < length; at += chunk)
				line_ends_pass(&ends, (const unsigned char *)rows[i].from + at,
				               length - at < chunk ? length - at : chunk);
			line_ends_finish(&ends);
			assert_string_equal(collected.text.bytes, rows[i].to);
		}
	}
	arena_free(arena);
}

static void count(void *with, const unsigned char *bytes, size_t length)
{
	(void)bytes;
	*(size_t *)with += length;
}

/* Where the LF was searched to the end of the chunk for each CR, each of these took more than ten
 * seconds. */
static void line_ends_are_found_in_linear_time(void **state)
{
	enum {
		CHUNK = 2 << 20,
		SECONDS_MAX = 5
	};
	static const char *const shapes[] = {"\r",  "x\r",   "\r\rx",
	                                     " \r", "\rx\t", "\r\r\r\r\r\r\r\rx"};
	char *chunk = malloc(CHUNK);

	(void)state;
	for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
		size_t given = 0;
		struct line_ends ends = {.give = count, .context = &given};
		clock_t before = clock();

		for (size_t at = 0; at < CHUNK; at++)
			chunk[at] = shapes[i][at % strlen(shapes[i])];
		line_ends_pass(&ends, (const unsigned char *)chunk, CHUNK);
		line_ends_finish(&ends);
		assert_true(given >= CHUNK);
		assert_true(clock() - before < (clock_t)SECONDS_MAX * CLOCKS_PER_SEC);
	}
	free(chunk);
}

static void bodies_are_measured(void **state)
{
	static const struct {
		const char *body;
		uint64_t simple, relaxed;
	} rows[] = {
	    {"", 2, 0},      {"\r\n\r\n", 2, 0},         {" \r\n", 3, 0},
	    {"a\r\n", 3, 3}, {" a \t b \r\n\r\n", 9, 6}, {"a\r\n\r\n \r\nb\r\n \t\r\n", 15, 10},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct arena *arena = arena_new();
		struct body_hashes *hashes = body_hashes_begin(arena);

		body_hashes_want(hashes, CANON_SIMPLE, NULL);
		body_hashes_want(hashes, CANON_RELAXED, NULL);
		body_hashes_add(hashes, (const unsigned char *)rows[i].body, strlen(rows[i].body));
		body_hashes_end(hashes);
		assert_int_equal(body_hashes_length(hashes, CANON_SIMPLE), rows[i].simple);
		assert_int_equal(body_hashes_length(hashes, CANON_RELAXED), rows[i].relaxed);
		arena_free(arena);
	}
}

/* The first octets of SHA-256 of "", "a", "a b\r\n" and "a \t b\r\n". */
static void bodies_are_hashed_as_far_as_asked(void **state)
{
	static const uint64_t nothing = 0, one = 1, much = 100;
	static const struct {
		enum canonicalization form;
		const uint64_t *limit;
		const char *begins;
	} rows[] = {
	    {CANON_RELAXED, NULL, "\x4a\xe1\x19\x8f"},
	    {CANON_RELAXED, &much, "\x4a\xe1\x19\x8f"},
	    {CANON_RELAXED, &nothing, "\xe3\xb0\xc4\x42"},
	    {CANON_RELAXED, &one, "\xca\x97\x81\x12"},
	    {CANON_SIMPLE, &one, "\xca\x97\x81\x12"},
	    {CANON_SIMPLE, NULL, "\x39\x5d\x7f\x6f"},
	};
	enum {
		ROWS = sizeof rows / sizeof rows[0]
	};
	struct arena *arena = arena_new();
	struct body_hashes *hashes = body_hashes_begin(arena);
	size_t numbers[ROWS];

	(void)state;
	for (size_t i = 0; i < ROWS; i++)
		numbers[i] = body_hashes_want(hashes, rows[i].form, rows[i].limit);
	assert_int_equal(body_hashes_want(hashes, CANON_RELAXED, &one), numbers[3]);
	body_hashes_add(hashes, (const unsigned char *)"a \t ", 4);
	body_hashes_add(hashes, (const unsigned char *)"b\r\n\r\n", 5);
	body_hashes_end(hashes);
	for (size_t i = 0; i < ROWS; i++)
		assert_memory_equal(body_hashes_digest(hashes, numbers[i]), rows[i].begins, 4);
	arena_free(arena);
}

static void tag_lists(void **state)
{
	static const struct {
		const char *text;
		const char *wrong; /* "" for none */
		const char *value; /* of "a" */
	} rows[] = {
	    {"a=1", "", "1"},
	    {" a = 1 2 ; b=;", "", "1 2"},
	    {"a=\r\n\t1\r\n\t2; \r\n", "", "1\r\n\t2"},
	    {"b=x; a_1=y", "", NULL},
	    {"a==;b==", "", "="},
	    {"", "empty", NULL},
	    {" \t", "empty", NULL},
	    {";", "no \"=\"", NULL},
	    {"a=1;;b=2", "no \"=\"", NULL},
	    {"a", "no \"=\"", NULL},
	    {"=1", "not a tag name", NULL},
	    {"1a=1", "not a tag name", NULL},
	    {"a b=1", "not a tag name", NULL},
	    {"a=1; a=2", "twice", NULL},
	    {"a=1; A=2", "twice", NULL},
	    {"a=\x01", "control", NULL},
	    {"a=\x7F", "control", NULL},
	};
	struct arena *arena = arena_new();
	struct tag_list list;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const char *wrong = tag_list_read(arena, rows[i].text, strlen(rows[i].text), &list);

		assert_int_equal(wrong == NULL, *rows[i].wrong == '\0');
		if (wrong != NULL)
			assert_non_null(strstr(wrong, rows[i].wrong));
		else if (rows[i].value == NULL)
			assert_null(tag_list_value(&list, "a"));
		else
			assert_string_equal(tag_list_value(&list, "a"), rows[i].value);
	}
	assert_non_null(tag_list_read(arena, "a=\0b", 4, &list));
	assert_non_null(tag_list_read(arena, "a=1; b; c=2", 11, &list));
	assert_int_equal(list.wrong_at, 4);
	assert_null(tag_list_read(arena, " a=1; b =\t2 ;c= 3 ", 18, &list));
	assert_int_equal(tag_list_find(&list, "b")->from, 9);
	assert_int_equal(tag_list_find(&list, "b")->to, 12);
	assert_int_equal(tag_list_find(&list, "c")->from, 15);
	assert_int_equal(tag_list_find(&list, "c")->to, 18);
	assert_true(tag_list_has_word("x: Y :z", "y"));
	assert_false(tag_list_has_word("xy:z", "y"));
	assert_false(tag_list_has_word("", "y"));
	arena_free(arena);
}

static void base64(void **state)
{
	static const struct {
		const char *text, *bytes; /* NULL: no base64 */
	} rows[] = {
	    {"", ""},           {"TQ==", "M"},        {"TWE=", "Ma"},
	    {"TWFu", "Man"},    {"T Q\r\n = =", "M"}, {"TWFuTQ", "ManM"},
	    {"TWE", "Ma"},      {"T", NULL},          {"TWFuT", NULL},
	    {"TQ===", NULL},    {"TQ==TQ", NULL},     {"T*Q=", NULL},
	    {"TWFu====", NULL}, {"-_==", NULL},
	};
	struct arena *arena = arena_new();
	size_t length;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const unsigned char *bytes = base64_decode(arena, rows[i].text, &length);

		assert_int_equal(bytes == NULL, rows[i].bytes == NULL);
		if (bytes == NULL)
			continue;
		assert_int_equal(length, strlen(rows[i].bytes));
		assert_memory_equal(bytes, rows[i].bytes, length);
	}
	assert_string_equal(base64_encode(arena, (const unsigned char *)"ManMa", 5), "TWFuTWE=");
	assert_string_equal(base64_encode(arena, (const unsigned char *)"M", 1), "TQ==");
	arena_free(arena);
}

/* Of each name the last n fields, n being the most that any one signature asks for. */
static void fields_are_selected_from_the_bottom(void **state)
{
	static const char *const first[] = {"from", "to", "to", "x"}, *const second[] = {
	                                                                  "to", "from", "from"};
	static const struct selection_names names[] = {{4, first}, {3, second}};
	static const struct header fields[] = {
	    {"From", ""}, {"To", ""}, {"FROM", ""}, {"Tos", ""}, {"T", ""},
	    {"to ", ""},  {"To", ""}, {"from", ""}, {"y", ""},
	};
	static const bool expected[] = {false, false, true, false, false, true, true, true, false};
	struct message message = {.header_count = 9, .headers = fields};
	struct arena *arena = arena_new();
	const bool *kept = selection_make(arena, &message, names, 2);

	(void)state;
	for (size_t i = 0; i < 9; i++)
		assert_int_equal(kept[i], expected[i]);
	kept = selection_make(arena, &message, names, 0);
	for (size_t i = 0; i < 9; i++)
		assert_false(kept[i]);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(line_ends_become_crlf),
	    cmocka_unit_test(line_ends_are_found_in_linear_time),
	    cmocka_unit_test(bodies_are_measured),
	    cmocka_unit_test(bodies_are_hashed_as_far_as_asked),
	    cmocka_unit_test(tag_lists),
	    cmocka_unit_test(base64),
	    cmocka_unit_test(fields_are_selected_from_the_bottom),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
