/*
 * body_bench.c - what hashing a body takes beside SHA-256 alone: canonicalization and hash of 1 MB,
 * in chunks of 65,535 octets as mail servers send them.
 *
 *     tests/bench/body_bench [ROUNDS]     default 40
 *
 * Prints nanoseconds and, where the processor counts them, cycles an octet, and how many times as
 * long as SHA-256 of the same octets takes; both are taken alternately, the median counts. Not part
 * of `make check`.
 */
#include <openssl/evp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "dkim/body_hashes.h"
#include "dkim/line_ends.h"

enum {
	OCTETS = 1000000,
	CHUNK = 65535,
	ROUNDS_MAX = 1000
};

struct body {
	const char *name;
	unsigned char *bytes;
};

#ifdef __x86_64__
static uint64_t cycles(void)
{
	return __builtin_ia32_rdtsc();
}
#else
static uint64_t cycles(void)
{
	return 0;
}
#endif

/* What one pass takes. */
struct taken {
	double nanoseconds, cycles;
};

static struct taken taken_since(const struct timespec *began, uint64_t cycles_then)
{
	uint64_t counted = cycles() - cycles_then;
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (struct taken){(double)(now.tv_sec - began->tv_sec) * 1e9 +
	                          (double)(now.tv_nsec - began->tv_nsec),
	                      (double)counted};
}

static void pass_alone(const unsigned char *bytes)
{
	unsigned char digest[EVP_MAX_MD_SIZE];

	EVP_Digest(bytes, OCTETS, digest, NULL, EVP_sha256(), NULL);
}

static void pass_canonical(const unsigned char *bytes, enum canonicalization form)
{
	struct arena *arena = arena_new();
	struct body_hashes *hashes = body_hashes_begin(arena);
	struct line_ends ends = {.give = body_hashes_add, .context = hashes};

	body_hashes_want(hashes, form, NULL);
	for (size_t at = 0; at < OCTETS; at += CHUNK)
		line_ends_pass(&ends, bytes + at, OCTETS - at < CHUNK ? OCTETS - at : CHUNK);
	line_ends_finish(&ends);
	body_hashes_end(hashes);
	arena_free(arena);
}

static int compare(const void *one, const void *other)
{
	double difference =
	    ((const struct taken *)one)->nanoseconds - ((const struct taken *)other)->nanoseconds;

	return difference < 0 ? -1 : difference > 0;
}

static struct taken median(struct taken *all, size_t count)
{
	qsort(all, count, sizeof *all, compare);
	return all[count / 2];
}

static void measure(const struct body *body, enum canonicalization form, size_t rounds)
{
	static struct taken alone[ROUNDS_MAX], canonical[ROUNDS_MAX];
	struct taken one, other;

	for (size_t i = 0; i < rounds; i++) {
		struct timespec began;
		uint64_t then;

		clock_gettime(CLOCK_MONOTONIC, &began);
		then = cycles();
		pass_alone(body->bytes);
		alone[i] = taken_since(&began, then);
		clock_gettime(CLOCK_MONOTONIC, &began);
		then = cycles();
		pass_canonical(body->bytes, form);
		canonical[i] = taken_since(&began, then);
	}
	one = median(alone, rounds);
	other = median(canonical, rounds);
	printf("%-24s %-8s %6.3f ns %6.2f cycles   SHA-256 %6.3f ns %6.2f cycles   %.2fx\n",
	       body->name, canon_names[form], other.nanoseconds / OCTETS, other.cycles / OCTETS,
	       one.nanoseconds / OCTETS, one.cycles / OCTETS, other.nanoseconds / one.nanoseconds);
}

static struct body body_of(const char *name, const char *unit)
{
	struct body body = {name, malloc(OCTETS)};
	size_t length = strlen(unit);

	if (body.bytes == NULL)
		abort();
	for (size_t at = 0; at < OCTETS; at += length)
		memcpy(body.bytes + at, unit, OCTETS - at < length ? OCTETS - at : length);
	return body;
}

int main(int argc, char **argv)
{
	const struct body bodies[] = {
	    body_of("base64", "VGhlIG1lZXRpbmcgb2YgdGhlIGJvYXJkIHRvb2sgcGxhY2Ugb24gVGh1cnNkYXkgYXMg"
	                      "cGxhbm5l\r\n"),
	    body_of("text", "000123 the meeting of the board took place on Thursday as planned and "
	                    "most\r\n"),
	    body_of("HTML, indented", "    <td class=\"a\">  <a href=\"https://example.org/x\">The "
	                              "board</a></td>\r\n"),
	    body_of("LF alone",
	            "000123 the meeting of the board took place on Thursday as planned\n"),
	    body_of("blanks", "x  "),
	    body_of("short lines", "a b\r\n"),
	};
	long rounds = argc > 1 ? atol(argv[1]) : 40;

	rounds = rounds < 1 ? 1 : rounds > ROUNDS_MAX ? ROUNDS_MAX : rounds;
	for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
		measure(&bodies[i], CANON_SIMPLE, (size_t)rounds);
		measure(&bodies[i], CANON_RELAXED, (size_t)rounds);
		free(bodies[i].bytes);
	}
	return 0;
}
