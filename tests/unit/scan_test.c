/*
 * scan_test.c - bodies of random octets, in random chunks, have the canonical form that a reading
 * of RFC 6376 3.4.3 and 3.4.4 octet by octet gives them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/text.h"
#include "dkim/canon.h"
#include "dkim/line_ends.h"
#include "dkim/scan.h"

enum {
	BODIES = 40000,
	LENGTH_MAX = 400
};

/* The same numbers in every run. */
static unsigned random_below(unsigned limit)
{
	static uint64_t state = 88172645463325252;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (unsigned)(state >> 33) % limit;
}

/* Mostly text with one kind of trouble, so that runs are as long as vectors and longer. */
static size_t make_body(unsigned char *body)
{
	static const char *const troubles[] = {
	    "\r\n", "\n", "\r", " ", "\t", "  ", " \r\n", "\r\r\n", "\r\n\r\n", "\x01", "\xFF\x80"};
	unsigned rarity = 1 + random_below(40), kinds = 1 + random_below(11);
	size_t wanted = random_below(LENGTH_MAX), length = 0;

	while (length < wanted) {
		const char *more = random_below(rarity) > 0 ? "x" : troubles[random_below(kinds)];

		memcpy(body + length, more, strlen(more));
		length += strlen(more);
	}
	return length;
}

/* Every LF that does not follow a CR gets one; then there is a line end at the end. */
static void plain_line_ends(struct text *to, const unsigned char *body, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (body[i] == '\n' && (i == 0 || body[i - 1] != '\r'))
			text_add(to, "\r");
		text_add_bytes(to, (const char *)&body[i], 1);
	}
	if (length > 0 && body[length - 1] != '\n')
		text_add(to, "\r\n");
}

static void drop_white(struct text *line)
{
	while (line->length > 0 && line->bytes[line->length - 1] == ' ')
		line->bytes[--line->length] = '\0';
}

/* Line by line; a line that is not empty brings the empty ones before it. */
static void plain_canonical(struct text *to, enum canonicalization form, const struct text *body)
{
	struct text line;
	size_t empty = 0, lines = 0;

	text_begin(&line, to->arena, LENGTH_MAX * 4);
	for (size_t i = 0; i < body->length; i++) {
		char byte = body->bytes[i];
		bool white = form == CANON_RELAXED && (byte == ' ' || byte == '\t');

		if (byte == '\r' && body->bytes[i + 1] == '\n') {
			if (form == CANON_RELAXED)
				drop_white(&line);
			i++;
			empty++;
			if (line.length == 0)
				continue;
			for (; empty > 1; empty--)
				text_add(to, "\r\n");
			text_add_all(to, line.bytes, "\r\n", TEXT_END);
			lines++;
			empty = line.length = 0;
			line.bytes[0] = '\0';
		} else if (!white) {
			text_add_bytes(&line, &byte, 1);
		} else if (line.length == 0 || line.bytes[line.length - 1] != ' ') {
			text_add(&line, " ");
		}
	}
	if (lines == 0 && form == CANON_SIMPLE)
		text_add(to, "\r\n");
}

static void collect(void *to, const void *bytes, size_t length)
{
	text_add_bytes(to, bytes, length);
}

static void add_to_canon(void *canon, const unsigned char *bytes, size_t length)
{
	canon_body_add(canon, bytes, length);
}

static void in_chunks(struct text *to, enum canonicalization form, const unsigned char *body,
                      size_t length)
{
	static struct canon_body canon;
	struct line_ends ends = {.give = add_to_canon, .context = &canon};
	unsigned chunk_max = 1 + random_below(LENGTH_MAX);

	canon_body_begin(&canon, form, collect, to);
	for (size_t at = 0, piece; at < length; at += piece) {
		piece = 1 + random_below(chunk_max);
		piece = piece < length - at ? piece : length - at;
		line_ends_pass(&ends, body + at, piece);
	}
	line_ends_finish(&ends);
	canon_body_end(&canon);
}

static void canonical_bodies_are_those_of_a_plain_reading(void **state)
{
	static unsigned char body[LENGTH_MAX + 4];
	struct arena *arena = arena_new();

	(void)state;
	for (int i = 0; i < BODIES; i++) {
		size_t length = make_body(body);
		struct text lines;

		text_begin(&lines, arena, LENGTH_MAX * 4);
		plain_line_ends(&lines, body, length);
		for (int form = CANON_SIMPLE; form <= CANON_RELAXED; form++) {
			struct text ours, plain;

			text_begin(&ours, arena, LENGTH_MAX * 4);
			text_begin(&plain, arena, LENGTH_MAX * 4);
			in_chunks(&ours, (enum canonicalization)form, body, length);
			plain_canonical(&plain, (enum canonicalization)form, &lines);
			if (ours.length != plain.length ||
			    memcmp(ours.bytes, plain.bytes, plain.length) != 0)
				fail_msg("body %d, %s: \"%s\" is not \"%s\"", i, canon_names[form],
				         text_printable(arena, ours.bytes, 2000),
				         text_printable(arena, plain.bytes, 2000));
		}
		arena_reset(arena);
	}
	arena_free(arena);
}

static void a_bare_feed_is_found_wherever_it_is(void **state)
{
	unsigned char bytes[200];

	(void)state;
	for (size_t length = 1; length < sizeof bytes; length++)
		for (size_t at = 1; at < length; at++) {
			memset(bytes, 'x', sizeof bytes);
			bytes[at] = '\n';
			assert_int_equal(scan_bare_feed(bytes, 1, length), at);
			bytes[at - 1] = '\r';
			assert_int_equal(scan_bare_feed(bytes, 1, length), length);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(canonical_bodies_are_those_of_a_plain_reading),
	    cmocka_unit_test(a_bare_feed_is_found_wherever_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
