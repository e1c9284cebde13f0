/*
 * scan.c - searches in vectors of sixteen octets, which every compiler here turns into what its
 * processor has. Called by line_ends.c and canon.c for each chunk of a body.
 *
 * A body of usual mail is one run of octets that its canonical form leaves as they are, so this is
 * what a large mail costs beside its hash.
 */
#include "dkim/scan.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/invariant.h"

enum {
	WIDTH = 16
};

typedef unsigned char scan_vector __attribute__((vector_size(WIDTH)));

static scan_vector scan_load(const unsigned char *bytes)
{
	scan_vector vector;

	memcpy(&vector, bytes, WIDTH);
	return vector;
}

static bool scan_any(scan_vector found)
{
	uint64_t halves[WIDTH / sizeof(uint64_t)];

	memcpy(halves, &found, WIDTH);
	return (halves[0] | halves[1]) != 0;
}

static scan_vector bare_feeds(const unsigned char *bytes)
{
	return (scan_vector)((scan_load(bytes) == '\n') & (scan_load(bytes - 1) != '\r'));
}

size_t scan_bare_feed(const unsigned char *bytes, size_t from, size_t length)
{
	size_t at = from;

	invariant(from > 0);
	while (length - at >= 4 * WIDTH && at < length &&
	       !scan_any(bare_feeds(bytes + at) | bare_feeds(bytes + at + WIDTH) |
	                 bare_feeds(bytes + at + 2 * WIDTH) | bare_feeds(bytes + at + 3 * WIDTH)))
		at += 4 * WIDTH;
	while (at < length && (bytes[at] != '\n' || bytes[at - 1] == '\r'))
		at++;
	return at;
}

/* Octets after which something may have to change. One octet behind them is read. */
static scan_vector changes(const unsigned char *bytes)
{
	scan_vector one = scan_load(bytes), next = scan_load(bytes + 1);

	return (scan_vector)((one == '\t') | (((one == ' ') | (one == '\n')) & (next <= ' ')));
}

static bool is_change(unsigned char one, unsigned char next)
{
	return one == '\t' || ((one == ' ' || one == '\n') && next <= ' ');
}

/* The first octet of those that were found; WIDTH if there is none. */
static size_t scan_first(scan_vector found)
{
	uint64_t halves[WIDTH / sizeof(uint64_t)];
	size_t at = 0;

	if (!scan_any(found))
		return WIDTH;
	memcpy(halves, &found, WIDTH);
	if (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)
		return halves[0] != 0 ? (size_t)__builtin_ctzll(halves[0]) / 8
		                      : 8 + (size_t)__builtin_ctzll(halves[1]) / 8;
	while (found[at] == 0)
		at++;
	return at;
}

/* The first octet that has to be looked at, or the last one of all. */
static size_t find_change(const unsigned char *bytes, size_t length)
{
	size_t at = 0;

	while (length - at > WIDTH) {
		size_t first = scan_first(changes(bytes + at));

		at += first;
		if (first < WIDTH)
			return at;
		while (length - at > 4 * WIDTH &&
		       !scan_any(changes(bytes + at) | changes(bytes + at + WIDTH) |
		                 changes(bytes + at + 2 * WIDTH) | changes(bytes + at + 3 * WIDTH)))
			at += 4 * WIDTH;
	}
	while (at + 1 < length && !is_change(bytes[at], bytes[at + 1]))
		at++;
	return at;
}

size_t scan_relaxed(const unsigned char *bytes, size_t length)
{
	size_t at = find_change(bytes, length);

	/* The last octet: what follows it is not known. */
	if (at + 1 == length && bytes[at] != ' ' && bytes[at] != '\t' && bytes[at] != '\n')
		at++;
	if (at < length && bytes[at] == '\n') {
		invariant(at > 0 && bytes[at - 1] == '\r');
		at--;
	}
	return at;
}
