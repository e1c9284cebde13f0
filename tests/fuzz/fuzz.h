/*
 * fuzz.h - what the fuzz targets share: must(), and inputs that are lists of strings.
 */
#ifndef ASSAY_FUZZ_H
#define ASSAY_FUZZ_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static inline void must(bool holds)
{
	if (!holds)
		abort();
}

/* The octets that are left. */
struct fuzz_input {
	const char *at, *end;
};

/* The next string, up to a NUL or the end; in the arena. "" after the last. */
static inline char *fuzz_string(struct fuzz_input *input, struct arena *arena)
{
	const char *start = input->at;
	size_t length = strnlen(start, (size_t)(input->end - start));

	input->at = start + length < input->end ? start + length + 1 : input->end;
	return arena_copy(arena, start, length);
}

/* The next octet; 0 after the last. */
static inline unsigned fuzz_octet(struct fuzz_input *input)
{
	return input->at < input->end ? (unsigned char)*input->at++ : 0;
}

/* No octet below a blank, and no DEL. */
static inline void fuzz_must_be_printable(const char *text)
{
	for (; *text != '\0'; text++)
		must((unsigned char)*text >= ' ' && *text != 0x7F);
}

#endif
