/*
 * canon_test.c - canonicalisation against what RFC 6376 3.4 says, in pieces of every size.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/text.h"
#include "dkim/canon.h"

static void collect(void *with, const void *bytes, size_t length)
{
	text_add_bytes(with, bytes, length);
}

static void fields(void **state)
{
	static const struct {
		const char *name, *value, *relaxed, *simple;
	} rows[] = {
	    /* RFC 6376 3.4.5 */
	    {"A", " X", "a:X", "A: X"},
	    {"B ", " Y\t\r\n\tZ  ", "b:Y Z", "B : Y\t\r\n\tZ  "},
	    {"Subject", "", "subject:", "Subject:"},
	    {"Subject", " \t ", "subject:", "Subject: \t "},
	    {"Subject", "\r\n x", "subject:x", "Subject:\r\n x"},
	    {"Subject", " a\r\n b\r\n\t c ", "subject:a b c", "Subject: a\r\n b\r\n\t c "},
	    /* a CR without LF is neither white space nor a line end */
	    {"Subject", "a\rb", "subject:a\rb", "Subject:a\rb"},
	    {"Subject", " \r a \r\r\n \r ", "subject:\r a \r \r", "Subject: \r a \r\r\n \r "},
	    {"SUBJECT", " \xc3\xa4  \xff", "subject:\xc3\xa4 \xff", "SUBJECT: \xc3\xa4  \xff"},
	    {"X-Long-Name-That-Is-Longer-Than-Any-Buffer-Of-Sixty-Four-Octets-In-The-Code", "v",
	     "x-long-name-that-is-longer-than-any-buffer-of-sixty-four-octets-in-the-code:v",
	     "X-Long-Name-That-Is-Longer-Than-Any-Buffer-Of-Sixty-Four-Octets-In-The-Code:v"},
	};
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct text text;

		text_begin(&text, arena, 1000);
		canon_field(CANON_RELAXED, rows[i].name, rows[i].value, collect, &text);
		assert_string_equal(text.bytes, rows[i].relaxed);
		text_begin(&text, arena, 1000);
		canon_field(CANON_SIMPLE, rows[i].name, rows[i].value, collect, &text);
		assert_string_equal(text.bytes, rows[i].simple);
	}
	arena_free(arena);
}

/* In pieces that never end between CR and LF, as line_ends.c gives them. */
static const char *body_in_pieces(enum canonicalization form, const char *from, size_t piece,
                                  struct arena *arena)
{
	struct text *text = arena_allocate(arena, sizeof *text);
	struct canon_body body;
	size_t length = strlen(from);

	text_begin(text, arena, 100000);
	canon_body_begin(&body, form, collect, text);
	for (size_t at = 0, next; at < length; at = next) {
		next = length - at < piece ? length : at + piece;
		if (next < length && from[next - 1] == '\r' && from[next] == '\n')
			next++;
		canon_body_add(&body, (const unsigned char *)from + at, next - at);
	}
	canon_body_end(&body);
	return text->bytes;
}

static void bodies(void **state)
{
	static const struct {
		const char *from, *relaxed, *simple;
	} rows[] = {
	    {" C \r\nD \t E\r\n\r\n\r\n", " C\r\nD E\r\n",
	     " C \r\nD \t E\r\n"}, /* RFC 6376 3.4.5 */
	    {"", "", "\r\n"},
	    {"\r\n", "", "\r\n"},
	    {"\r\n\r\n\r\n", "", "\r\n"},
	    {" \r\n", "", " \r\n"},
	    {" \r\n\t\r\n \t \r\n", "", " \r\n\t\r\n \t \r\n"},
	    {"x\r\n \r\n", "x\r\n", "x\r\n \r\n"},
	    {"x\r\n \r\n\r\n", "x\r\n", "x\r\n \r\n"},
	    {"\r\n\r\nx\r\n", "\r\n\r\nx\r\n", "\r\n\r\nx\r\n"},
	    {"\r\n \r\nx\r\n", "\r\n\r\nx\r\n", "\r\n \r\nx\r\n"},
	    {"a b  c\td \r\n", "a b c d\r\n", "a b  c\td \r\n"},
	    {"  a\r\n", " a\r\n", "  a\r\n"},
	    {"a \r\nb\t\r\n c\r\n", "a\r\nb\r\n c\r\n", "a \r\nb\t\r\n c\r\n"},
	    {"\x01\x7f\xff \xe4\r\n", "\x01\x7f\xff \xe4\r\n", "\x01\x7f\xff \xe4\r\n"},
	    {"a\rb\r\n", "a\rb\r\n", "a\rb\r\n"},
	    {"\r\r\n", "\r\r\n", "\r\r\n"},
	    {"\r\n\r\r\n\r\n", "\r\n\r\r\n", "\r\n\r\r\n"},
	    {"a \r b\t\r\n", "a \r b\r\n", "a \r b\t\r\n"},
	    {"a\r \r\n", "a\r\r\n", "a\r \r\n"},
	    {"x", "x\r\n", "x\r\n"},
	    {"x ", "x\r\n", "x \r\n"},
	};
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		for (size_t piece = 1; piece <= strlen(rows[i].from) + 1; piece++) {
			assert_string_equal(
			    body_in_pieces(CANON_RELAXED, rows[i].from, piece, arena),
			    rows[i].relaxed);
			assert_string_equal(
			    body_in_pieces(CANON_SIMPLE, rows[i].from, piece, arena),
			    rows[i].simple);
		}
	arena_free(arena);
}

/* A line longer than the piece that the hash gets, and a thousand empty lines that count after all.
 */
static void long_ones(void **state)
{
	struct arena *arena = arena_new();
	size_t length = 3 * CANON_PIECE + 7;
	char *line = arena_allocate(arena, length + 3000);

	(void)state;
	memset(line, 'y', length);
	strcpy(line + length, "\r\n");
	assert_string_equal(body_in_pieces(CANON_RELAXED, line, 1000, arena), line);
	assert_string_equal(body_in_pieces(CANON_SIMPLE, line, 1 << 20, arena), line);
	line[0] = '\0';
	for (size_t i = 0; i < 1000; i++)
		memcpy(line + 2 * i, "\r\n", 3);
	assert_string_equal(body_in_pieces(CANON_SIMPLE, line, 7, arena), "\r\n");
	strcpy(line + 2000, "x\r\n");
	assert_string_equal(body_in_pieces(CANON_SIMPLE, line, 7, arena), line);
	assert_string_equal(body_in_pieces(CANON_RELAXED, line, 7, arena), line);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(fields),
	    cmocka_unit_test(bodies),
	    cmocka_unit_test(long_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
