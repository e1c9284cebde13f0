/*
 * line_ends.c - CRLF line ends for a body that passes in chunks. Called by dkim.c before the body reaches
 * libopendkim, whose own conversion copies each octet and trips over chunk boundaries.
 */
#include "line_ends.h"

#include <string.h>

static void give(struct line_ends *ends, const unsigned char *from, const unsigned char *to)
{
	if (from < to)
		ends->give(ends->with, from, (size_t)(to - from));
}

static void give_line_end(struct line_ends *ends)
{
	ends->give(ends->with, (const unsigned char *)"\r\n", 2);
}

/* The first octet from `at` on that is no part of a CRLF but a CR or LF; `end` where there is none. A CR as
 * the very last octet is one of these. */
static const unsigned char *find_bare(const unsigned char *at, const unsigned char *end)
{
	while (at < end) {
		const unsigned char *feed = memchr(at, '\n', (size_t)(end - at));
		const unsigned char *limit = feed == NULL ? end : feed;
		const unsigned char *carriage = memchr(at, '\r', (size_t)(limit - at));

		if (carriage == NULL)
			return limit;
		if (feed == NULL || carriage + 1 < feed)
			return carriage;
		at = feed + 1;
	}
	return end;
}

void line_ends_pass(struct line_ends *ends, const unsigned char *bytes, size_t length)
{
	const unsigned char *at = bytes, *end = bytes + length;

	if (length == 0)
		return;
	if (ends->held) {
		give_line_end(ends);
		at += *at == '\n';
		ends->held = false;
		ends->unended = false;
	}
	while (at < end) {
		const unsigned char *bare = find_bare(at, end);

		give(ends, at, bare);
		ends->unended = bare == end ? end[-1] != '\n' : bare > at && bare[-1] != '\n';
		if (bare == end)
			return;
		at = bare + 1;
		if (*bare == '\r' && at == end) {
			ends->held = true;
			return;
		}
		give_line_end(ends);
		ends->unended = false;
	}
}

void line_ends_finish(struct line_ends *ends)
{
	if (ends->held || ends->unended)
		give_line_end(ends);
	ends->held = false;
	ends->unended = false;
}
