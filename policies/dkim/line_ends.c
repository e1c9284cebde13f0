/*
 * line_ends.c - makes every line end of a body CRLF. Called by dkim.c and sign.c for each chunk,
 * before canon.c.
 */
#include "dkim/line_ends.h"

#include "base/invariant.h"
#include "dkim/scan.h"

static void line_ends_give(struct line_ends *ends, const void *bytes, size_t length)
{
	if (length == 0)
		return;
	ends->give(ends->context, bytes, length);
	ends->unended = ((const unsigned char *)bytes)[length - 1] != '\n';
}

/* The first LF from `at` on that does not follow a CR; `end` if there is none. Octets before
 * `start` are not read. */
static const unsigned char *find_bare_feed(const unsigned char *start, const unsigned char *at,
                                           const unsigned char *end)
{
	if (at == start && at < end) {
		if (*at == '\n')
			return at;
		at++;
	}
	return start + scan_bare_feed(start, (size_t)(at - start), (size_t)(end - start));
}

void line_ends_pass(struct line_ends *ends, const unsigned char *bytes, size_t length)
{
	const unsigned char *at = bytes, *end = bytes + length;

	invariant(ends->give != NULL);
	if (length == 0)
		return;
	if (ends->held) {
		line_ends_give(ends, "\r\n", *at == '\n' ? 2 : 1);
		at += *at == '\n';
	}
	ends->held = at < end && end[-1] == '\r';
	end -= ends->held;
	while (at < end) {
		const unsigned char *feed = find_bare_feed(bytes, at, end);

		line_ends_give(ends, at, (size_t)(feed - at));
		if (feed == end)
			return;
		line_ends_give(ends, "\r\n", 2);
		at = feed + 1;
	}
}

void line_ends_finish(struct line_ends *ends)
{
	if (ends->held)
		line_ends_give(ends, "\r", 1);
	if (ends->unended)
		line_ends_give(ends, "\r\n", 2);
	ends->held = false;
}
