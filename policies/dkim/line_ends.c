/*
 * line_ends.c - CRLF line ends for a body that passes in chunks. Called by dkim.c and sign.c before the body
 * is made canonical.
 */
#include "dkim/line_ends.h"

#include <string.h>

static void give(struct line_ends *ends, const unsigned char *from, const unsigned char *to)
{
	if (from < to)
		ends->give(ends->with, from, (size_t)(to - from));
}

static void give_line_end(struct line_ends *ends)
{
	ends->give(ends->with, (const unsigned char *)"\r\n", 2);
	ends->unended = false;
}

/* The first octet from `at` on that is no part of a CRLF but a CR or LF; `end` where there is none. A CR as
 * the very last octet is one of these. */
static const unsigned char *find_bare(struct line_ends *ends, const unsigned char *at,
                                      const unsigned char *end)
{
	while (at < end) {
		const unsigned char *feed = memchr(at, '\n', (size_t)(end - at));
		const unsigned char *limit = feed == NULL ? end : feed;
		const unsigned char *carriage = memchr(at, '\r', (size_t)(limit - at));

		ends->unended = true;
		if (carriage == NULL)
			return limit;
		if (feed == NULL || carriage + 1 < feed)
			return carriage;
		ends->unended = false;
		at = feed + 1;
	}
	return end;
}

void line_ends_pass(struct line_ends *ends, const unsigned char *bytes, size_t length)
{
	const unsigned char *at = bytes, *end = bytes + length;

	if (length > 0 && ends->held) {
		give_line_end(ends);
		at += *at == '\n';
		ends->held = false;
	}
	while (at < end) {
		const unsigned char *bare = find_bare(ends, at, end);

		give(ends, at, bare);
		if (bare == end)
			return;
		at = bare + 1;
		ends->held = *bare == '\r' && at == end;
		if (!ends->held)
			give_line_end(ends);
	}
}

void line_ends_finish(struct line_ends *ends)
{
	if (ends->held || ends->unended)
		give_line_end(ends);
	ends->held = false;
}
