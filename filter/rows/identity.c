/*
 * identity.c - SipHash-2-4 (Aumasson, Bernstein 2012) with 128 bits of result. row_text.c checks
 * records with it, tally.c and the store tell rows apart with it.
 */
#include "rows/identity.h"

#include <endian.h>
#include <string.h>

struct identity_state {
	uint64_t v0, v1, v2, v3;
};

static uint64_t identity_rotate(uint64_t word, unsigned bits)
{
	return word << bits | word >> (64 - bits);
}

static uint64_t word_at(const unsigned char *bytes, size_t length)
{
	uint64_t word = 0;

	memcpy(&word, bytes, length);
	return le64toh(word);
}

static void write_word(unsigned char *bytes, uint64_t word)
{
	for (size_t i = 0; i < 8; i++)
		bytes[i] = (unsigned char)(word >> (8 * i));
}

static void rounds(struct identity_state *state, unsigned count)
{
	while (count-- > 0) {
		state->v0 += state->v1;
		state->v2 += state->v3;
		state->v1 = identity_rotate(state->v1, 13) ^ state->v0;
		state->v3 = identity_rotate(state->v3, 16) ^ state->v2;
		state->v0 = identity_rotate(state->v0, 32);
		state->v2 += state->v1;
		state->v0 += state->v3;
		state->v1 = identity_rotate(state->v1, 17) ^ state->v2;
		state->v3 = identity_rotate(state->v3, 21) ^ state->v0;
		state->v2 = identity_rotate(state->v2, 32);
	}
}

static void identity_add_word(struct identity_state *state, uint64_t word)
{
	state->v3 ^= word;
	rounds(state, 2);
	state->v0 ^= word;
}

static uint64_t half(struct identity_state *state)
{
	rounds(state, 4);
	return state->v0 ^ state->v1 ^ state->v2 ^ state->v3;
}

struct identity identity_of(const struct identity *key, uint64_t seed, const char *bytes,
                            size_t length)
{
	const unsigned char *at = (const unsigned char *)bytes;
	uint64_t k0 = word_at(key->bytes, 8), k1 = word_at(key->bytes + 8, 8);
	uint64_t last = (uint64_t)(length + 8) << 56;
	struct identity_state state = {k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d ^ 0xee,
	                               k0 ^ 0x6c7967656e657261, k1 ^ 0x7465646279746573};
	struct identity identity = {{0}};

	identity_add_word(&state, seed);
	for (; length >= 8; length -= 8, at += 8)
		identity_add_word(&state, word_at(at, 8));
	identity_add_word(&state, last | word_at(at, length));
	state.v2 ^= 0xee;
	write_word(identity.bytes, half(&state));
	state.v1 ^= 0xdd;
	write_word(identity.bytes + 8, half(&state));
	return identity;
}
